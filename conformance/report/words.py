"""What the marks, checks and kinds of failure mean, in the words all reports use."""

from __future__ import annotations

import shlex
from typing import Final, NamedTuple

from conformance.core.program import program
from conformance.record.lines import Check, FindingLine, Service, Verdict
from conformance.report.matrix import State
from conformance.spec.rules import RULES

STATE_WORDS: Final[dict[State, str]] = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "unsupported": "unsupported",
    "not_judged": "not judged",
    "not-shown": "nothing shown",
}

CHECK_WORDS: Final[dict[Check, str]] = {
    "convergence": "some order of the calls explains what is stored and the log; every replay ends the same",
    "continuation": "each finished step, wait or hook wakes its workflow exactly once",
    "logs": "a lost race is not logged as an error",
    "delivery": "the World's own queue delivers as the SDK asks of it",
}

#: Kind of failure -> (what it means, what usually fixes it).
DEFECTS: Final[dict[str, tuple[str, str]]] = {
    "no-guard": (
        "The second write is accepted even when the first finished long before: nothing guards it.",
        "Look at the entity's state before writing, in the same atomic operation as the write.",
    ),
    "stored-wrong": (
        "No call of the race is accepted or refused wrongly, but what is stored or listed is wrong, even "
        "without a race: by a call of the race, or by one that set it up.",
        "Write entity and event together, with the values that were given, and nothing when refusing.",
    ),
    "wrong-refusal": (
        "A call is refused that should succeed, or is refused with the wrong error, even without a race.",
        "Refuse a taken transition with 409, a finished run with 410, what is missing with 404.",
    ),
    "not-atomic": (
        "It holds in sequence and breaks in a race: another call changes what was checked before the write.",
        "Check and write in one operation: a transaction with a lock, a conditional update, a unique index.",
    ),
    "dialect": (
        "The loser is refused, but with an error that the runtime takes for a breakdown.",
        "Refuse a taken transition with 409 (EntityConflictError), a finished run with 410.",
    ),
    "raw-error": (
        "The loser gets a raw error that the runtime cannot classify: the delivery fails and is repeated.",
        "Catch it, and refuse the taken transition with 409 (EntityConflictError), a finished run with 410.",
    ),
    "wrong-shape": (
        "An answer lacks what the runtime reads, so the caller throws; or a refusal makes it wait too long.",
        "Answer as the interface of Worlds says: the event, and the run or step as it is after it.",
    ),
    "unhandled": (
        "Every answer is one that the table allows, and a handler of the runtime does not expect it: the "
        "delivery fails, or the run ends otherwise.",
        "Refuse as the race's table says, or use a release of the runtime that expects it.",
    ),
    "half-done": (
        "A process dies or loses its connection between the writes of one transition: it is left half done.",
        "Write what belongs to one transition in one atomic operation, or so that it can be written again.",
    ),
    "own-retry": (
        "A call took effect, and its caller did not learn it or failed later. It was made again, met its own "
        "first write, and was refused as if another caller had won.",
        "Make operations that can be sent twice: a key of the caller's own in the write, or no resending.",
    ),
    "lost": (
        "Something is no longer there: a run, an entity, an event, or the message that carries a run on.",
        "Remove only what has ended, and queue what carries the run on before the call is answered.",
    ),
    "order": (
        "The log holds the right events in an order in which they cannot have happened, or shows an event "
        "before one that comes ahead of it.",
        "Give an event its place in the log in the operation that commits it.",
    ),
    "consequence": (
        "This follows from another failure of the same schedule, and disappears when that one is fixed.",
        "Repair the failure that it names first.",
    ),
    "live-reader": (
        "A reader of a stream that is there while others write is given something else than a reader that "
        "comes later.",
        "Let a notification do nothing but wake the reader. Then read from the store what stands behind the "
        "last chunk that the reader was given, in the order of the stream, until its end is read there.",
    ),
    "noisy": (
        "The race ends well, but it is logged as an error.",
        "Log a lost race at info: it is a normal outcome of at-least-once delivery.",
    ),
}


def spaced(defect: str) -> str:
    """``not-atomic`` as people read it: ``not atomic``."""
    return defect.replace("-", " ")


