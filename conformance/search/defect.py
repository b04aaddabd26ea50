"""What kind of fix a failure needs: its label, and the observation that earns it.

``docs/read-a-verdict.md`` has the same table for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from conformance.core.history import Call, History
from conformance.oracle.causes import distance
from conformance.oracle.finding import WAIT
from conformance.oracle.log_reads import PASSED
from conformance.oracle.mismatches import NOT_STORED
from conformance.oracle.removals import REMOVED
from conformance.search.failed_deliveries import is_allowed, refused
from conformance.search.failure import Failure
from conformance.search.interrupted import interrupted, made_again
from conformance.spec.vocabulary import Answer

#: Rules that are broken when progress is carried on by nobody.
_PROGRESS: Final = frozenset({"run.no-hang", "continuation.lost"})
#: Rules about how a run ends, whatever the World answered.
_ENDINGS: Final = frozenset({"run.ends-as-control", "run.output-agrees"})
_ORDER: Final = frozenset({"log.order", "log.prefix", "log.prefix-whole"})


class Label(NamedTuple):
    """``name`` is a key of :data:`conformance.report.words.DEFECTS`, ``observed`` the observation that earns
    it, in words, ``earned`` looks for it in a failure."""

    name: str
    observed: str
    earned: Callable[[Failure], bool]


def defect_of(failure: Failure) -> str:
    """The label of a failure: the first of :data:`LABELS` that it earns."""
    return next(label.name for label in LABELS if label.earned(failure))


# -- what went wrong around the World --------------------------------------------------------------


def _is_own_retry(failure: Failure) -> bool:
    history = failure.played.history
    again = [call for call in made_again(history, failure.writes) if _concerns(failure, call)]
    failed = [*refused(history)] if failure.finding.rule == "logs.failed-delivery" else []
    return any(call in failed for call in again) if failed else bool(again)


def _is_half_done(failure: Failure) -> bool:
    broken = interrupted(failure.played.history)
    return any(one.is_half(failure.writes) and _concerns(failure, one.call) for one in broken)


def _concerns(failure: Failure, call: Call) -> bool:
    """Whether a finding may be about the run of that call, or about a token that its hooks want, as those of
    other runs do."""
    about, run_id, names = failure.finding.about, call.run_id, failure.names
    if not about or run_id is None or names.get(run_id, about[0]) == about[0]:
        return True
    token = failure.finding.token
    return token != "" and any(names.get(one, one) == token for one in _tokens(failure.played.history, call))


def _tokens(history: History, call: Call) -> Iterator[str]:
    """The token of the hook that a call is about, or those of all hooks of its run."""
    hook = call.event.get("correlationId") if call.event["eventType"].startswith("hook_") else None
    for one in history.calls:
        if one.op != "events.create" or one.run_id != call.run_id:
            continue
        if one.event["eventType"] == "hook_created" and hook in (None, one.event.get("correlationId")):
            yield (one.event.get("eventData") or {}).get("token", "")


# -- how the World answers, and what the runtime makes of it -------------------------------------------


def _is_unhandled(failure: Failure) -> bool:
    rule = failure.finding.rule
    if rule in _ENDINGS:
        return True
    if rule not in ("logs.failed-delivery", "run.no-hang"):
        return False
    errors = [each.failed for each in failure.played.history.deliveries if each.failed is not None]
    known = all(error.answer != "unexpected" for error in errors)
    return bool(errors) and known and not _wrongly_refused(failure)


def _wrongly_refused(failure: Failure) -> list[Call]:
    """The calls that failed a delivery with a refusal which the table does not have."""
    history = failure.played.history
    return [call for call in refused(history) if not is_allowed(history, call)]


def _is_raw_error(failure: Failure) -> bool:
    failed = failure.finding.rule == "logs.failed-delivery" and not _wrongly_refused(failure)
    return failed or _answer(failure) == "unexpected"


def _answer(failure: Failure) -> Answer | None:
    """What the call got that a failure is about; None when it is about none."""
    wanted = failure.finding.call
    found = (call.answer for name, call in failure.played.history.creations() if name == wanted)
    return next(found, None)


# -- what is there afterwards --------------------------------------------------------------------------


def _is_lost(failure: Failure) -> bool:
    finding = failure.finding
    if finding.rule in _PROGRESS or finding.wrong == "event gone" or finding.wrong.endswith(REMOVED):
        return True
    return bool(finding.about) and not _vanished(failure).isdisjoint(finding.about)


def _vanished(failure: Failure) -> set[str]:
    """Runs that are no longer there, and entities that were created before the race and are not stored."""
    names, history = failure.names, failure.played.history
    gone = {names.get(one, one) for one, error in history.unreadable if error.answer == "not_found"}
    missing = {one.about[-1] for one in failure.findings if one.wrong == NOT_STORED}
    given = {
        names.get(call.event.get("correlationId") or "", "")
        for call in history.calls
        if call.op == "events.create" and call.phase == "given" and call.answer == "ok"
    }
    return gone | (missing & given)


def _is_order(failure: Failure) -> bool:
    finding = failure.finding
    if finding.wrong == PASSED and _is_alone(failure):
        return False  # the log is as it should be, and who reads it is not given all of it
    beside = failure.findings if finding.rule == "log.replays" else []
    return any(
        one.rule in _ORDER or (one.rule.startswith("log.") and one.wrong.endswith(("late", "order")))
        for one in (finding, *beside)
    )


# -- with or without a race ----------------------------------------------------------------------------


def _is_alone(failure: Failure) -> bool:
    return failure.played.uninterrupted


def _is_refused(failure: Failure) -> bool:
    return _answer(failure) not in (None, "ok") and not failure.finding.rule.startswith("log.")


def _is_wrong_refusal(failure: Failure) -> bool:
    if failure.finding.rule == "logs.failed-delivery":
        return _is_alone(failure) and bool(_wrongly_refused(failure))
    call = failure.finding.call
    # What is refused after the race meets what the race has left there.
    return _is_alone(failure) and _is_refused(failure) and call is not None and call[0] == "race"


def _is_stored_wrong(failure: Failure) -> bool:
    if not _is_alone(failure):
        return False
    finding = failure.finding
    if finding.call is None:
        return distance(finding) < _OF_HANDLERS and not finding.rule.endswith("-once")
    return finding.wrong == "attempt" or finding.rule.startswith("log.") or _is_refused(failure)


#: From this distance on nothing stored is wrong: a message or a step body is one too many.
_OF_HANDLERS: Final = 4

#: From the first to the last: a failure gets the first label that it earns.
LABELS: Final = (
    Label(
        "consequence",
        "another finding of the same schedule, of this check or another, explains it and is nearer to what "
        "the World does",
        lambda failure: failure.cause is not None,
    ),
    Label(
        "live-reader",
        "a reader that is there while others write is given something else than later readers are",
        lambda failure: failure.finding.rule.startswith("stream.live-"),
    ),
    Label(
        "dialect",
        "a delivery fails with a right refusal, in words that this release of the runtime does not know",
        lambda failure: failure.finding.rule == "error.recognised",
    ),
    Label(
        "half-done",
        "a process died or lost its connection between the first and the last write of one call",
        lambda failure: not _resent(failure) and _is_half_done(failure),
    ),
    Label(
        "own-retry",
        "all writes of a call were made, and its caller did not learn it or failed later; the World's client "
        "or a redelivery of the message makes the call again, and it is refused",
        _is_own_retry,
    ),
    Label(
        "wrong-shape",
        "an answer lacks what the runtime reads of it, or a refusal asks it to wait too long",
        lambda failure: failure.finding.rule == "answer.shape" or failure.finding.wrong.endswith(f" {WAIT}"),
    ),
    Label(
        "unhandled",
        "every answer is one that the table allows, and the delivery fails or the run ends otherwise",
        _is_unhandled,
    ),
    Label("raw-error", "a call gets an error that is no refusal", _is_raw_error),
    Label(
        "noisy",
        "a line at error level, and nothing else that explains it",
        lambda failure: failure.finding.rule in ("logs.error-line", "logs.uncaught-error"),
    ),
    Label(
        "lost",
        "a run, an entity or an event that was there before is no longer there; or progress is made and no "
        "message carries it on",
        _is_lost,
    ),
    Label(
        "order",
        "the log holds the right events in an order that no order of the calls gives, or a read of it is no "
        "prefix of it",
        _is_order,
    ),
    Label("wrong-refusal", "nothing races, and a call is refused that should succeed", _is_wrong_refusal),
    Label(
        "stored-wrong",
        "nothing races, no call of the race is accepted or refused wrongly, and what is stored or listed is "
        "wrong, by a call of the race or by one that set it up",
        _is_stored_wrong,
    ),
    Label("no-guard", "nothing races, and a call is accepted that should be refused", _is_alone),
    Label("not-atomic", "it takes a race: the control is right", lambda failure: not _is_alone(failure)),
)


def _resent(failure: Failure) -> bool:
    return any(one.again for one in interrupted(failure.played.history))
