"""The memory world: the spec made into a World, in plain Python, with gates.

It is the embedded default, the example of a correct world, and what the mutants break. Each
operation first reads (a gate), then decides and writes in one indivisible commit (a gate), as a
real world does with a conditional update. Nothing here awaits anything but gates.
"""

from __future__ import annotations

from typing import Any, NoReturn

from conformance.core.gates import Gate, Key, Rows
from conformance.core.history import Level
from conformance.memory.reading import Reading, details
from conformance.spec.lines import UNDECLARED, line_of
from conformance.spec.machine import CREATION, State
from conformance.spec.table import Outcome, Row
from conformance.spec.vocabulary import (
    Entity,
    Event,
    WorldError,
    conflict,
    gone,
    not_found,
    too_early,
)

#: Logical time begins here (2026-01-01T00:00:00Z, in milliseconds).
EPOCH = 1_767_225_600_000

_FREES_TOKENS = frozenset({"run_completed", "run_failed", "run_cancelled", "hook_disposed"})


class MemoryWorld(Reading):
    """A World in memory. All actors share one instance, as threads of one process would.

    Answers and refusals have the SDK's shapes; refusals are :class:`WorldError`.
    """

    #: what its runs are stamped with, which says of which line of the spec it is
    spec_version = UNDECLARED
    #: what it declares that it can do, by the names of the interface
    capabilities: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything; the logical clock begins anew."""
        self.state = State(line_of(self.spec_version))
        self.events: dict[str, list[Event]] = {}
        self.now = EPOCH
        #: the time moves only when it is moved
        self.still = False
        self.runs: dict[str, Entity] = {}
        self.kept: dict[tuple[str, str, str], Entity] = {}
        self.logs: list[tuple[Level, str]] = []
        self._ids = 0

    def save(self) -> dict[str, Any]:
        """Everything there is now; :meth:`restore` goes back to it, as often as wanted."""
        return {name: _copied(value) for name, value in vars(self).items()}

    def restore(self, saved: dict[str, Any]) -> None:
        """Go back to what was saved."""
        vars(self).update({name: _copied(value) for name, value in saved.items()})

    # -- the clock and ids ----------------------------------------------------------------------

    def tick(self) -> int:
        """The next millisecond, or the same where time stands still."""
        self.now += not self.still
        return self.now

    def _next_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:08d}"

    def log(self, level: Level, text: str) -> None:
        """What this world would print; the driver moves it into the history."""
        self.logs.append((level, text))

    # -- writing --------------------------------------------------------------------------------

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        """Append an event and move its entity, or refuse."""
        if run_id is None:
            run_id = self._next_id("wrun")
        keys = self.touches(run_id, event)
        await Gate(f"read {run_id}", "read", keys)
        seen = self.look_up(run_id, event)
        await Gate(f"commit {event['eventType']}", "write", keys)
        return self.commit(run_id, event, seen)

    def touches(self, run_id: str, event: Event) -> tuple[Key, ...]:
        """What an event reads and writes; the run itself is in it, for its status guards everything."""
        if event["eventType"] == "hook_created":
            return (run_id, Rows("hooks", (("token", event["eventData"]["token"]),)))
        if event["eventType"] in _FREES_TOKENS:
            # Which tokens become free is not known before the read.
            return (run_id, Rows("hooks", (("run", run_id),)))
        return (run_id,)

    def look_up(self, run_id: str, event: Event) -> Row:
        """The row that decides this event now."""
        return self.state.look_up(run_id, event, now=self.now)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:  # noqa: ARG002 - mutants trust `seen`
        """Decide and write, with nothing in between. The row seen at the read is only a hint."""
        return self.carry_out(run_id, event, self.look_up(run_id, event))

    def carry_out(self, run_id: str, event: Event, row: Row) -> dict[str, Any]:
        """Do what a row says: refuse, or move the entity and append the event."""
        outcome = row.outcomes[0]
        if outcome.answer not in ("ok", "hook_conflict"):
            self.refuse(outcome, row, event)
        return self.write(run_id, event, outcome)

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        """Raise the refusal that an outcome names."""
        raise refusal(outcome, f"{event['eventType']} refused ({row.rule})")

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        """Move the entity and append the event."""
        now = self.tick()
        two = outcome.logs and self.state.makes_two(run_id, event)
        self.state.take(run_id, event, outcome, now=now)
        created: Event | None = None
        if two:
            created, event = _apart(event)
            self.append(run_id, created, now)
        stored: Event | None = None
        if outcome.logs:
            stored = self.append(run_id, event, now, conflict=outcome.answer == "hook_conflict")
        maker = created if created is not None else event
        if maker["eventType"] == "run_created":
            data = maker["eventData"]
            self.runs[run_id] = {
                "runId": run_id,
                "workflowName": data["workflowName"],
                "deploymentId": data.get("deploymentId", ""),
                "input": data.get("input"),
                "executionContext": data.get("executionContext"),
                "specVersion": self.spec_version,
            }
        for each in (created, event) if outcome.to is not None else ():
            if each is not None:
                self._keep(run_id, each, now)
        result = self.result(run_id, event, stored)
        return {**result, "stepCreated": True} if two and "step" in result else result

    def _keep(self, run_id: str, event: Event, now: int) -> None:
        """Keep what an event sets beside the state."""
        which = (event["eventType"].partition("_")[0], run_id, event.get("correlationId") or "")
        self.kept[which] = details(event, now, self.kept.get(which, {}))

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        """A success: the event that was stored, if one was, and the entity as it is now."""
        result: dict[str, Any] = {} if stored is None else {"event": stored}
        key = event.get("correlationId")
        match event["eventType"][:4]:
            case "step":
                assert key is not None
                result["step"] = self.step_entity(run_id, key)
            case "wait":
                assert key is not None
                result["wait"] = self.wait_entity(run_id, key)
            case "hook":
                if key in self.state.hooks:
                    result["hook"] = self.hook_entity(key)
            case _:
                result["run"] = self.run_entity(run_id)
        return result

    def event_id(self, run_id: str) -> str:  # noqa: ARG002 - positions are those of a log
        """The id of the next event of a run."""
        return self._next_id("evnt")

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        """Add one event to the log."""
        stored = {**event, "runId": run_id, "eventId": self.event_id(run_id), "createdAt": now}
        if conflict:
            stored["eventType"] = "hook_conflict"
        self.events.setdefault(run_id, []).append(stored)
        return stored


#: What a start brings for the creation of its step or run, which gets it.
_OF_CREATION = {
    "step_started": frozenset({"stepName", "input"}),
    "run_started": frozenset({"workflowName", "deploymentId", "input", "executionContext", "attributes"}),
}


def _apart(event: Event) -> tuple[Event, Event]:
    """The creation and the start that a start which creates is made of."""
    kind: str = event["eventType"]
    data = event["eventData"]
    of_creation = _OF_CREATION[kind]
    created = {name: item for name, item in data.items() if name in of_creation}
    left = {name: item for name, item in data.items() if name not in of_creation}
    return {**event, "eventType": CREATION[kind], "eventData": created}, {**event, "eventData": left}


def _copied(value: Any) -> Any:
    """A copy of a part of the world: entities and events are not changed once they are there."""
    if not isinstance(value, dict | list | State):
        return value
    copied = value.copy()
    if isinstance(copied, dict):
        for key, item in copied.items():
            if isinstance(item, list):
                copied[key] = item.copy()
    return copied


def refusal(outcome: Outcome, message: str) -> WorldError:
    """The error for an outcome that is not a success."""
    match outcome.answer:
        case "conflict":
            return conflict(message)
        case "gone":
            return gone(message)
        case "not_found":
            return not_found(message)
        case "too_early":
            return too_early(message, 1.0)
        case other:  # pragma: no cover - the table holds no other refusals
            raise AssertionError(f"not a refusal: {other}")
