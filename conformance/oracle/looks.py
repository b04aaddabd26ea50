"""What reads of entities showed while others wrote, by names, with what real time says of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from conformance.core.history import Call
from conformance.oracle.names import Names


class SeenLook(NamedTuple):
    """One read in the race: what it asked for, and what it was shown (None: there is no such thing).

    ``after``: the racing calls that had been answered when it began, as bits; ``before``: those that began
    when it had its answer. Where real time is not known, only those of the same actor.
    """

    actor: str
    op: str
    about: tuple[str, ...]
    shown: Hashable
    after: int = 0
    before: int = 0


def looks(
    calls: Iterable[Call], raced: Sequence[Call], see: Names, *, real_time: bool
) -> tuple[SeenLook, ...]:
    """The reads among the racing calls. ``raced``: the calls that create events, as bits count them."""
    return tuple(sorted(_looks(calls, raced, see, real_time=real_time), key=repr))


def _looks(
    calls: Iterable[Call], raced: Sequence[Call], see: Names, *, real_time: bool
) -> Iterator[SeenLook]:
    for call in calls:
        if call.phase != "race" or call.ended == -1 or call.op not in _SEEN:
            continue
        if call.error is not None and call.answer != "not_found":
            continue
        seen = _SEEN[call.op](call, see)
        if seen is None:
            continue
        about, shown = seen
        after = before = 0
        for bit, other in enumerate(raced):
            if real_time or other.actor == call.actor:
                after |= (other.ended < call.began) << bit
                before |= (other.began > call.ended) << bit
        yield SeenLook(call.actor, call.op, about, shown, after, before)


_Seen = tuple[tuple[str, ...], Hashable] | None


def _run(call: Call, see: Names) -> _Seen:
    about = (see.of(call.args[0]),)
    if call.value is None or call.error is not None:
        return about, None
    status = call.value["status"]
    return about, (status, see.freeze(call.value.get("output")) if status == "completed" else None)


def _step(call: Call, see: Names) -> _Seen:
    about = see.of(call.args[0]), see.of(call.args[1])
    return about, None if call.value is None or call.error is not None else _of_step(call.value, see)


def _of_step(step: Any, see: Names) -> Hashable:
    status = step["status"]
    return status, step["attempt"], see.freeze(step.get("output")) if status == "completed" else None


def _hook(call: Call, see: Names) -> _Seen:
    about = (see.of(call.args[0]),)
    if call.value is None or call.error is not None:
        return about, None
    return about, (see.of(call.value["hookId"]), see.of(call.value["runId"]))


def _whole(call: Call) -> bool:
    """Whether a list came as one page."""
    asked = call.args[0].get("pagination") or {}
    return call.error is None and not asked.get("cursor") and not call.value.get("hasMore")


def _steps(call: Call, see: Names) -> _Seen:
    if not _whole(call):
        return None
    shown = sorted((see.of(step["stepId"]), _of_step(step, see)) for step in call.value["data"])
    return (see.of(call.args[0]["runId"]),), tuple(shown)


def _hooks(call: Call, see: Names) -> _Seen:
    if not _whole(call):
        return None
    return (see.of(call.args[0]["runId"]),), tuple(
        sorted(see.of(hook["hookId"]) for hook in call.value["data"])
    )


_SEEN: Final[dict[str, Callable[[Call, Names], _Seen]]] = {
    "runs.get": _run,
    "steps.get": _step,
    "hooks.get": _hook,
    "hooks.getByToken": _hook,
    "steps.list": _steps,
    "hooks.list": _hooks,
}
