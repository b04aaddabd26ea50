"""Reads a red verdict of a record as a stranger would, and says where its story contradicts its lanes.

It knows nothing of the oracle: it takes the sentences, the lanes, the log and the label, and compares them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from conformance.record.lines import Evidence, FindingLine, LaneItem, Verdict

_ENDS_RUN: Final = ("run_completed", "run_failed", "run_cancelled")
_ANSWERS: Final = {
    "success": "success",
    "a conflict": "conflict:",
    "gone": "gone:",
    "not found": "not_found:",
    "too early": "too_early:",
    "a hook_conflict event": "hook_conflict event",
}
#: Labels that a sequential schedule earns, and those that need a fault in the lanes; a suite before this one
#: called the last ``retry``.
_ALONE: Final = {"no-guard", "stored-wrong", "wrong-refusal"}
_FAULTED: Final = {"half-done", "own-retry", "retry"}
#: The rules of which a label may be said.
_OF_RULES: Final = {
    "order": ("log.",),
    "noisy": ("logs.",),
    "dialect": ("error.recognised",),
    "wrong-shape": ("answer.shape", "step.retry-after"),
}
#: A sentence about a line at error level; the queue logs a delivery that fails.
_LOGGED: Final = re.compile(r"(?:logged at error level: |^a delivery failed with )(.+)", re.DOTALL)
#: What is said of a control that is none.
CONTROL: Final = "the rule is said to break without a race, and actors interleave in what is shown"


class Asked(NamedTuple):
    """A call on its lane, from its beginning to its answer."""

    lane: str
    label: str
    began: int
    ended: int
    answer: str

    @property
    def succeeded(self) -> bool:
        return self.answer.startswith("success")


def contradictions(verdict: Verdict) -> list[str]:
    """What is wrong with the story of a red verdict; empty when all of it agrees."""
    if verdict.evidence is None or verdict.evidence.dropped:
        return []
    found = [*_rules(verdict), *_label(verdict.defect, verdict.control, verdict.evidence)]
    if verdict.broken:
        found += _label_of_rule(verdict.defect, verdict.broken[0])
    told = verdict.broken or [FindingLine(rules=verdict.rules, reason=verdict.reason)]
    for one in told:
        found += _finding(one, one.evidence or verdict.evidence)
    return found


def unlogged(verdict: Verdict) -> list[str]:
    """The lines that a story tells of, and that its lanes do not show."""
    if verdict.evidence is None or verdict.evidence.dropped:
        return []
    told = verdict.broken or [FindingLine(rules=verdict.rules, reason=verdict.reason)]
    return [f"{one.reason!r} is not on the lanes" for one in told if not _is_logged(one, verdict.evidence)]


def _is_logged(one: FindingLine, whole: Evidence) -> bool:
    match = _LOGGED.search(one.reason)
    shown = [item.label for item in (one.evidence or whole).lanes if item.kind == "log"]
    # Lanes cut what is long.
    return match is None or any(match[1][:80] in label for label in shown)


def _rules(verdict: Verdict) -> Iterator[str]:
    if not verdict.broken:
        return
    if verdict.broken[0].reason != verdict.reason:
        yield f"the headline is {verdict.reason!r}, the first finding {verdict.broken[0].reason!r}"
    told = {rule for one in verdict.broken for rule in one.rules}
    for rule in {*verdict.rules, *verdict.also} - told:
        yield f"{rule} is named and has no sentence"
    for one in verdict.broken:
        if one.follows and one.follows in one.rules:
            yield f"{one.follows} follows from itself"


def _label_of_rule(defect: str, shown: FindingLine) -> Iterator[str]:
    """A consequence names its cause, and nothing else does; some labels are of some rules only."""
    if shown.follows_in and defect != "consequence":
        yield f"{defect} is said of what follows from {shown.follows}"
    if defect == "consequence" and not shown.follows:
        yield "a consequence names no cause"
    if defect in _OF_RULES and not shown.rules[0].startswith(_OF_RULES[defect]):
        yield f"{defect} is said of {shown.rules[0]}"


def _label(defect: str, control: str, evidence: Evidence) -> Iterator[str]:
    alone = _is_sequential(evidence.lanes, ("gate", "answer"))
    faulted = any(item.kind == "fault" for item in evidence.lanes)
    if "breaks the rule" in control and not alone:
        yield CONTROL
    if defect in _ALONE and (not alone or not (faulted or "breaks the rule" in control)):
        yield f"{defect} is said of a schedule in which actors interleave, or the control is right: {control}"
    # A World may decide when it is called, before its first operation.
    if defect == "not-atomic" and not faulted and _is_sequential(evidence.lanes, ("call", "gate", "answer")):
        yield "not-atomic is said of a schedule in which nothing races"
    if defect in _FAULTED and not faulted:
        yield f"{defect} is said of a schedule with no fault"


def _is_sequential(items: list[LaneItem], kinds: tuple[str, ...]) -> bool:
    """Whether each lane ends before another begins, by its items of those kinds."""
    spans: dict[str, tuple[int, int]] = {}
    for item in items:
        # What the suite does afterwards, and what is delivered after the race, is not a race.
        # A call may begin long before its first operation is let through.
        if item.lane != "-" and item.kind in kinds:
            first, last = spans.get(item.lane, (item.at, item.at))
            spans[item.lane] = min(first, item.at), max(last, item.at)
    line = sorted(spans.values())
    return all(one[1] < other[0] for one, other in pairwise(line))


def asked(items: list[LaneItem]) -> list[Asked]:
    """The calls of all lanes, in the order in which they began."""
    calls = []
    taken: set[int] = set()
    items = sorted(items, key=lambda item: item.at)
    for item in items:
        if item.kind != "call":
            continue
        answer = next(
            (
                other
                for other in items
                if other.kind == "answer"
                and (other.lane, other.label) == (item.lane, item.label)
                and other.at > item.at
                and other.at not in taken
            ),
            None,
        )
        if answer is not None:
            taken.add(answer.at)
            calls.append(Asked(item.lane, item.label, item.at, answer.at, answer.text))
    return calls


def _finding(one: FindingLine, evidence: Evidence) -> Iterator[str]:
    calls = asked(evidence.lanes)
    places = {call.began: call for call in calls}
    for at in one.calls:
        if at not in places:
            yield f"{one.reason!r} is about a call that the lanes do not show"
    for pattern, check in _SENTENCES:
        if match := pattern.fullmatch(one.reason):
            yield from check(match, one, calls, evidence)


def _answered(match: re.Match[str], one: FindingLine, calls: list[Asked], _: Evidence) -> Iterator[str]:
    lane, label, got, right = match["lane"], match["what"], match["got"], match["right"]
    mine = [call for call in calls if (call.lane, call.label) == (lane, label)]
    mine = [call for call in mine if call.answer.startswith(_ANSWERS[got])] if got in _ANSWERS else mine
    if one.calls:
        mine = [call for call in mine if call.began == one.calls[0]]
    if not mine:
        yield f"the lanes do not show {lane}'s {label} with {got}"
        return
    last = max(call.ended for call in mine)
    if got == "success" and right.startswith("gone") and label.startswith("run_"):
        # What ended the run cannot have begun after this was answered. Who ends a run with success in the
        # lanes ends it for the first time, so it had not ended before the race.
        ends = [
            call
            for call in calls
            if call.succeeded and call.label.split()[0] in _ENDS_RUN and call not in mine
        ]
        if ends and all(call.began > last for call in ends):
            yield f"{one.reason!r}: the run was ended by a call that began after this was answered"
    for at in one.calls[1:]:
        if at > last:
            yield f"{one.reason!r}: a cause began after it was answered"


def _winners(match: re.Match[str], one: FindingLine, calls: list[Asked], _: Evidence) -> Iterator[str]:
    kinds = ("step_completed", "step_failed", "run_completed", "wait_completed")
    about = match["about"]
    won = [
        call
        for call in calls
        if call.succeeded
        and call.label.startswith(kinds)
        and (about in call.label or about.startswith("run"))
    ]
    if len(won) < int(match["count"]):
        yield f"{one.reason!r}: the lanes show {len(won)}"


def _no_winner(match: re.Match[str], one: FindingLine, calls: list[Asked], _: Evidence) -> Iterator[str]:
    ends = ("step_completed", "step_failed")
    if any(call.succeeded and call.label.startswith(ends) and match["about"] in call.label for call in calls):
        yield f"{one.reason!r}: the lanes show one"


def _refused(match: re.Match[str], one: FindingLine, calls: list[Asked], _: Evidence) -> Iterator[str]:
    if any(call.succeeded and call.label.endswith(f"_created {match['about']}") for call in calls):
        yield f"{one.reason!r}: the lanes show that it was taken"


def _stuck(match: re.Match[str], one: FindingLine, calls: list[Asked], _: Evidence) -> Iterator[str]:
    if any(call.succeeded and call.label.startswith(_ENDS_RUN) for call in calls):
        yield f"{one.reason!r}: the lanes show that the run has ended"
    if any(call.succeeded and call.label.startswith(match["kind"]) for call in calls):
        yield f"{one.reason!r}: the lanes show one who can"


def _in_log(match: re.Match[str], one: FindingLine, _: list[Asked], evidence: Evidence) -> Iterator[str]:
    names = evidence.names
    events = Counter(
        (event.type, names.get(event.correlation_id or "", event.correlation_id or ""))
        for event in evidence.events
    )
    entity = (match.groupdict().get("entity") or "").strip()
    count = events[match["kind"], entity]
    if match["how"] == "holds" and not count:
        yield f"{one.reason!r}: it does not"
    if match["how"].endswith("times") and count != int(match["how"].split()[0]):
        yield f"{one.reason!r}: it is there {count} times"


_Check = Callable[[re.Match[str], FindingLine, list[Asked], Evidence], Iterator[str]]
_SENTENCES: Final[list[tuple[re.Pattern[str], _Check]]] = [
    (re.compile(r"(?P<lane>\w+)'s (?P<what>.+?) got (?P<got>[^;:]+); right is (?P<right>.+)"), _answered),
    (
        re.compile(r"(?P<count>\d+) callers got a success for (?:the end of|completing) (?P<about>\w+):.*"),
        _winners,
    ),
    (re.compile(r"no caller got a success for the end of (?P<about>\w+):.*"), _no_winner),
    (re.compile(r"(?P<about>\w+) is (?:stored|alive), but its creation was refused"), _refused),
    (re.compile(r"nobody who asked for (?P<kind>\w+) of (?P<about>\w+) can go on: the run is stuck"), _stuck),
    (
        re.compile(
            r"the log of \w+ (?P<how>holds) (?:\d+ x )?(?P<kind>\w+) (?P<entity>\w*) ?"
            r"that no success explains"
        ),
        _in_log,
    ),
    (re.compile(r"(?P<kind>\w+) is in the log of \w+ (?P<how>\d+ times)"), _in_log),
]
