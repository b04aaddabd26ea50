"""Scenario 4: a run completes while another handler still creates its hooks.

Handler A completes the workflow. Handler B, from an earlier message, is in the middle of suspending:
it creates hooks (or steps, or waits, or disposes of hooks).

Winner     the run is ``completed``; its hooks are released and their tokens free for reuse.
Loser      conflict or gone on its creations; a step it had queued gets gone on ``step_started``, and
           its body does not run.
Afterwards no live hook on a finished run, no step started after it; a new run can claim the token.
Source     vercel/workflow#1418, scenario 4.
"""

from contextlib import suppress

from conformance.api import (
    Actor,
    Case,
    HandlerSuite,
    Program,
    Race,
    Scenario,
    Suite,
    WorldError,
    events,
    next_writers,
)

SCENARIO = Scenario(
    4, "end_against_suspension", "A run ends while its hooks are created", short="end / suspension"
)
SCENARIO.crashes += next_writers("hook_disposed")


@SCENARIO.storage("complete-hook")
async def complete_hook(suite: Suite, case: Case) -> Race:
    """One completes the run, the others create hooks on it; then a new run claims the first token."""
    run = await suite.run()
    tokens = [suite.name("token") for _ in case.numbers]
    hooks = [suite.name("hook") for _ in case.numbers]

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    def create(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, events.hook_created(hooks[number], tokens[number]))

        return program

    async def claim(actor: Actor) -> None:
        another = await suite.run()
        await actor.create(another, events.hook_created(suite.name("hook"), tokens[1]))

    return Race([complete, *(create(number) for number in case.numbers[1:])], then=claim, tokens=tokens[1:])


@SCENARIO.storage("complete-dispose")
async def complete_dispose(suite: Suite, case: Case) -> Race:
    """One completes the run, the others dispose of its hook; then a new run claims the token."""
    run = await suite.run()
    token = suite.name("token")
    hook = await suite.hook(run, token)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def dispose(actor: Actor) -> None:
        await actor.create(run, events.hook_disposed(hook))

    async def claim(actor: Actor) -> None:
        another = await suite.run()
        await actor.create(another, events.hook_created(suite.name("hook"), token))

    return Race([complete] + [dispose] * (case.actors - 1), then=claim, tokens=[token])


@SCENARIO.storage("complete-claim")
async def complete_claim(suite: Suite, case: Case) -> Race:
    """One completes a run that has a hook. The others create a step of it, claim its token for a run of their
    own, and create another step: what ends the run frees the token."""
    run = await suite.run()
    token = suite.name("token")
    await suite.hook(run, token)
    others = [await suite.run() for _ in case.numbers[1:]]

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    def claim(other: str) -> Program:
        before, hook, after = suite.name("step"), suite.name("hook"), suite.name("step")

        async def program(actor: Actor) -> None:
            with suppress(WorldError):
                await actor.create(run, events.step_created(before, "work"))
            await actor.create(other, events.hook_created(hook, token))
            await actor.create(run, events.step_created(after, "work"))

        return program

    return Race([complete, *map(claim, others)], tokens=[token])


@SCENARIO.storage("complete-step")
async def complete_step(suite: Suite, case: Case) -> Race:
    """One completes the run; the others create steps (or waits) on it, and start the steps."""
    run = await suite.run(siblings=case.siblings)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    def create(number: int) -> Program:
        step, wait = suite.name("step"), suite.name("wait")

        async def create_step(actor: Actor) -> None:
            await actor.create(run, events.step_created(step, "work"))
            await actor.create(run, events.step_started(step))

        async def create_wait(actor: Actor) -> None:
            await actor.create(run, events.wait_created(wait, suite.elapsed()))

        return create_step if number % 2 else create_wait

    return Race([complete, *(create(number) for number in case.numbers[1:])])


@SCENARIO.storage("attribute-end", since=5)
async def attribute_end(suite: Suite, case: Case) -> Race:
    """One completes the run, the others set an attribute of it each; then one is set too late."""
    run = await suite.run()
    names = [suite.name("attr") for _ in case.numbers]

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    def put(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, events.attr_set(names[number], {f"key{number}": "x"}))

        return program

    return Race([complete, *(put(number) for number in case.numbers[1:])], then=put(0))


@SCENARIO.storage("receive-end")
async def receive_end(suite: Suite, case: Case) -> Race:
    """One completes the run, the others send payloads to its hook; then it gets another one, too late."""
    run = await suite.run()
    token = suite.name("token")
    hook = await suite.hook(run, token)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed(case.payload))

    async def receive(actor: Actor) -> None:
        await actor.create(run, events.hook_received(hook, case.payload))

    return Race([complete] + [receive] * (case.actors - 1), then=receive, tokens=[token])


@SCENARIO.storage("receive-dispose")
async def receive_dispose(suite: Suite, case: Case) -> Race:
    """One disposes of a hook, the others send payloads to it; then it gets another one, too late."""
    run = await suite.run()
    token = suite.name("token")
    hook = await suite.hook(run, token)

    async def dispose(actor: Actor) -> None:
        await actor.create(run, events.hook_disposed(hook))

    async def receive(actor: Actor) -> None:
        await actor.create(run, events.hook_received(hook, case.payload))

    return Race([dispose] + [receive] * (case.actors - 1), then=receive, tokens=[token])


@SCENARIO.handlers("hooks-left-behind", most=2)
async def hooks_left_behind(suite: HandlerSuite, case: Case) -> Race:
    """One actor carries a run with hooks to its end, while its first message is delivered again."""
    tokens = [suite.name("token") for _ in range(1 + min(case.siblings, 1))]
    await suite.start("leaves_hooks", [tokens, case.payload])
    first = suite.queue.take(suite.next_message().id)

    async def claim(actor: Actor) -> None:
        another = await suite.run()
        await actor.create(another, events.hook_created(suite.name("hook"), tokens[0]))

    return Race([suite.delivery_and_rest(first), suite.delivery(first)], then=claim, tokens=tokens)


@SCENARIO.handlers("cancel-suspension")
async def cancel_suspension(suite: HandlerSuite, case: Case) -> Race:
    """One actor suspends a run on its steps, the others cancel it from outside."""
    run = await suite.start("fan_out", [1 + min(case.siblings, 1), case.payload])
    await suite.actor.create(run, events.run_started())
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(first)] + [suite.cancellation(run)] * (case.actors - 1))


@SCENARIO.handlers("step-left-behind", most=2)
async def step_left_behind(suite: HandlerSuite, case: Case) -> Race:
    """A run ends with the first of two steps; the message of the other step comes at the same time."""
    await suite.start("leaves_step", [1, case.payload])
    one = await suite.until_step()
    other = await suite.until_step()
    return Race([suite.delivery_and_rest(one), suite.delivery(other)])
