"""Scenario 6: two handlers finish one step.

A step's message was delivered twice; both handlers ran the body, and both create ``step_completed``
(or one saw it fail, or wants to retry it).

Winner     the step has the winner's result; the winner queues the one continuation.
Loser      conflict; it queues none.
Afterwards exactly one continuation per finished step, one result in the log, and every replay sees it.
Source     vercel/workflow#1418, scenario 6.
"""

from conformance.api import Actor, Case, HandlerSuite, Program, Race, Scenario, Suite, events, next_writers

SCENARIO = Scenario(6, "step_completed", "Two handlers finish one step")
SCENARIO.crashes += next_writers("step_completed", "step_failed", "step_retrying")


@SCENARIO.storage("complete-complete")
async def complete_complete(suite: Suite, case: Case) -> Race:
    """Every actor completes one running step, each with a result of its own."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.step_completed(step, {"by": actor.name, "value": case.payload}))

    return Race([complete] * case.actors)


@SCENARIO.storage("complete-fail")
async def complete_fail(suite: Suite, case: Case) -> Race:
    """One completes a running step, another fails it."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.step_completed(step, case.payload))

    async def fail(actor: Actor) -> None:
        await actor.create(run, events.step_failed(step, "the body threw"))

    return Race([(complete, fail)[number % 2] for number in case.numbers])


@SCENARIO.storage("complete-retry")
async def complete_retry(suite: Suite, case: Case) -> Race:
    """One completes a running step, another sends it back for a retry."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.step_completed(step, case.payload))

    async def retry(actor: Actor) -> None:
        await actor.create(run, events.step_retrying(step, "the body threw"))

    return Race([(complete, retry)[number % 2] for number in case.numbers])


@SCENARIO.handlers("step-message-twice")
async def step_message_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message of a step is delivered to every actor; each execution gives a result of its own."""
    await suite.start("stamped_step", [case.payload])
    step = await suite.until_step()
    return Race([suite.delivery(step)] * case.actors)


@SCENARIO.handlers("two-steps-finish")
async def two_steps_finish(suite: HandlerSuite, case: Case) -> Race:
    """Two steps of a fan-out finish at once, each queuing its continuation."""
    await suite.start("fan_out", [2, case.payload])
    one = await suite.until_step()
    other = await suite.until_step()

    def run(number: int) -> Program:
        return suite.delivery((one, other)[number % 2])

    return Race([run(number) for number in case.numbers])


@SCENARIO.handlers("failing-step-twice")
async def failing_step_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message of a step that fails for good is delivered to every actor."""
    await suite.start("failing_step_caught", [case.payload])
    step = await suite.until_step()
    return Race([suite.delivery(step)] * case.actors)
