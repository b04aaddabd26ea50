"""What tells one defect: the race that was lost, the transition that a fault left half done, the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from conformance.core.scenario import TOGETHER
from conformance.record.lines import Evidence, LaneItem, Verdict
from conformance.report.lanes import Lanes, Span, lay_out
from conformance.report.words import main_rules

#: Labels of operations that only read, for records whose lanes do not say what an operation does.
_READ: Final = re.compile(
    r"(?i)(readFile|readdir|access|stat|lstat|[HZ]?GET(ALL)?|MGET|SELECT|BEGIN|find|aggregate|[ZL]RANGE\w*|EXISTS"
    r"|SMEMBERS|HMGET|ZSCORE)\b"
)
#: Rules about live readers -> how one is misled that is not told too little.
_MISLED: Final = {
    "stream.live-order": "wrong-order",
    "stream.live-index": "before-its-index",
    "stream.live-once": "chunk-twice",
}
_RACES: Final = frozenset({"no-guard", "not-atomic", "stored-wrong", "lost", "order"})


class Window(NamedTuple):
    """Where a race was lost: the look that went stale, the write of another caller, and the write that relied
    on the look. ``operation`` and ``other`` are the calls that made them, such as ``step_completed``."""

    operation: str
    look: LaneItem | None
    other: str
    between: LaneItem | None
    write: LaneItem | None

    @property
    def line(self) -> str:
        """``file:line`` of the write that relied on the look."""
        return (self.write.where or "") if self.write is not None else ""


def signs(verdict: Verdict) -> Iterator[tuple[tuple[str, ...], Window | None]]:
    """What a failure may have in common with another one of its defect, the likeliest first."""
    label = verdict.defect
    if label == "dialect":
        yield (label, "errors"), None
        return
    evidence = verdict.evidence or Evidence()
    if label == "live-reader":
        yield (label, _misled(verdict, evidence)), None
        return
    if label == "half-done":
        window = _half_done(evidence, verdict.reason)
        # Where nothing names the transition it is known by its writes.
        signs = [(label, window.operation)] if window.operation else by_line(window)
        for sign in signs or [(label, "", verdict.variant)]:
            yield sign, window
        return
    if within_a_millisecond(evidence) and (label == "order" or "list.log" in main_rules(verdict)):
        # What orders the log there, or is its cursor, is a time: whatever was written.
        yield ("order", "one-millisecond"), None
        return
    if label == "order" and "log.prefix" in main_rules(verdict):
        # Whatever was written: events get their place before they can be read.
        yield (label, "log.prefix"), next(_windows(verdict, evidence), None)
        return
    failed = _failed(verdict, evidence)
    if label not in _RACES or failed:
        operation = failed or _about(verdict, evidence)
        yield (
            (label, operation or verdict.variant.partition("+")[0], next(iter(main_rules(verdict)), "")),
            None,
        )
        return
    windows = list(_windows(verdict, evidence))
    for window in windows:
        yield ("race", window.operation, window.line), window
    if not windows:
        yield ("race", next(iter(main_rules(verdict)), ""), ""), None


def within_a_millisecond(evidence: Evidence | None) -> bool:
    """Whether all of it happened within one millisecond."""
    return evidence is not None and "still@" in str(evidence.case.get("faults", ""))


def _misled(verdict: Verdict, evidence: Evidence) -> str:
    """How a live reader is misled: by an order, an index, a repetition, or chunks or the end are missing.
    Where that takes no race, it depends on who shares a process with it."""
    for rule in main_rules(verdict)[:1]:
        if rule in _MISLED:
            return _MISLED[rule]
    if _beside_each_other(evidence):
        return "missed-in-a-race"
    return "missed-in-one-process" if verdict.variant.endswith(TOGETHER) else "missed"


def _beside_each_other(evidence: Evidence) -> bool:
    """Whether an actor begins before another one has done all that it does."""
    actors = [(item.lane, item.at) for item in evidence.lanes if item.lane != "-"]
    turns = [actor for actor, _ in groupby(actor for actor, _ in sorted(actors, key=lambda one: one[1]))]
    return len(turns) > len(set(turns))


def _half_done(evidence: Evidence, reason: str) -> Window:
    """Between which writes of which transition the fault came."""
    fault, before, after = _around_fault(evidence)
    if fault is None:
        return Window("", None, "", None, None)
    made, missing = [list(filter(_writes, gates)) for gates in (before, after)]
    span = _around(lay_out(evidence), fault)
    operation = span.label.partition(" ")[0] if span is not None else _half(reason)
    return Window(operation, None, "", made[-1] if made else None, missing[0] if missing else None)


def _half(reason: str) -> str:
    """The transition that a reason calls half done, such as ``run_completed``; empty if it names none."""
    refused = re.search(r"(\w+_\w+) \w+ was refused as already there", reason)
    if refused is not None:
        return refused[1]
    state = re.search(r"(?:database says (?:\w+ is )?|stored as )([a-z]+)", reason)
    entity = re.search(r"\b(run|step|wait|hook)\d+\b", reason)
    return f"{entity[1]}_{state[1]}" if entity is not None and state is not None else ""


def _logs(item: LaneItem) -> bool:
    """Whether a write is one of the log, which every transition makes at the same line."""
    return any("event" in thing for thing in re.split(r"[\s,;()]+", item.label)[1:2])


def _about(verdict: Verdict, evidence: Evidence) -> str:
    """The operation whose answer is wrong, where a failure is about one."""
    calls = verdict.broken[0].calls if verdict.broken else []
    spans = [one for one in lay_out(evidence, verdict.reason).spans if one.lane != "-" and _event(one)]
    about = [one for one in spans if one.start in calls[:1]] or [one for one in spans if _named(one, verdict)]
    answered = re.search(r"events\.create of (\w+) was answered", verdict.reason)
    if answered is not None:
        return answered[1]
    return about[0].label.partition(" ")[0] if about else ""


def _failed(verdict: Verdict, evidence: Evidence) -> str:
    """The operation whose refusal failed a delivery, where a failure is about one."""
    error = re.search(r"a delivery failed with \w+: (.+)", verdict.reason)
    if error is None:
        return ""
    answers = (item for item in evidence.lanes if item.kind == "answer" and error[1] in item.text)
    return next((item.label.partition(" ")[0] for item in answers), "")


def died(evidence: Evidence) -> tuple[LaneItem | None, LaneItem | None]:
    """The last write that was made before a fault, and the one that it kept from being made, if known."""
    fault, before, after = _around_fault(evidence)
    if fault is None:
        return None, None
    last = next(filter(_writes, before[::-1]), None)
    coming = next(filter(_writes, after[:1]), None)
    if fault.label.partition(":")[0] in ("die", "lose"):
        return coming or last, None
    return last, coming


def _around_fault(evidence: Evidence) -> tuple[LaneItem | None, list[LaneItem], list[LaneItem]]:
    """The first fault, if there is one, and the gates of its actor before it and after it."""
    fault = next((item for item in evidence.lanes if item.kind == "fault"), None)
    if fault is None:
        return None, [], []
    mine = [item for item in evidence.lanes if item.lane == fault.lane and item.kind == "gate"]
    before = [item for item in mine if item.at < fault.at]
    return fault, before, [item for item in mine if item.at > fault.at]


def _around(lanes: Lanes, item: LaneItem) -> Span | None:
    """The call of a lane that was under way at an item."""
    return next(
        (one for one in lanes.spans if one.lane == item.lane and one.start <= item.at <= one.end), None
    )


def _writes(item: LaneItem) -> bool:
    if item.kind != "gate":
        return False
    return item.access != "read" if item.access else not _READ.match(item.label)


def _windows(verdict: Verdict, evidence: Evidence) -> Iterator[Window]:
    """The races that a history may have lost: that of the call which the failure is about first."""
    lanes = lay_out(evidence, verdict.reason)
    offending = verdict.broken[0].calls if verdict.broken else []
    spans = [span for span in lanes.spans if span.lane != "-" and _event(span)]
    spans.sort(key=lambda span: (span.start not in offending[:1], not _named(span, verdict), -span.end))
    for span in spans:
        others = [
            one for one in spans if one.lane != span.lane and one.start < span.end and one.end > span.start
        ]
        yield from (window for one in others if (window := _lost(evidence, span, one)) is not None)
    alone = [span for span in spans if span.start in offending[:1] or _named(span, verdict)]
    family = next(iter(main_rules(verdict)), "").partition(".")[0]
    last = [span for span in spans[::-1] if span.label.startswith(f"{family}_")]
    for span in (alone or last or spans)[:1]:
        yield _alone(evidence, span)


def _event(span: Span) -> bool:
    """Whether a call is one that makes an event."""
    return "." not in span.label.partition(" ")[0]


def _named(span: Span, verdict: Verdict) -> bool:
    return f"{span.lane}'s {span.label}" in verdict.reason


def _gates(evidence: Evidence, span: Span) -> list[LaneItem]:
    return [
        item for item in evidence.lanes
        if item.kind == "gate" and item.lane == span.lane and span.start <= item.at <= span.end
    ]  # fmt: skip


def _lost(evidence: Evidence, loser: Span, winner: Span) -> Window | None:
    """The window, where a call wrote something after another one had written what it saw."""
    mine, theirs = _gates(evidence, loser), _gates(evidence, winner)
    for write in (item for item in mine if _writes(item)):
        for between in (
            item for item in theirs if _writes(item) and item.at < write.at and _share(item, write)
        ):
            looks = [item for item in mine if item.at < between.at]
            shared = [item for item in looks if _share(item, between)] or looks
            if shared:
                names = loser.label.partition(" ")[0], winner.label.partition(" ")[0]
                return Window(names[0], shared[-1], names[1], between, write)
    return None


def _alone(evidence: Evidence, span: Span) -> Window:
    """A call that is wrong with no other one beside it: its look and its write."""
    mine = _gates(evidence, span)
    write = next((item for item in mine if _writes(item)), None)
    look = next((item for item in mine if not _writes(item)), None)
    return Window(span.label.partition(" ")[0], look, "", None, write)


def _share(one: LaneItem, other: LaneItem) -> bool:
    """Whether two operations name a thing in common: a key, a file, a table."""
    return bool(_things(one.label) & _things(other.label))


def _things(label: str) -> set[str]:
    words = re.split(r"[\s,;()]+", label)
    return {re.sub(r"\.tmp\..*$", "", word) for word in words[1:] if re.search(r"[:/._]|\d", word)}


def by_line(window: Window) -> list[tuple[str, ...]]:
    """A half-done transition by the lines of its writes; that of the log is the same for all."""
    writes = [item for item in (window.between, window.write) if item is not None and not _logs(item)]
    return [("half-done", "", item.where) for item in writes if item.where]
