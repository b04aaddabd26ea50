"""Lists that were read to their end, page by page, with nothing racing.

A list holds everything that is there once, in the order that was asked for, in pages no longer than was asked
for; who reads on after the last page gets nothing. The runtime reads logs so. The other lists are shown to
people, so what is wrong in them is a should; but a hook that is listed when its run has ended outlives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.core.history import Call
from conformance.oracle.due import Due, event_due
from conformance.oracle.finding import REPEATABLE, Finding
from conformance.oracle.known import Known, light
from conformance.spec.vocabulary import RUN_TERMINAL

_ID: Final = {"steps.list": "stepId", "hooks.list": "hookId", "runs.list": "runId"}
#: The list that the runtime reads.
_LOG: Final = "events.list"


@dataclass(slots=True)
class _List:
    """A list that is being read: what was asked, and what has come."""

    op: str
    asked: dict[str, Any]
    entries: list[dict[str, Any]] = field(default_factory=list)
    cursors: list[Any] = field(default_factory=list)
    ended: bool = False

    @property
    def order(self) -> str:
        return str((self.asked.get("pagination") or {}).get("sortOrder", ""))

    @property
    def limit(self) -> int:
        return int((self.asked.get("pagination") or {}).get("limit", 0))


class Lists:
    """The lists of a history, one after another: each is read to its end before the next begins."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._current: _List | None = None

    def page(self, call: Call) -> Iterator[Finding]:
        """One page, refused or not."""
        asked: dict[str, Any] = call.args[0]
        cursor = (asked.get("pagination") or {}).get("cursor")
        current = self._current
        if cursor is None or current is None or current.op != call.op:
            yield from self.rest()
            current = self._current = _List(call.op, asked)
        if call.answer != "ok":
            self._current = None
            if call.answer != "not_found" or self._has_run(current):
                text = f"{self._what(current)} was refused: {call.error}"
                yield self._finding(current, text, "refused")
            return
        page: dict[str, Any] = call.value
        # A filler at a position that nobody wrote at is no event.
        data = [entry for entry in page["data"] if entry.get("eventType") != "noop"]
        if current.ended:
            # Reading on from the end of a log.
            self._current = None
            if data:
                yield self._finding(current, f"{self._what(current)}: {len(data)} more after its end", "on")
            return
        current.entries += data
        current.cursors.append(cursor)
        if current.limit and len(data) > current.limit:
            text = f"{self._what(current)} gave {len(data)} on one page"
            yield self._finding(current, text, "limit")
        following = page.get("cursor")
        if page.get("hasMore") and following is not None and following not in current.cursors:
            return
        current.ended = True
        if page.get("hasMore"):
            text = f"{self._what(current)} promises more, and its cursor leads nowhere new"
            yield self._finding(current, text, "cursor")
            return
        yield from self._whole(current)

    def rest(self) -> Iterator[Finding]:
        """The list that was being read was not read further."""
        current, self._current = self._current, None
        if current is not None and not current.ended:
            yield self._finding(current, f"{self._what(current)} could not be read to its end", "cursor")

    # -- a whole list -----------------------------------------------------------------------------

    def _whole(self, one: _List) -> Iterator[Finding]:
        due = self._due(one)
        yield from self._repeated(one, [key for key, _, _ in due])
        wanted, got = [key for key, _, _ in due], [self._key(one, entry) for entry in one.entries]
        if sorted(wanted) != sorted(got):
            finding = self._finding(one, f"{self._what(one)} {self._difference(wanted, got)}", "entries")
            if one.op == _LOG and not one.limit:
                finding = finding._replace(rule="log.agrees-with-answers")
            elif one.op == "hooks.list" and self._has_ended(one):  # so none is due
                finding = finding._replace(rule="hook.released-at-end")
            yield finding
            return
        # Ids of the runtime are in the order in which a replay came by them.
        ways = [wanted, sorted(wanted)] if one.op in _ID else [wanted]
        if one.order != "asc":
            ways = [way[::-1] for way in ways] + (ways if not one.order else [])
        if got not in ways:
            text = f"{self._what(one)} lists {', '.join(self._say(key) for key in got)}"
            yield self._finding(one, f"{text}; they came as {', '.join(map(self._say, wanted))}", "order")
            return
        if one.op in _ID:
            due.sort(key=lambda each: got.index(each[0]))
        elif got != wanted:
            due.reverse()
        where = self._what(one)
        bare = one.asked.get("resolveData") == "none"
        for (_, part, fields), entry in zip(due, one.entries, strict=True):
            found = self._known.compare(fields, entry, where, part)
            yield from light(found) if bare else found

    def _repeated(self, one: _List, wanted: list[str]) -> Iterator[Finding]:
        """Events that every replay shrugs off, more than once: they are said and left out."""
        for kind, rule in REPEATABLE.items() if wanted and one.entries else ():
            mine = [entry for entry in one.entries if self._key(one, entry) == kind]
            if one.order == "desc" or self._key(one, one.entries[0]) != wanted[0]:
                mine.reverse()  # the first that was taken is the one that counts
            surplus = mine[max(1, wanted.count(kind)) :]
            if surplus and one.op not in _ID:
                text = f"{kind} is in the log of {self._known.name(one.asked.get('runId'))} {len(mine)} times"
                yield Finding("convergence", rule, text, wrong=f"log {kind}")
                one.entries = [entry for entry in one.entries if not any(entry is other for other in surplus)]

    def _due(self, one: _List) -> list[tuple[str, tuple[str, str], Iterator[Due]]]:
        """Everything that is due in a list, in the order in which it came: a key, whose it is, its fields."""
        known = self._known
        run_id = str(one.asked.get("runId", ""))
        if one.op == "runs.list":
            wanted, runs = one.asked["workflowName"], known.fields.runs
            status = one.asked.get("status")
            mine = [
                run
                for run, held in runs.items()
                if held["workflowName"] == wanted and status in (None, known.state.runs[run].status)
            ]
            return [(run, ("run", run), known.due("run", run, "")) for run in mine]
        if one.op in _ID:
            part = one.op[:4]
            keys = [key for run, key in known.state.steps if run == run_id]
            if part == "hook":
                keys = [
                    key
                    for key, hook in known.state.hooks.items()
                    if hook.run_id == run_id and hook.status == "active"
                ]
            return [(key, (part, key), known.due(part, run_id, key)) for key in keys]
        about = one.asked.get("correlationId")
        log = known.fields.logs.get(run_id, [])
        return [
            (_event_key(event), ("event", f"{run_id} {n}"), event_due(run_id, event))
            for n, event in enumerate(log)
            if about is None or event.get("correlationId") == about
        ]

    def _has_run(self, one: _List) -> bool:
        """Whether the run that a list is of is there, or no run was asked for. A World may give nothing of a
        run that is not there, or say so."""
        run_id = one.asked.get("runId")
        return run_id is None or run_id in self._known.state.runs

    def _has_ended(self, one: _List) -> bool:
        """Whether the run that a list is of has ended."""
        run = self._known.state.runs.get(str(one.asked.get("runId", "")))
        return run is not None and run.status in RUN_TERMINAL

    def _key(self, one: _List, entry: dict[str, Any]) -> str:
        return str(entry.get(_ID[one.op])) if one.op in _ID else _event_key(entry)

    def _difference(self, wanted: list[str], got: list[str]) -> str:
        lacks, surplus = list(wanted), []
        for key in got:
            if key in lacks:
                lacks.remove(key)
            else:
                surplus.append(key)
        said = [f"lacks {', '.join(map(self._say, lacks))}"] if lacks else []
        said += [f"has {', '.join(map(self._say, surplus))} too much"] if surplus else []
        return " and ".join(said)

    def _say(self, key: str) -> str:
        kind, _, about = key.partition(" ")
        if about:
            return f"{kind} {self._known.name(about)}"
        return kind if kind.startswith("run_") else self._known.name(kind)

    def _what(self, one: _List) -> str:
        asked = one.asked.get("pagination") or {}
        said = [
            self._known.name(one.asked[name]) for name in ("correlationId", "runId") if one.asked.get(name)
        ]
        said += [f"status {one.asked['status']}"] if "status" in one.asked else []
        said += [f"{name} {asked[name]}" for name in ("sortOrder", "limit") if name in asked]
        return f"{one.op} ({', '.join(said)})" if said else one.op

    def _finding(self, one: _List, text: str, wrong: str) -> Finding:
        rule = "list.log" if one.op == _LOG else "list.entities"
        return Finding("convergence", rule, text, wrong=f"{one.op} {wrong}")


def _event_key(event: dict[str, Any]) -> str:
    return f"{event['eventType']} {event.get('correlationId') or ''}".rstrip()
