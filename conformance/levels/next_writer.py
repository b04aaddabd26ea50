"""A caller dies in the middle of an event, then comes the next writer of the run, then the same call again.

What the dead caller left may mislead one kind of next writer only: a file that was staged for a payload is
read by the next payload alone. So each kind of event is tried with each kind of next writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.scenario import Case, Race, Variant
from conformance.levels.storage import Suite
from conformance.spec.vocabulary import Event, WorldError

#: The kinds of events of a run that is running: who dies in the middle of one, and who comes next.
KINDS: Final = (
    "step_created",
    "step_started",
    "step_completed",
    "wait_created",
    "wait_completed",
    "hook_created",
    "hook_received",
    "hook_disposed",
    "run_completed",
)


def next_writer_variants(dying: tuple[str, ...] = KINDS, then: tuple[str, ...] = KINDS) -> Iterator[Variant]:
    """A variant at level ``storage`` for each kind of event and of next writer: ``hook_received-then-…``."""
    for kind in dying:
        for following in then:
            about = f"A dies in the middle of {kind}; B makes a {following}, then the call of A again."
            build = partial(_build, kind, following)
            yield Variant(
                f"{kind}-then-{following}", "storage", build, most=2, about=about, faulty=True, mixed=True
            )


async def _build(kind: str, following: str, suite: Suite, case: Case) -> Race:
    run = await suite.run(siblings=case.siblings)
    dying, after = await _event(suite, run, kind), await _event(suite, run, following)
    resume = {"resumeId": suite.name("resume"), "resumePayloadDigest": "0" * 64}
    params = resume if kind == "hook_received" and suite.declares("hookResumeDedup") else None

    async def dies(actor: Actor) -> None:
        await actor.create(run, dying, params)

    async def goes_on(actor: Actor) -> None:
        for event, more in ((after, None), (dying, params)):
            try:
                await actor.create(run, event, more)
            except WorldError:
                continue  # it is in the history

    return Race([dies, goes_on])


async def _event(suite: Suite, run: str, kind: str) -> Event:  # noqa: PLR0911 - one for each kind
    """An event of that kind that the run may take now, about an entity of its own."""
    match kind:
        case "step_created":
            return events.step_created(suite.name("step"), "work")
        case "step_started":
            return events.step_started(await suite.step(run))
        case "step_completed":
            return events.step_completed(await suite.step(run, started=True), "done")
        case "wait_created":
            return events.wait_created(suite.name("wait"), suite.elapsed())
        case "wait_completed":
            return events.wait_completed(await suite.wait(run))
        case "hook_created":
            return events.hook_created(suite.name("hook"), suite.name("token"))
        case "hook_received":
            return events.hook_received(await suite.hook(run), "payload")
        case "hook_disposed":
            return events.hook_disposed(await suite.hook(run))
        case _:
            return events.run_completed("output")
