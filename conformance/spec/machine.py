"""The machine that reads the table: pure, and the only place where the table is carried out.

``State`` is one store of runs, steps, waits, hooks and attributes, of one line of the spec. Entities are
immutable tuples, so a copy of a state is a few dict copies: the oracle makes one for every order of calls
that it tries.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, NamedTuple

from conformance.spec.clock import millis
from conformance.spec.table import Line, Outcome, Row, index
from conformance.spec.vocabulary import RUN_TERMINAL, Event


class Run(NamedTuple):
    """``started_at`` and the rest are whatever the world uses for them; the machine only keeps them."""

    status: str
    started_at: Any = None
    output: Any = None
    error: Any = None


class Step(NamedTuple):
    status: str
    attempt: int = 0
    name: str = ""
    input: Any = None
    output: Any = None
    error: Any = None
    retry_after: Any = None


class Hook(NamedTuple):
    status: str
    run_id: str
    token: str
    metadata: Any = None


_MISSING_RUN = Run("missing")
_MISSING_STEP = Step("missing")


class State:
    """Runs, steps, waits and hooks, and the log as ``(run id, event type, correlation id)``.

    ``line``: the line of the spec that its World is of.
    """

    __slots__ = (
        "attribute_events",
        "attributes",
        "hooks",
        "line",
        "log",
        "resumed",
        "runs",
        "steps",
        "tokens",
        "waits",
    )

    def __init__(self, line: Line = 4) -> None:
        self.line: Line = line
        self.runs: dict[str, Run] = {}
        self.steps: dict[tuple[str, str], Step] = {}
        self.waits: dict[tuple[str, str], str] = {}
        self.hooks: dict[str, Hook] = {}
        self.tokens: dict[str, str] = {}
        #: what the attributes of a run are, by ``(run id, key)``
        self.attributes: dict[tuple[str, str], Any] = {}
        #: the events that set attributes and have an id, as ``(run id, correlation id)``
        self.attribute_events: dict[tuple[str, str], str] = {}
        #: ``(run id, id of a resumption)`` -> the hook that was resumed
        self.resumed: dict[tuple[str, str], str] = {}
        self.log: list[tuple[str, str, str | None]] = []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]  # a state changes; use key()

    def _parts(self) -> tuple[object, ...]:
        return self.log, *self._stores()

    def _stores(self) -> tuple[dict[Any, Any], ...]:
        return (
            self.runs,
            self.steps,
            self.waits,
            self.hooks,
            self.tokens,
            self.attributes,
            self.attribute_events,
            self.resumed,
        )

    def key(self, *, ordered: bool = True) -> tuple[object, ...]:
        """A hashable image of the state, its log included, in its order or as what stands in it."""
        log = tuple(self.log) if ordered else frozenset(Counter(self.log).items())
        return log, *[frozenset(part.items()) for part in self._stores()]

    def copy(self) -> State:
        other = State.__new__(State)
        other.line = self.line
        other.runs = self.runs.copy()
        other.steps = self.steps.copy()
        other.waits = self.waits.copy()
        other.hooks = self.hooks.copy()
        other.tokens = self.tokens.copy()
        other.attributes = self.attributes.copy()
        other.attribute_events = self.attribute_events.copy()
        other.resumed = self.resumed.copy()
        other.log = self.log.copy()
        return other

    def look_up(self, run_id: str, event: Event, *, now: Any = None) -> Row:
        """The row that decides this event now; ``now`` in ms since 1970 is compared with ``retryAfter``."""
        kind: str = event["eventType"]
        run = self.runs.get(run_id, _MISSING_RUN)
        when = ""
        entity = ""
        prefix = kind[:4]
        if prefix == "step":
            step = self.steps.get((run_id, event["correlationId"]), _MISSING_STEP)
            entity = step.status
            if step.retry_after is not None and now is not None and (millis(step.retry_after) or 0) > now:
                when = "retry-later"
            if creates_step(event):
                when = "creates"
        elif prefix == "attr":
            entity = self.attribute_events.get((run_id, event.get("correlationId") or ""), "missing")
        elif prefix == "wait":
            entity = self.waits.get((run_id, event["correlationId"]), "missing")
        elif prefix == "hook":
            hook = self.hooks.get(event["correlationId"])
            entity = hook.status if hook is not None else "missing"
            if kind == "hook_created" and event["eventData"]["token"] in self.tokens:
                when = "token-held"
            elif event.get("resumeId") is not None:
                when = self._resumed(run_id, event)
        else:
            entity = run.status
            if creates_run(event):
                when = "creates"
        return index(self.line)[kind, run.status, entity or "missing", when]

    def _resumed(self, run_id: str, event: Event) -> str:
        """Whether a resumption is known, and of which hook."""
        hook = self.resumed.get((run_id, event["resumeId"]))
        if hook is None:
            return ""
        return "resumed" if hook == event["correlationId"] else "resumed-elsewhere"

    def take(self, run_id: str, event: Event, outcome: Outcome, *, now: Any = None) -> None:
        """Carry out one outcome of the row that was looked up."""
        kind: str = event["eventType"]
        key = event.get("correlationId")
        if outcome.logs and self.makes_two(run_id, event):
            self.log.append((run_id, CREATION[kind], key))
        if outcome.logs:
            self.log.append((run_id, "hook_conflict" if outcome.answer == "hook_conflict" else kind, key))
        if outcome.to is None:
            return
        data: dict[str, Any] = event.get("eventData") or {}
        prefix = kind[:4]
        if prefix == "step":
            assert key is not None
            self.steps[run_id, key] = _next_step(self.steps.get((run_id, key)), kind, outcome.to, data)
        elif prefix == "wait":
            assert key is not None
            self.waits[run_id, key] = outcome.to
        elif prefix == "hook":
            assert key is not None
            if event.get("resumeId") is not None:
                self.resumed[run_id, event["resumeId"]] = key
            self._take_hook(run_id, key, kind, outcome.to, data)
        elif prefix == "attr":
            self._set_attributes(run_id, key, data)
        else:
            self._take_run(run_id, kind, outcome.to, data, now)

    def makes_two(self, run_id: str, event: Event) -> bool:
        """Whether a start that is taken makes two events, the creation of its step or run before its own."""
        if creates_step(event):
            return (run_id, event["correlationId"]) not in self.steps
        return creates_run(event) and run_id not in self.runs

    def _set_attributes(self, run_id: str, key: str | None, data: dict[str, Any]) -> None:
        if key is not None:
            self.attribute_events[run_id, key] = "set"
        for change in data.get("changes", ()):
            if change.get("value") is None:
                self.attributes.pop((run_id, change["key"]), None)
            else:
                self.attributes[run_id, change["key"]] = change["value"]

    def _take_run(self, run_id: str, kind: str, to: str, data: dict[str, Any], now: Any) -> None:
        run = self.runs.get(run_id, _MISSING_RUN)
        if kind == "run_started":
            self.runs[run_id] = run._replace(status=to, started_at=now)
        elif to in RUN_TERMINAL:
            self.runs[run_id] = run._replace(status=to, output=data.get("output"), error=data.get("error"))
            # Hooks live no longer than their run, and their tokens are free at once.
            for hook_id, hook in list(self.hooks.items()):
                if hook.run_id == run_id and hook.status == "active":
                    self.hooks[hook_id] = hook._replace(status="disposed")
                    self.tokens.pop(hook.token, None)
        else:
            self.runs[run_id] = run._replace(status=to)

    def _take_hook(self, run_id: str, hook_id: str, kind: str, to: str, data: dict[str, Any]) -> None:
        if kind == "hook_created":
            self.hooks[hook_id] = Hook(to, run_id, data["token"], data.get("metadata"))
            self.tokens[data["token"]] = hook_id
        elif kind == "hook_disposed":
            hook = self.hooks[hook_id]
            self.hooks[hook_id] = hook._replace(status=to)
            self.tokens.pop(hook.token, None)


#: A start that creates what it starts -> the event that comes before its own.
CREATION: Final = {"step_started": "step_created", "run_started": "run_created"}


def creates_step(event: Event) -> bool:
    """Whether a start brings the input of its step, as line 5.x may: it creates the step, or is refused."""
    return event["eventType"] == "step_started" and "input" in (event.get("eventData") or {})


def creates_run(event: Event) -> bool:
    """Whether a start brings what its run is made of, in case that the run is not there."""
    return event["eventType"] == "run_started" and "input" in (event.get("eventData") or {})


def _next_step(step: Step | None, kind: str, to: str, data: dict[str, Any]) -> Step:
    if step is None or kind == "step_created":
        step = Step(to, 0, data.get("stepName", ""), data.get("input"))
        if kind != "step_started":
            return step
    if kind == "step_started":
        return step._replace(status=to, attempt=step.attempt + 1, retry_after=None)
    if kind == "step_completed":
        return step._replace(status=to, output=data.get("result"), error=None)
    if kind == "step_failed":
        return step._replace(status=to, error=data.get("error"))
    return step._replace(status=to, error=data.get("error"), retry_after=data.get("retryAfter"))