def found_after(verdict: Verdict) -> str:
    """How soon a failure was found: ``found after 3 schedules of 48``; empty when the record does not say."""
    if verdict.found_after < 0:
        return ""
    if not verdict.found_after:
        return "found in the control"
    plural = "s" if verdict.found_after > 1 else ""
    return f"found after {verdict.found_after} schedule{plural} of {verdict.schedules}"


def searched(verdict: Verdict) -> str:
    """How deep it was searched: ``81/81 conflicts both ways, 185 orders, pass``, or ``24/312 fault
    places, shallow``; empty if nothing says so."""
    if not verdict.depth:
        return ""
    if verdict.places:
        return f"{verdict.places_tried}/{verdict.places} fault places, {verdict.depth}"
    if not verdict.orders:
        return verdict.depth  # one caller alone
    orders = f"{verdict.orders} order{'s' if verdict.orders != 1 else ''}"
    return f"{verdict.both_ways}/{verdict.conflicts} conflicts both ways, {orders}, {verdict.depth}"


class Break(NamedTuple):
    """A rule that a verdict names beside the one that it is about.

    ``text``: what breaks it, in a sentence. ``how``: what it follows from, or where it is seen.
    ``replay``: the command that shows it again, where the schedule that is shown does not break it.
    """

    rule: str
    text: str
    how: str
    replay: str


def rule_help(rule: str) -> str:
    """The command that shows the page of a rule: its meaning, how to fix it. Empty for an unknown rule."""
    return f"world-conformance rule {rule}" if rule in RULES else ""


def main_rules(verdict: Verdict) -> list[str]:
    """The rule that a failure is about; all its rules where the record does not say which that is."""
    return list(verdict.broken[0].rules) if verdict.broken else list(verdict.rules)


def further_breaks(verdict: Verdict) -> list[Break]:
    """What a failure breaks beside the rule that it is about, each with its own sentence."""
    found = []
    for one in verdict.broken[1:]:
        replay = one.evidence.replay if one.evidence is not None else ""
        how = _cause(one)
        if one.evidence is not None:
            how = ", ".join(part for part in ("in another schedule", how) if part)
        found.append(Break(", ".join(one.rules), one.reason, how, replay))
    return found


def cause_of(verdict: Verdict) -> str:
    """What the failure that is shown follows from: ``follows from step.terminal-once (convergence)``; empty
    for a cause, and where the record does not say."""
    return _cause(verdict.broken[0]) if verdict.broken else ""


def _cause(one: FindingLine) -> str:
    if not one.follows:
        return ""
    return f"follows from {one.follows}{f' ({one.follows_in})' if one.follows_in else ''}"


def further_line(one: Break) -> str:
    """``also breaks log.folds (follows from step.terminal-once): the log …``."""
    how = f" ({one.how})" if one.how else ""
    return f"also breaks {one.rule}{how}: {one.text}"


def again(verdict: Verdict) -> tuple[str, bool]:
    """The command that shows a failure again, and whether it replays its very schedule.

    What was found while the actors ran freely, or on a real queue, has no schedule: then it is the command
    that looks for it.
    """
    if verdict.evidence is not None and verdict.evidence.replay:
        return verdict.evidence.replay, True
    if verdict.evidence is not None and verdict.evidence.search:
        return verdict.evidence.search, False
    if not verdict.test:
        return "", False
    how = "--world-queue=world" if verdict.probe else f"--world-level={verdict.level}"
    words = [*program(), f"--world={verdict.world}", how, "-k", verdict.test.split("[")[0]]
    return shlex.join(words), False


def tried(verdict: Verdict) -> str:
    """How sure a failure is: ``found in 93 schedules, replayed 20/20``, or ``replayed 20 of 20``."""
    proven = verdict.replayed if not verdict.replayed.endswith("/0") else ""
    if verdict.replay:
        shown = proven.partition("/")[0] or "0"
        return f"replayed {shown} of {verdict.schedules}"
    found = found_after(verdict)
    if not found and verdict.schedules:
        found = f"found in {verdict.schedules} schedule{'s' * (verdict.schedules != 1)}"
    return ", ".join(part for part in (found, f"replayed {proven}" if proven else "") if part)


def service_title(service: Service) -> str:
    """``redis 7.2 (embedded)``, whether or not the version says ``redis`` itself."""
    version = service.version
    name = (
        version if version.lower().startswith(service.kind.lower()) else f"{service.kind} {version}".strip()
    )
    return f"{name} ({service.how})" if service.how else name
