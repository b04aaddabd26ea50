"""Scenario 3: two handlers end one run, and at least one fails it.

Two replays see an error in user code and create ``run_failed``; or one fails the run while another
completes it, or someone cancels it from outside.

Winner     the run has the winner's terminal status.
Loser      conflict or gone; no continuation.
Afterwards exactly one terminal event, and it is the status.
Source     vercel/workflow#1418, scenario 3.
"""

from conformance.api import Actor, Case, HandlerSuite, Program, Race, Scenario, Suite, events, next_writers
from conformance.spec.vocabulary import Event

SCENARIO = Scenario(3, "run_failed", "Two handlers end one run, one fails it")
SCENARIO.crashes += next_writers("run_failed", "run_cancelled")


async def _ends(suite: Suite, case: Case, *ends: Event) -> Race:
    """Actors end one running run, in turn with each of these events."""
    run = await suite.run(siblings=case.siblings)

    def end(event: Event) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, event)

        return program

    return Race([end(ends[number % len(ends)]) for number in case.numbers])


@SCENARIO.storage("fail-fail")
async def fail_fail(suite: Suite, case: Case) -> Race:
    """Every actor fails the run."""
    return await _ends(suite, case, events.run_failed("user code threw"))


@SCENARIO.storage("fail-complete")
async def fail_complete(suite: Suite, case: Case) -> Race:
    """One completes the run, another fails it."""
    return await _ends(suite, case, events.run_completed(case.payload), events.run_failed("user code threw"))


@SCENARIO.storage("fail-cancel")
async def fail_cancel(suite: Suite, case: Case) -> Race:
    """One fails the run, another cancels it."""
    return await _ends(suite, case, events.run_failed("user code threw"), events.run_cancelled())


@SCENARIO.storage("complete-cancel")
async def complete_cancel(suite: Suite, case: Case) -> Race:
    """One completes the run, another cancels it."""
    return await _ends(suite, case, events.run_completed(case.payload), events.run_cancelled())


@SCENARIO.handlers("failing-message-twice")
async def failing_message_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message whose replay throws is delivered to every actor."""
    await suite.start("failing_workflow", [1, case.payload])
    last = await suite.until_continuation()
    return Race([suite.delivery(last)] * case.actors)


@SCENARIO.handlers("fail-and-cancel")
async def fail_and_cancel(suite: HandlerSuite, case: Case) -> Race:
    """One actor delivers the message whose replay throws, the others cancel the run from outside."""
    run = await suite.start("failing_workflow", [1, case.payload])
    last = await suite.until_continuation()
    return Race([suite.delivery(last)] + [suite.cancellation(run)] * (case.actors - 1))
