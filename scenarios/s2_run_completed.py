"""Scenario 2: two handlers complete one run.

Two replays of one run reach the end of the workflow and create ``run_completed``.

Winner     the run is ``completed`` with its output.
Loser      conflict or gone, logged at info; no continuation.
Afterwards one terminal event, one output, and the status agrees with the log.
Source     vercel/workflow#1418, scenario 2.
"""

from conformance.api import Actor, Case, HandlerSuite, Race, Scenario, Suite, events, next_writers

SCENARIO = Scenario(2, "run_completed", "Two handlers complete one run")
SCENARIO.crashes += next_writers("run_completed")


@SCENARIO.storage("complete-complete")
async def complete_complete(suite: Suite, case: Case) -> Race:
    """Every actor completes a running run, each with an output of its own."""
    run = await suite.run(siblings=case.siblings)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed({"by": actor.name, "value": case.payload}))

    return Race([complete] * case.actors)


@SCENARIO.storage("complete-again")
async def complete_again(suite: Suite, case: Case) -> Race:
    """A run that is completed already is completed again, and started again."""
    run = await suite.run()
    await suite.actor.create(run, events.run_completed(case.payload))

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed({"by": actor.name}))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.run_started())

    return Race([(complete, start)[number % 2] for number in case.numbers])


@SCENARIO.handlers("last-message-twice")
async def last_message_twice(suite: HandlerSuite, case: Case) -> Race:
    """The continuation of the last step is delivered to every actor: all replays reach the end."""
    await suite.start("sequence", [1, case.payload])
    last = await suite.until_continuation()
    return Race([suite.delivery(last)] * case.actors)


@SCENARIO.handlers("only-message-twice")
async def only_message_twice(suite: HandlerSuite, case: Case) -> Race:
    """A workflow with no step ends in its first delivery, which is made to every actor."""
    await suite.start("empty", [case.payload])
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(first)] * case.actors)
