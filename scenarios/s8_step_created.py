"""Scenario 8: two handlers create one step, wait or hook.

Two replays suspend at the same place and create the same ``step_created``, ``wait_created`` or
``hook_created``: the correlation ids are the same, because replay is deterministic. Or two runs want
one hook token.

Winner     the entity exists once, with the winner's data.
Loser      conflict, and it goes on with its other items; a token that another run holds gives a
           ``hook_conflict`` event instead.
Afterwards one creation event per entity; the queue's idempotency key keeps a step from being run twice.
Source     vercel/workflow#1418, scenario 8.
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

SCENARIO = Scenario(8, "step_created", "Two handlers create one step, wait or hook")
SCENARIO.crashes += next_writers("step_created", "wait_created", "hook_created", "hook_received", "attr_set")


@SCENARIO.storage("step-step")
async def step_step(suite: Suite, case: Case) -> Race:
    """Every actor creates the same step, and then one that the others create too."""
    run = await suite.run(siblings=case.siblings)
    steps = [suite.name("step"), suite.name("step")]

    async def create(actor: Actor) -> None:
        await actor.create(run, events.step_created(steps[0], "work", case.payload))

    async def create_other(actor: Actor) -> None:
        await actor.create(run, events.step_created(steps[1], "work", case.payload))

    programs: list[Program] = [create] * case.actors
    if case.actors > 2:
        programs[2] = create_other
    return Race(programs)


@SCENARIO.storage("wait-wait")
async def wait_wait(suite: Suite, case: Case) -> Race:
    """Every actor creates the same wait."""
    run = await suite.run(siblings=case.siblings)
    wait, until = suite.name("wait"), suite.elapsed()

    async def create(actor: Actor) -> None:
        await actor.create(run, events.wait_created(wait, until))

    return Race([create] * case.actors)


@SCENARIO.storage("hook-hook")
async def hook_hook(suite: Suite, case: Case) -> Race:
    """Every actor creates the same hook, with the same token, for the same run."""
    run = await suite.run(siblings=case.siblings)
    hook, token = suite.name("hook"), suite.name("token")

    async def create(actor: Actor) -> None:
        await actor.create(run, events.hook_created(hook, token))

    return Race([create] * case.actors, tokens=[token])


@SCENARIO.storage("one-token-two-runs")
async def one_token_two_runs(suite: Suite, case: Case) -> Race:
    """Every actor creates a hook for a run of its own, and all want one token."""
    runs = [await suite.run() for _ in case.numbers]
    hooks = [suite.name("hook") for _ in case.numbers]
    token = suite.name("token")

    def create(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(runs[number], events.hook_created(hooks[number], token))

        return program

    return Race([create(number) for number in case.numbers], tokens=[token])


@SCENARIO.storage("resume-resume")
async def resume_resume(suite: Suite, case: Case) -> Race:
    """Every actor hands one resumption to a hook, as a message that comes again does. Where a World declares
    ``hookResumeDedup`` it has an id and is one event; elsewhere each is a payload of its own."""
    run = await suite.run(siblings=case.siblings)
    hook = await suite.hook(run)
    resume = {"resumeId": suite.name("resume"), "resumePayloadDigest": "0" * 64}
    params = resume if suite.declares("hookResumeDedup") else None

    async def receive(actor: Actor) -> None:
        await actor.create(run, events.hook_received(hook, case.payload), params)

    return Race([receive] * case.actors)


@SCENARIO.storage("resume-beside", since=5)
async def resume_beside(suite: Suite, case: Case) -> Race:
    """As ``resume-resume``; the second actor creates two steps before it hands the resumption over, so the
    position that the first one claims may be taken."""
    run = await suite.run(siblings=case.siblings)
    hook = await suite.hook(run)
    resume = {"resumeId": suite.name("resume"), "resumePayloadDigest": "0" * 64}
    params = resume if suite.declares("hookResumeDedup") else None
    steps = [suite.name("step"), suite.name("step")]

    async def receive(actor: Actor) -> None:
        await actor.create(run, events.hook_received(hook, case.payload), params)

    async def create_and_receive(actor: Actor) -> None:
        for step in steps:
            await actor.create(run, events.step_created(step, "work", case.payload))
        await receive(actor)

    return Race([receive, create_and_receive, *[receive] * (case.actors - 2)])


@SCENARIO.storage("attribute-attribute", since=5)
async def attribute_attribute(suite: Suite, case: Case) -> Race:
    """Every actor sets an attribute of its own and one that all set; then one event comes once more."""
    run = await suite.run(siblings=case.siblings)
    made = [
        events.attr_set(suite.name("attr"), {f"key{number}": "x", "shared": str(number)})
        for number in case.numbers
    ]

    def put(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, made[number])

        return program

    return Race([put(number) for number in case.numbers], then=put(0))


@SCENARIO.storage("create-and-report", since=5)
async def create_and_report(suite: Suite, case: Case) -> Race:
    """Every actor reads the log and creates a step; it says what it knows (a cursor, or a number of events),
    and the answer may bring what it lacks."""
    run = await suite.run(siblings=case.siblings)
    steps = [suite.name("step") for _ in case.numbers]
    asked = {"runId": run, "pagination": {"sortOrder": "asc", "limit": 1000}}

    def create(number: int) -> Program:
        async def program(actor: Actor) -> None:
            page = await actor.call("events.list", asked)
            known = {"sinceCursor": page["cursor"]} if number % 2 else {"eventCount": len(page["data"])}
            await actor.create(run, events.step_created(steps[number], "work", case.payload), known)

        return program

    return Race([create(number) for number in case.numbers])


@SCENARIO.storage("batch-batch", since=5)
async def batch_batch(suite: Suite, case: Case) -> Race:
    """Every actor writes a batch: a step that all create, then a step and a wait of its own. Where a World
    has no batches the events are written one by one."""
    run = await suite.run(siblings=case.siblings)
    shared, until = suite.name("step"), suite.elapsed()
    batches = [
        [
            events.step_created(shared, "work", case.payload),
            events.step_created(suite.name("step"), "work", case.payload),
            events.wait_created(suite.name("wait"), until),
        ]
        for _ in case.numbers
    ]

    def write(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create_batch(run, batches[number])

        return program

    return Race([write(number) for number in case.numbers])


@SCENARIO.storage("batch-create", since=5)
async def batch_create(suite: Suite, case: Case) -> Race:
    """The first actor writes a batch that creates a step and starts it, and creates a wait. The others start
    that step, bringing its input, and create a step of their own."""
    run = await suite.run(siblings=case.siblings)
    shared = suite.name("step")
    batch = [
        events.step_created(shared, "work", case.payload),
        events.step_started(shared),
        events.wait_created(suite.name("wait"), suite.elapsed()),
    ]
    own = [suite.name("step") for _ in case.numbers]

    async def write(actor: Actor) -> None:
        await actor.create_batch(run, batch)

    def create(number: int) -> Program:
        async def program(actor: Actor) -> None:
            with suppress(WorldError):
                await actor.create(run, events.step_started_lazily(shared, "work", case.payload))
            await actor.create(run, events.step_created(own[number], "work", case.payload))

        return program

    return Race([write, *(create(number) for number in case.numbers[1:])])


@SCENARIO.storage("create-and-read-on")
async def create_and_read_on(suite: Suite, case: Case) -> Race:
    """Every actor creates a step of its own and reads the log, then reads on from where that ended."""
    return await _beside_readers(suite, case, 1000)


@SCENARIO.storage("create-and-page")
async def create_and_page(suite: Suite, case: Case) -> Race:
    """Every actor creates a step of its own and reads the log in pages of two events."""
    return await _beside_readers(suite, case, 2)


async def _beside_readers(suite: Suite, case: Case, limit: int) -> Race:
    run = await suite.run(siblings=case.siblings)
    steps = [suite.name("step") for _ in case.numbers]

    def create(number: int) -> Program:
        async def program(actor: Actor) -> None:
            await actor.create(run, events.step_created(steps[number], "work", case.payload))
            await actor.read_on(run, limit)

        return program

    return Race([create(number) for number in case.numbers])


@SCENARIO.storage("move-and-read-on")
async def move_and_read_on(suite: Suite, case: Case) -> Race:
    """Every other actor moves a step, the others a wait and a hook of theirs; all read on after each move."""
    run = await suite.run(siblings=case.siblings)
    steps = {number: await suite.step(run) for number in case.numbers[::2]}

    def move(number: int) -> Program:
        step, wait, hook = steps.get(number, ""), suite.name("wait"), suite.name("hook")
        of_step = [
            events.step_started(step),
            events.step_retrying(step, "not yet"),
            events.step_started(step),
            events.step_failed(step, "no more"),
        ]
        of_others = [
            events.wait_created(wait, suite.elapsed()),
            events.wait_completed(wait),
            events.hook_created(hook, suite.name("token")),
            events.hook_received(hook, case.payload),
            events.hook_disposed(hook),
        ]

        async def program(actor: Actor) -> None:
            end = await actor.read_from(run)
            for event in of_step if step else of_others:
                await actor.create(run, event)
                end = await actor.read_from(run, end)

        return program

    return Race([move(number) for number in case.numbers])


@SCENARIO.handlers("suspend-twice")
async def suspend_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message whose replay suspends on several steps is delivered to every actor."""
    run = await suite.start("fan_out", [2 + min(case.siblings, 1), case.payload])
    await suite.actor.create(run, events.run_started())
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(first)] * case.actors)


