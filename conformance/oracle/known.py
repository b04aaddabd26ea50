"""What is known of a World after calls that were made one after another, to compare what it gives with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.oracle.due import ANY, DATA, HEAVY, MOVES, SOME, Due, Fields, field_of, same
from conformance.oracle.finding import Finding, about_of
from conformance.oracle.names import Name
from conformance.oracle.updated import Updated
from conformance.spec.clock import millis
from conformance.spec.machine import State
from conformance.spec.table import Line, Outcome
from conformance.spec.vocabulary import Event


class Known:
    """The state of the spec, the fields that are due, and what the World chose itself."""

    def __init__(self, name: Name, line: Line = 4) -> None:
        self.name = name
        self.state = State(line)
        self.fields = Fields()
        #: times and ids that the World chose: of what part, of which entity, which field
        self._chosen: dict[tuple[str, str, str], Any] = {}
        #: fields that were found wrong: whoever reads them again finds nothing new
        self._wrong: set[tuple[str, str, str]] = set()
        self._updated = Updated()

    def take(self, run_id: str, event: Event, outcome: Outcome, time: float | None) -> None:
        """A call that was made at this logical time was answered so: ms since 1970, or None where the time
        stands still."""
        if outcome.to is not None:
            part: str = event["eventType"].partition("_")[0]
            self._updated.change((part, run_id if part == "run" else event.get("correlationId") or ""), time)
        self.state.take(run_id, event, outcome, now=1)
        self.fields.take(run_id, event, outcome)
        if event["eventType"] == "hook_disposed":
            # A hook that is made again under its id is another one, with times of its own.
            about = ("hook", event.get("correlationId") or "")
            self._chosen = {key: value for key, value in self._chosen.items() if key[:2] != about}

    def exists(self, part: str, run_id: str, about: str) -> bool:
        """Whether an entity is there to be read."""
        if part == "run":
            return run_id in self.state.runs
        if part == "step":
            return (run_id, about) in self.state.steps
        hook = self.state.hooks.get(about)
        return hook is not None and hook.status == "active"

    def due(self, part: str, run_id: str, about: str) -> Iterator[Due]:
        """What is due of an entity that is there."""
        match part:
            case "run":
                return self.fields.run(self.state, run_id)
            case "step":
                return self.fields.step(self.state, run_id, about)
            case "wait":
                return self.fields.wait(self.state, run_id, about)
            case _:
                known = about in self.state.hooks and self.state.hooks[about].status == "active"
                return self.fields.hook(self.state, about) if known else iter(())

    def compare(
        self, due: Iterable[Due], entity: dict[str, Any], where: str, key: tuple[str, str]
    ) -> Iterator[Finding]:
        """The fields of an entity that are not what is due, each said once."""
        part, about = key
        for field, value, rule in due:
            got = field_of(entity, field)
            if part == "event" and got is None:
                got = field_of(entity.get("eventData") or {}, field)
            text = self._difference(value, got, (part, about, field))
            if not text or (part, about, field) in self._wrong:
                continue
            self._wrong.add((part, about, field))
            kind = f"{part} {entity.get('eventType', '')}".rstrip()
            yield Finding(
                "convergence",
                rule,
                f"{where} has {kind.removeprefix('answered ')}.{field} {text}",
                wrong=f"{kind}.{field}",
                about=about_of(self.name(about)) if part != "event" else (),
            )

    def _difference(self, value: Any, got: Any, key: tuple[str, str, str]) -> str:
        """What is wrong with a value, in words; empty when nothing is."""
        if value is MOVES:
            return self._updated.difference((key[0].removeprefix("answered "), key[1]), got)
        return self._other(value, got, key)

    def _other(self, value: Any, got: Any, key: tuple[str, str, str]) -> str:
        """What is wrong with a value that is no time of a change."""
        part, about, field = key
        if value is ANY or (value is SOME and got is None):
            return "missing" if got is None else ""
        if value is SOME:
            known = self._chosen.setdefault((part.removeprefix("answered "), about, field), got)
            return "" if same(known, got) else f"changed since it was set{_by(known, got)}"
        if value is None:
            return "" if got is None else "set, and nothing set it"
        if same(value, got):
            return ""
        if got is None:
            return "missing"
        return f"changed: {_say(got)} instead of {_say(value)}"


def light(found: Iterable[Finding]) -> Iterator[Finding]:
    """What a read without data may leave out is not looked at."""
    for finding in found:
        part, _, field = finding.wrong.partition(".")
        name = field.partition(".")[0]
        if name not in HEAVY and not (part.startswith("event ") and name in DATA):
            yield finding


def _by(known: Any, got: Any) -> str:
    """How far a time is from what it was, in words; empty for what is no time."""
    before, now = millis(known), millis(got)
    if before is None or now is None or isinstance(got, int | float):
        return ""
    apart = abs(now - before)
    far = f"{apart:g} ms" if apart < 1000 else str(timedelta(milliseconds=apart))
    return f": it is {far} {'later' if now > before else 'earlier'}"


def _say(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    if isinstance(value, datetime):
        return f"the date {value.astimezone(UTC).isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_say)
    return text if len(text) <= 60 else f"{text[:60]}…"
