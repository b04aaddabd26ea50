"""Scenario 7: two handlers start one step.

A step's message was delivered twice, or late: after the step had finished, or after its run had.

Winner     the step is running and the attempt is counted.
Loser      conflict when the step is finished, gone when the run is. Two starts of an unfinished step
           may both succeed (at-least-once), but then both are counted.
Afterwards no stuck run: the winner's completion continues it, or the loser queues it again.
           Redundant replay is allowed, a lost one is not.
Source     vercel/workflow#1418, scenario 7.
"""

from conformance.api import Actor, Case, HandlerSuite, Race, Scenario, Suite, events, next_writers

SCENARIO = Scenario(7, "step_started", "Two handlers start one step")
SCENARIO.crashes += next_writers("step_started", "step_started_lazily")


@SCENARIO.storage("start-start")
async def start_start(suite: Suite, case: Case) -> Race:
    """Every actor starts one pending step."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run)

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([start] * case.actors)


@SCENARIO.storage("start-finish")
async def start_finish(suite: Suite, case: Case) -> Race:
    """One completes a running step, the others start it again."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.step_completed(step, case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([complete] + [start] * (case.actors - 1))


@SCENARIO.storage("start-end")
async def start_end(suite: Suite, case: Case) -> Race:
    """One completes the run, the others start its pending step."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([complete] + [start] * (case.actors - 1))


@SCENARIO.storage("restart-end", since=5)
async def restart_end(suite: Suite, case: Case) -> Race:
    """One completes the run, the others start its running step again: in 5.x no work begins after the end."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([complete] + [start] * (case.actors - 1))


@SCENARIO.storage("lazy-lazy", since=5)
async def lazy_lazy(suite: Suite, case: Case) -> Race:
    """Every actor starts one step that is not there yet and brings its input: one creates it and runs it."""
    run = await suite.run(siblings=case.siblings)
    step = suite.name("step")

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started_lazily(step, "work", case.payload))

    return Race([start] * case.actors)


@SCENARIO.storage("lazy-end", since=5)
async def lazy_end(suite: Suite, case: Case) -> Race:
    """One completes the run, the others start a step that is not there yet and bring its input."""
    run = await suite.run(siblings=case.siblings)
    step = suite.name("step")

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started_lazily(step, "work", case.payload))

    return Race([complete] + [start] * (case.actors - 1))


@SCENARIO.storage("create-start")
async def create_start(suite: Suite, case: Case) -> Race:
    """One creates a step, the others start it, before or after."""
    run = await suite.run(siblings=case.siblings)
    step = suite.name("step")

    async def create(actor: Actor) -> None:
        await actor.create(run, events.step_created(step, "work"))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([create] + [start] * (case.actors - 1))


@SCENARIO.storage("start-early")
async def start_early(suite: Suite, case: Case) -> Race:
    """Every actor starts a step that is not to be tried again before tomorrow."""
    run = await suite.run(siblings=case.siblings)
    step = await suite.step(run, started=True)
    await suite.actor.create(run, events.step_retrying(step, "the body threw", suite.far()))

    async def start(actor: Actor) -> None:
        await actor.create(run, events.step_started(step))

    return Race([start] * case.actors)


@SCENARIO.handlers("late-step-message", most=2)
async def late_step_message(suite: HandlerSuite, case: Case) -> Race:
    """One actor runs a step and what follows, while the step's message is delivered again."""
    await suite.start("sequence", [1 + min(case.siblings, 1), case.payload])
    step = await suite.until_step()
    return Race([suite.delivery_and_rest(step), suite.delivery(step)])


@SCENARIO.handlers("retrying-step-twice")
async def retrying_step_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message of a step that throws at its first attempt is delivered to every actor."""
    await suite.start("retrying_step", [1])
    step = await suite.until_step()
    return Race([suite.delivery(step)] * case.actors)


@SCENARIO.handlers("finisher-died")
async def finisher_died(suite: HandlerSuite, case: Case) -> Race:
    """Whoever finished a step died before the run was continued; its message is delivered again, to all."""
    run = await suite.start("sequence", [1 + min(case.siblings, 1), case.payload])
    step = await suite.until_step()
    assert step.step_id is not None
    await suite.actor.create(run, events.step_started(step.step_id))
    await suite.actor.create(run, events.step_completed(step.step_id, case.payload))
    return Race([suite.delivery(step)] * case.actors)
