"""A caller dies in the middle of an event, then comes the next writer of the run, then the same call again.

What the dead caller left may mislead one kind of next writer only: a file that was staged for a payload is
read by the next payload alone. So each kind of event is tried with each kind of next writer. The likeliest to
be misled is one of the same kind, about another entity: it goes the same way. With budget ``default`` that is
the only one, and ``thorough`` has all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.scenario import Case, Race, Variant
from conformance.levels.storage import Suite
from conformance.spec.rows import LINES, Line
from conformance.spec.vocabulary import Event, WorldError

#: Who comes next in a run that is running.
NEXT: Final = (
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
#: A run that is not running takes this and nothing else; one that runs does not take it.
STARTS: Final = "run_started"
#: Another run claims a token that the event gives back, when all else is over.
CLAIM: Final = "claim"
#: Who may come next.
THEN: Final = (*NEXT, STARTS, CLAIM)
#: Events of line 5.x.
_SINCE: Final[dict[str, Line]] = {"step_started_lazily": 5, "attr_set": 5}
#: The next writer that is likeliest to be misled, by who dies. After the end of a run that is whoever meets
#: what the end should have taken away.
_LIKELIEST: Final = {
    **{kind: kind for kind in NEXT},
    STARTS: STARTS,
    "run_completed": "hook_received",
    "step_started_lazily": "step_created",
    "attr_set": "step_created",
}
#: Events that give tokens back.
_FREES: Final = frozenset({"hook_disposed", "run_completed", "run_failed", "run_cancelled"})
#: Who dies. The last four go the way of another one in the Worlds that are known.
KINDS: Final = (*_LIKELIEST, "run_failed", "run_cancelled", "step_failed", "step_retrying")


def next_writers(*dying: str) -> list[Variant]:
    """What a scenario is judged with at level ``storage``: each of these events, with each next writer."""
    return list(next_writer_variants(dying))


def next_writer_variants(dying: Sequence[str] = KINDS, then: Sequence[str] = THEN) -> Iterator[Variant]:
    """A variant at level ``storage`` for each kind of event and of next writer: ``hook_received-then-…``."""
    for kind in dying:
        for following in then:
            if (kind == STARTS) != (following == STARTS) or (following == CLAIM and kind not in _FREES):
                continue
            usual = kind in _LIKELIEST and following in (_LIKELIEST[kind], CLAIM)
            yield Variant(
                f"{kind}-then-{following}",
                "storage",
                partial(_claimed, kind) if following == CLAIM else partial(_build, kind, following),
                most=2,
                about=_about(kind, following),
                faulty=True,
                mixed=True,
                since=_SINCE.get(kind, LINES[0]),
                thorough=not usual,
            )


def _about(kind: str, following: str) -> str:
    if following == CLAIM:
        return f"A dies in the middle of {kind}; B makes the call again, then another run claims the token."
    return f"A dies in the middle of {kind}; B makes a {following}, then the call of A again."


async def _build(kind: str, following: str, suite: Suite, case: Case) -> Race:
    run = await suite.run(siblings=case.siblings, started=kind != STARTS)
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


async def _claimed(kind: str, suite: Suite, case: Case) -> Race:
    """The run has a hook, whose token the event gives back."""
    run, token = await suite.run(siblings=case.siblings), suite.name("token")
    hook = await suite.hook(run, token)
    dying = events.hook_disposed(hook) if kind == "hook_disposed" else await _event(suite, run, kind)

    async def end(actor: Actor) -> None:
        await actor.create(run, dying)

    async def claim(actor: Actor) -> None:
        another = await suite.run()
        await actor.create(another, events.hook_created(suite.name("hook"), token))

    return Race([end, end], then=claim, tokens=[token])


async def _event(suite: Suite, run: str, kind: str) -> Event:  # noqa: PLR0911, PLR0912 - one for each kind
    """An event of that kind that the run may take now, about an entity of its own."""
    match kind:
        case "step_created":
            return events.step_created(suite.name("step"), "work")
        case "step_started":
            return events.step_started(await suite.step(run))
        case "step_started_lazily":
            return events.step_started_lazily(suite.name("step"), "work")
        case "step_completed":
            return events.step_completed(await suite.step(run, started=True), "done")
        case "step_failed":
            return events.step_failed(await suite.step(run, started=True), "the body threw")
        case "step_retrying":
            return events.step_retrying(await suite.step(run, started=True), "not yet")
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
        case "attr_set":
            return events.attr_set(suite.name("attr"), {"key": "x"})
        case "run_started":
            return events.run_started()
        case "run_failed":
            return events.run_failed("the workflow threw")
        case "run_cancelled":
            return events.run_cancelled()
        case _:
            return events.run_completed("output")
