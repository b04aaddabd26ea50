"""Scenario 1: two handlers start one run.

Two queue messages for one pending run arrive at once. Both handlers create ``run_started``. One of
them makes the run ``running`` and replays it. Whatever answer the other gets, the run must be started
once, and every handler that goes on must see the same ``startedAt``, because the ids of steps, sleeps
and hooks are derived from it.

Winner     goes on: it completes the run or suspends it with continuations queued.
Loser      success with the same run (starting is idempotent), or a conflict, which ends it quietly.
Afterwards the run is running once (must); one ``run_started`` event (should).
Source     vercel/workflow#1418, scenario 1.
"""

from conformance.api import WORKFLOW, Actor, Case, HandlerSuite, Race, Scenario, Suite, events, next_writers

SCENARIO = Scenario(1, "run_started", "Two handlers start one run")
SCENARIO.crashes += next_writers("run_started")


@SCENARIO.storage("start-start")
async def start_start(suite: Suite, case: Case) -> Race:
    """Every actor starts one pending run."""
    run = await suite.run(started=False, siblings=case.siblings)

    async def start(actor: Actor) -> None:
        await actor.create(run, events.run_started())

    return Race([start] * case.actors)


@SCENARIO.storage("start-end")
async def start_end(suite: Suite, case: Case) -> Race:
    """One actor starts a pending run and completes it, while the others start it late."""
    run = await suite.run(started=False)

    async def start_and_complete(actor: Actor) -> None:
        await actor.create(run, events.run_started())
        await actor.create(run, events.run_completed(case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.run_started())

    return Race([start_and_complete] + [start] * (case.actors - 1))


@SCENARIO.storage("create-again")
async def create_again(suite: Suite, case: Case) -> Race:
    """A run that exists is created once more, under its id."""
    run = await suite.run(siblings=case.siblings)

    async def create(actor: Actor) -> None:
        await actor.create(run, events.run_created(WORKFLOW, case.payload))

    return Race([create] * case.actors)


@SCENARIO.storage("create-create")
async def create_create(suite: Suite, case: Case) -> Race:
    """Every actor creates one new run, under the same id."""
    run = await suite.missing_run()

    async def create(actor: Actor) -> None:
        await actor.create(run, events.run_created(WORKFLOW, case.payload))

    return Race([create] * case.actors)


@SCENARIO.storage("create-start")
async def create_start(suite: Suite, case: Case) -> Race:
    """One actor creates a new run, while the others start it: its message may be there before it is."""
    run = await suite.missing_run()

    async def create(actor: Actor) -> None:
        await actor.create(run, events.run_created(WORKFLOW, case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.run_started())

    return Race([create] + [start] * (case.actors - 1))


@SCENARIO.storage("start-missing")
async def start_missing(suite: Suite, case: Case) -> Race:
    """Every actor starts a run that was never created."""
    run = await suite.missing_run()

    async def start(actor: Actor) -> None:
        await actor.create(run, events.run_started())

    return Race([start] * case.actors)


@SCENARIO.handlers("first-message-twice")
async def first_message_twice(suite: HandlerSuite, case: Case) -> Race:
    """The first message of a run with a step is delivered to every actor."""
    await suite.start("sequence", [1 + case.siblings, case.payload])
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(first)] * case.actors)


@SCENARIO.handlers("late-first-message", most=2)
async def late_first_message(suite: HandlerSuite, case: Case) -> Race:
    """One actor carries a run with a step to its end, while the first message is delivered again."""
    await suite.start("sequence", [1, case.payload])
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery_and_rest(first), suite.delivery(first)])
