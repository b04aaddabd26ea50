"""Scenario 5: two handlers complete one wait.

Two replays see that a sleep is over and create ``wait_completed`` for it.

Winner     one ``wait_completed`` in the log.
Loser      conflict, and it goes on with its replay: the winner's event is there for it to read.
Afterwards both replays see the same log and reach the same state.
Source     vercel/workflow#1418, scenario 5.
"""

from conformance.api import Actor, Case, HandlerSuite, Race, Scenario, Suite, events, next_writers

SCENARIO = Scenario(5, "wait_completed", "Two handlers complete one wait")
SCENARIO.crashes += next_writers("wait_completed")


@SCENARIO.storage("complete-complete")
async def complete_complete(suite: Suite, case: Case) -> Race:
    """Every actor completes one elapsed wait."""
    run = await suite.run(siblings=case.siblings)
    wait = await suite.wait(run)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.wait_completed(wait))

    return Race([complete] * case.actors)


@SCENARIO.storage("complete-again")
async def complete_again(suite: Suite, case: Case) -> Race:
    """A wait that is completed already is completed again."""
    run = await suite.run()
    wait = await suite.wait(run)
    await suite.actor.create(run, events.wait_completed(wait))

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.wait_completed(wait))

    return Race([complete] * case.actors)


@SCENARIO.storage("create-complete")
async def create_complete(suite: Suite, case: Case) -> Race:
    """One creates a wait, the others complete it, before or after."""
    run = await suite.run(siblings=case.siblings)
    wait = suite.name("wait")

    async def create(actor: Actor) -> None:
        await actor.create(run, events.wait_created(wait, suite.elapsed()))

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.wait_completed(wait))

    return Race([create] + [complete] * (case.actors - 1))


@SCENARIO.handlers("wake-up-twice")
async def wake_up_twice(suite: HandlerSuite, case: Case) -> Race:
    """The wake-up of a sleep is delivered to every actor; a step follows the sleep."""
    await suite.start("sleep_then_step", [1000, case.payload])
    wake_up = await suite.until_continuation()
    return Race([suite.delivery(wake_up)] * case.actors)


@SCENARIO.handlers("wake-up-beside-step", most=3)
async def wake_up_beside_step(suite: HandlerSuite, case: Case) -> Race:
    """A wake-up and the continuation of a step that ran beside the sleep come at the same time."""
    await suite.start("sleep_and_step", [1000, case.payload])
    step = await suite.until_step()
    await suite.deliver(step)
    continuation = suite.queue.take(suite.next_message().id)
    wake_up = suite.queue.take(suite.next_message().id)
    programs = [suite.delivery(continuation), suite.delivery(wake_up)]
    return Race([programs[number % 2] for number in case.numbers])
