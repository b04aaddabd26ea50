"""Calls that were made one after another, with nothing racing: each answer and read has one right form.

The calls are run through the spec in their order. What an answer or a read brings is compared with the one
state that the calls before it give, field by field. After a wrong answer nothing more is said: whatever
follows may come of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from conformance.core.history import Call, History
from conformance.oracle.alike import only
from conformance.oracle.due import MOVES, WHOLE, event_due, field_of
from conformance.oracle.finding import WAIT, Finding, about_of
from conformance.oracle.known import Known, light
from conformance.oracle.listed import Lists
from conformance.oracle.names import Name
from conformance.oracle.removals import REMOVED, Removals
from conformance.spec.clock import millis
from conformance.spec.lines import line_of
from conformance.spec.table import Line, Outcome, Row
from conformance.spec.vocabulary import NOT_IMPLEMENTED, REFUSED, Answer, Event

#: Answers whose entity the runtime goes on with, and what it is.
_USED: Final = {"run_created": "run", "run_started": "run", "step_started": "step"}
#: A refusal may ask to wait so many times longer than it takes: the database may have a clock of its own.
_LONGEST: Final = 2
#: What an operation that the World does not have is refused with.
SAY: Final[dict[Answer, str]] = {
    "ok": "success",
    "conflict": "a conflict",
    "gone": "gone",
    "not_found": "not found",
    "too_early": "too early",
    "hook_conflict": "a hook_conflict event",
}


def sequence(history: History, name: Name) -> tuple[Finding, ...]:
    """What is wrong in a history in which nothing raced; each different finding once, in order."""
    walk = _Walk(name, line_of(history.spec_version), still=history.still)
    found = dict.fromkeys(walk.findings(history.calls))
    return tuple({finding.identity: finding for finding in reversed(list(found))}.values())[::-1]


class _WrongAnswer(Exception):
    """An answer is wrong, so the state of the World is not known any more."""


class _Walk:
    """The state of the spec beside the calls, from the first to the last."""

    def __init__(self, name: Name, line: Line, *, still: bool = False) -> None:
        self.known = Known(name, line)
        #: no time passes between two calls
        self._still = still
        self.name = name
        self.lists = Lists(self.known)
        self.removals = Removals()

    def findings(self, calls: Iterable[Call]) -> Iterator[Finding]:
        numbers: dict[tuple[str, str], Iterator[int]] = {}
        try:
            for call in calls:
                if call.ended == -1:
                    continue
                if call.op == "events.create":
                    n = next(numbers.setdefault((call.phase, call.actor), count()))
                    yield from self._create(call, n)
                elif call.phase != "read":
                    yield from self._read(call)
            yield from self.lists.rest()
        except _WrongAnswer:
            return

    # -- events -----------------------------------------------------------------------------------

    def _create(self, call: Call, n: int) -> Iterator[Finding]:
        event, run_id = call.event, self._run_of(call)
        row = self.known.state.look_up(run_id, event, now=call.time)
        answer = call.answer
        outcome = next((one for one in row.outcomes if one.answer == answer), None)
        what = f"{event['eventType']} {self.name(event.get('correlationId'))}".rstrip()
        about = about_of(self.name(run_id), self.name(event.get("correlationId")))
        wrong, where = f"{event['eventType']} {answer}", (call.phase, call.actor, n)
        if answer == "misshapen":
            raise _WrongAnswer  # which is a finding of its own
        if outcome is None:
            if answer == "unexpected":
                text = f"{call.actor}'s {what} got an error the runtime cannot classify: {_line(call.error)}"
                yield Finding("convergence", "error.classifiable", text, where, wrong, about)
            else:
                right = " or ".join(SAY[one.answer] for one in row.outcomes)
                text = (
                    f"{call.actor}'s {what} got {SAY[answer]}; right is {right}{self._alike(event, answer)}"
                )
                mild = answer in REFUSED and row.outcomes[0].answer in REFUSED
                found = Finding("convergence", row.rule, text, where, wrong, about, mild=mild)
                yield found if mild else self._told(found, self._hook_of(event, row))
            raise _WrongAnswer
        self.known.take(run_id, event, outcome, None if self._still else call.time)
        if outcome.answer == "ok":
            self.removals.take(event, f"{call.actor}'s {what}")
        if answer in ("ok", "hook_conflict"):
            yield from self._answer(call, run_id, outcome, what)
        elif answer == "too_early":
            yield from self._wait(call, run_id, Finding("convergence", row.rule, what, where, "", about))

    def _alike(self, event: Event, answer: str) -> str:
        """Which live token one that was refused may have been taken for, as the end of a sentence."""
        if answer != "hook_conflict":
            return ""
        asked: str = event["eventData"]["token"]
        said = (only(asked, token, self.name) for token in self.known.state.tokens)
        return next((f"; {each}" for each in said if each), "")

    def _hook_of(self, event: Event, row: Row) -> str:
        """The hook that must be there, or not, for an event to be answered rightly; empty without one."""
        if row.when == "token-held":
            return self.known.state.tokens[event["eventData"]["token"]]
        return (event.get("correlationId") or "") if event["eventType"].startswith("hook_") else ""

    def _told(self, found: Finding, hook: str) -> Finding:
        """A finding that a hook is not there, with the call that may have removed it, if there is one."""
        by = self.removals.of(self.known.state, hook)
        if not by:
            return found
        text = f"{found.text}; {by} came since {self.name(hook)} was there"
        return found._replace(text=text, wrong=f"{found.wrong}{REMOVED}")

    def _wait(self, call: Call, run_id: str, found: Finding) -> Iterator[Finding]:
        """How long the refusal of a retry that is too early asks to wait: the runtime does wait so long."""
        step = self.known.state.steps.get((run_id, call.event.get("correlationId") or ""))
        due = millis(step.retry_after) if step is not None else None
        said = call.error.retry_after if call.error is not None else None
        if due is None or said is None or said <= _LONGEST * (due - call.time) / 1000:
            return
        text = (
            f"{call.actor}'s {found.text} is to be made again in {said:,.0f} s; "
            f"its retryAfter is {(due - call.time) / 1000:,.0f} s away"
        )
        yield found._replace(text=text, wrong=f"{call.event['eventType']} {WAIT}")

    def _run_of(self, call: Call) -> str:
        if call.run_id is not None:
            return call.run_id
        run = call.value.get("run") if isinstance(call.value, dict) else None
        return str(run["runId"]) if run is not None else ""

    def _answer(self, call: Call, run_id: str, outcome: Outcome, what: str) -> Iterator[Finding]:
        """The event and the entity that came with a success."""
        kind, value = call.event["eventType"], call.value or {}
        about = call.event.get("correlationId") or ""
        event = value.get("event")
        if outcome.logs and event is not None:
            log = self.known.fields.logs[run_id]
            key = ("event", f"{run_id} {len(log) - 1}")
            yield from self.known.compare(event_due(run_id, log[-1]), event, f"the answer to {what}", key)
        used = _USED.get(kind)
        part: str = kind.partition("_")[0]
        entity = value.get(part)
        if entity is None or outcome.answer == "hook_conflict":
            return
        # Nobody reads in an answer when something was changed last: it need not be there.
        due = [
            one
            for one in self.known.due(part, run_id, about)
            if one.value is not MOVES or field_of(entity, one.field) is not None
        ]
        if used:
            yield from self.known.compare(due, entity, f"the answer to {what}", (part, about or run_id))
            return
        # Nobody goes on with it.
        key = (f"answered {part}", about or run_id)
        for finding in self.known.compare(due, entity, f"the answer to {what}", key):
            yield finding._replace(rule=WHOLE)

    # -- reads ------------------------------------------------------------------------------------

    def _read(self, call: Call) -> Iterator[Finding]:
        if call.error is not None and call.error.code == NOT_IMPLEMENTED:
            return
        if call.answer == "misshapen":
            return
        if call.op in ("events.list", "events.listByCorrelationId", "steps.list", "hooks.list", "runs.list"):
            yield from self.lists.page(call)
            return
        bare = call.args[-1] == {"resolveData": "none"}
        match call.op:
            case "runs.get":
                yield from self._one(call, "run", call.args[0], "", bare=bare)
            case "steps.get":
                yield from self._one(call, "step", call.args[0], call.args[1], bare=bare)
            case "hooks.get":
                yield from self._one(call, "hook", "", call.args[0], bare=bare)
            case "hooks.getByToken":
                hook_id = self.known.state.tokens.get(call.args[0], "")
                yield from self._one(call, "hook", "", hook_id, bare=bare)
            case "events.get":
                yield from self._event(call)

    def _one(self, call: Call, part: str, run_id: str, about: str, *, bare: bool) -> Iterator[Finding]:
        """One entity: the one that is there, or a refusal."""
        named = self.name(call.args[0] if call.op != "steps.get" else about)
        what = f"{call.op} {named}"
        exists = self.known.exists(part, run_id, about)
        missing = call.answer == "not_found" or (call.answer == "ok" and call.value is None)
        if exists and call.answer != "ok":
            text = f"{what} was refused ({_line(call.error)}), and {named} is there"
            found = Finding("convergence", "read.finds", text, wrong=f"{call.op} refused", about=(named,))
            yield self._told(found, about if part == "hook" else "")
        elif not exists and not missing and not _says_missing(call):
            rule = "read.finds" if call.op in ("runs.get", "hooks.getByToken") else WHOLE
            got = "gave something" if call.answer == "ok" else f"failed with {_line(call.error)}"
            text = f"{what} {got}, and there is no such {part}; right is not found{self._given(call)}"
            yield Finding("convergence", rule, text, wrong=f"{call.op} of nothing", about=(named,))
        elif exists:
            if part == "hook":
                self.removals.see(about)
            due = self.known.due(part, run_id, about)
            differing = self.known.compare(due, call.value, what, (part, about or run_id))
            yield from light(differing) if bare else differing

    def _given(self, call: Call) -> str:
        """How the token of a hook that was given differs from the one asked for, as the end of a sentence."""
        if call.op != "hooks.getByToken" or call.answer != "ok" or not isinstance(call.value, dict):
            return ""
        said = only(call.args[0], str(call.value.get("token")), self.name)
        return f"; {said}" if said else ""

    def _event(self, call: Call) -> Iterator[Finding]:
        run_id, event_id = call.args[0], call.args[1]
        if call.answer != "ok":
            text = f"events.get of an event of {self.name(run_id)} was refused ({_line(call.error)})"
            yield Finding("convergence", WHOLE, text, wrong="events.get refused", about=(self.name(run_id),))
        elif call.value.get("eventId") != event_id:
            text = f"events.get gave another event of {self.name(run_id)} than the one asked for"
            yield Finding("convergence", WHOLE, text, wrong="events.get other", about=(self.name(run_id),))


def _says_missing(call: Call) -> bool:
    """Whether a read that no handler makes was refused in words of the World's own."""
    by_handlers = call.op in ("runs.get", "hooks.getByToken")
    return not by_handlers and call.error is not None and "not found" in call.error.message.lower()


def _line(error: Exception | None) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:160]}…"