@SCENARIO.handlers("sleep-twice")
async def sleep_twice(suite: HandlerSuite, case: Case) -> Race:
    """The message whose replay suspends on a sleep and a step is delivered to every actor."""
    run = await suite.start("sleep_and_step", [1000, case.payload])
    await suite.actor.create(run, events.run_started())
    first = suite.queue.take(suite.next_message().id)
    return Race([suite.delivery(first)] * case.actors)


@SCENARIO.handlers("one-token-two-runs")
async def one_token_two_workflows(suite: HandlerSuite, case: Case) -> Race:
    """Two runs of a workflow want one token: one gets the hook, the others go on without it."""
    token = suite.name("token")
    messages = []
    for _ in case.numbers:
        await suite.start("hook_taken", [token, case.payload])
        messages.append(suite.queue.take(suite.next_message().id))
    return Race([suite.delivery(message) for message in messages], tokens=[token])


@SCENARIO.runtime("even-branches", most=2)
async def even_branches(suite: HandlerSuite, case: Case) -> Race:
    """Two branches of two steps: their first steps finish at once, and replays ask for the next."""
    return await suite.race_of_flow("even-branches", case.payload)


@SCENARIO.runtime("uneven-branches", most=2)
async def uneven_branches(suite: HandlerSuite, case: Case) -> Race:
    """As ``even-branches``; one branch lets some turns of the event loop pass before its next step."""
    return await suite.race_of_flow("uneven-branches", case.payload)


@SCENARIO.runtime("unread-payload", most=2)
async def unread_payload(suite: HandlerSuite, case: Case) -> Race:
    """A sleep and a step end at once, each is followed by a step; an unread payload came before."""
    return await suite.race_of_flow("unread-payload", case.payload)


@SCENARIO.runtime("flow", most=2, asked=True)
async def any_flow(suite: HandlerSuite, case: Case) -> Race:
    """The flow that the case names, or is."""
    return await suite.race_of_flow(case.flow or "even-branches", case.payload)
