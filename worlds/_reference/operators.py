"""Mutants of the reference worlds by machine: every operator at every place where it changes something.

Their names are ``operator:place``. What an operator does to answers is here, for all databases alike; what
it does to a write is in ``worlds/<name>/mutants.py``, as are operators over the statements of one database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .mutants import Mutant
from .shapes import ENDS_RUN, LINE_5_ONLY, NEXT

#: Those of line 4.x, in which these mutants are judged.
EVENTS: Final = tuple(kind for kind in NEXT if kind not in LINE_5_ONLY)
#: Events whose data a replay reads.
_DATA: Final = {
    "run_created": ("input", "workflowName"),
    "run_completed": ("output",),
    "run_failed": ("error",),
    "step_created": ("stepName", "input"),
    "step_completed": ("result",),
    "step_failed": ("error",),
    "wait_created": ("resumeAt",),
    "hook_created": ("token",),
    "hook_received": ("payload",),
}
#: Fields of entities that a handler reads.
_FIELDS: Final = {
    "run": ("status", "startedAt", "input", "output", "error", "workflowName"),
    "step": ("status", "attempt", "input", "output", "error", "stepName", "retryAfter"),
    "hook": ("runId", "token"),
}
_READS: Final = ("runs_get", "steps_get", "steps_list", "events_list", "hooks_get_by_token", "hooks_list")
_EXPIRES: Final = ("step_completed", "step_failed", "wait_completed", "hook_created")

#: The operators that each database does in its own way, what they do, and to which events.
_WRITES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("guard-dropped", "{} looks at no state", EVENTS),
    ("guard-early", "{} looks at the state in a round trip of its own, then writes", EVENTS),
    ("guard-cached", "{} decides by what this process read at first, then writes", EVENTS),
    ("logged-later", "{} moves the entity, and is logged in a second transaction", EVENTS),
    ("logged-first", "{} is logged, and moves the entity in a second transaction", EVENTS),
    ("released-later", "{} releases the hooks in a second transaction", tuple(sorted(ENDS_RUN))),
    ("expired", "what {} did is dropped as soon as it is done", _EXPIRES),
)

#: Those that take the guard of an event out as a whole.
_WHOLE_GUARD: Final = frozenset({"guard-dropped", "guard-early", "guard-cached"})


def generic() -> Iterator[Mutant]:
    """Those that every reference world has."""
    for operator, says, kinds in _WRITES:
        for kind in kinds:
            if kind == "run_created" and operator != "guard-dropped":
                continue  # there is nothing before it
            yield made(operator, kind, says.format(kind), kind)
    for family, fields in _FIELDS.items():
        for field in fields:
            yield made("field-lost", f"{family}.{field}", f"a {family} is read without its {field}")
    for kind, fields in _DATA.items():
        for field in fields:
            yield made("data-lost", f"{kind}.{field}", f"the log has {kind} without its {field}", kind)
    for read in _READS:
        yield made("read-cached", read, f"{read} is never asked twice in one process")


def made(operator: str, place: str, breaks: str, kind: str = "") -> Mutant:
    """One mutant by machine; ``kind``: the event that it is about."""
    return Mutant(
        f"{operator}:{place}",
        breaks,
        (),
        "",
        frozenset({kind}) if operator in _WHOLE_GUARD and kind else frozenset(),
        operator != "guard-dropped",
        operator,
        place,
    )


class BrokenReads:
    """What operators do to answers, on every database. First among the bases of ``Broken``."""

    broken: Mutant

    @property
    def _cache(self) -> dict[str, Any]:
        found: dict[str, Any] = self.__dict__.setdefault("_cached", {})
        return found

    async def events_create(
        self, run_id: str | None, event: dict[str, Any], params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        created: dict[str, Any] = await super().events_create(run_id, event, params)  # type: ignore[misc]
        return {
            part: self._bare_event(value)
            if part == "event"
            else self._bare(part, value)
            if isinstance(value, dict)
            else value
            for part, value in created.items()
        }

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await self._read("events_list", params)
        return {**page, "data": [self._bare_event(event) for event in page["data"]]}

    async def runs_get(self, run_id: str) -> dict[str, Any]:
        return self._bare("run", await self._read("runs_get", run_id))

    async def steps_get(self, run_id: str, step_id: str) -> dict[str, Any]:
        return self._bare("step", await self._read("steps_get", run_id, step_id))

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await self._read("steps_list", params)
        return {**page, "data": [self._bare("step", step) for step in page["data"]]}

    async def hooks_get_by_token(self, token: str) -> dict[str, Any]:
        return self._bare("hook", await self._read("hooks_get_by_token", token))

    async def hooks_list(self, params: dict[str, Any]) -> dict[str, Any]:
        page = await self._read("hooks_list", params)
        return {**page, "data": [self._bare("hook", hook) for hook in page["data"]]}

    async def _read(self, name: str, *asked: Any) -> dict[str, Any]:
        key = f"{name} {asked}"
        if self.broken.operator == "read-cached" and self.broken.place == name and key in self._cache:
            kept: dict[str, Any] = self._cache[key]
            return kept
        found: dict[str, Any] = await getattr(super(), name)(*asked)
        self._cache[key] = found
        return found

    def _bare(self, family: str, entity: dict[str, Any]) -> dict[str, Any]:
        if self.broken.operator != "field-lost":
            return entity
        of, _, field = self.broken.place.partition(".")
        return {key: value for key, value in entity.items() if (of, field) != (family, key)}

    def _bare_event(self, event: dict[str, Any]) -> dict[str, Any]:
        kind, _, field = self.broken.place.partition(".")
        if self.broken.operator != "data-lost" or event["eventType"] != kind or "eventData" not in event:
            return event
        return {**event, "eventData": {k: v for k, v in event["eventData"].items() if k != field}}
