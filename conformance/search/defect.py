"""What kind of fix a failure needs: see ``docs/read-a-verdict.md``."""

from __future__ import annotations

from typing import Final

from conformance.core.faults import LEAVES_HALF_DONE
from conformance.search.failure import Failure
from conformance.spec.vocabulary import Answer

#: Rules about what is stored and listed, whatever was answered.
_STORED: Final = frozenset(
    {
        "log.agrees-with-answers",
        "log.folds",
        "log.order",
        "log.prefix",
        "log.replays",
        "log.slots",
        "run.readable",
        "run.status-agrees",
        "step.status-agrees",
        "hook.status-agrees",
    }
)
#: Rules that say by themselves what has to be fixed.
_OF_RULE: Final = {
    "answer.shape": "wrong-shape",
    "error.classifiable": "raw-error",
    "logs.failed-delivery": "raw-error",
    "logs.error-line": "noisy",
}
_REFUSALS: Final = frozenset({"conflict", "gone", "not_found", "too_early", "hook_conflict"})


def defect_of(failure: Failure) -> str:
    """The label of a failure: a key of :data:`conformance.report.words.DEFECTS`."""
    rule = failure.finding.rule
    if failure.of_dialect:
        return "dialect"
    if any(fault.kind in LEAVES_HALF_DONE for fault in failure.played.history.faults):
        return "retry" if _met_its_own_write(failure) else "half-done"
    if failure.is_consequence or failure.is_unhandled:
        return "consequence" if failure.is_consequence else "unhandled"
    answer = _answer(failure)
    if rule in _OF_RULE or answer == "unexpected":
        return _OF_RULE.get(rule, "raw-error")
    return _without_a_race(failure, answer) if failure.found_by == "control" else "not-atomic"


def _without_a_race(failure: Failure, answer: Answer | None) -> str:
    call = failure.finding.call
    # What is refused after the race meets what the race left there.
    if answer in _REFUSALS and call is not None and call[0] == "race":
        return "wrong-refusal"
    return "stored-wrong" if failure.finding.rule in _STORED and _answers_are_right(failure) else "no-guard"


def _answer(failure: Failure) -> Answer | None:
    """What the call got that a failure is about; None when it is about none."""
    wanted = failure.finding.call
    n: dict[tuple[str, str], int] = {}
    for call in failure.played.history.calls if wanted is not None else ():
        if call.op == "events.create" and call.ended != -1:
            at = (call.phase, call.actor)
            n[at] = n.get(at, -1) + 1
            if (*at, n[at]) == wanted:
                return call.answer
    return None


def _answers_are_right(failure: Failure) -> bool:
    return not any(
        # A refusal that is right may be one that the log lacks the ground of.
        other.call is not None and other.severity == "must" and not other.rule.startswith("log.")
        for other in failure.findings
    )


def _met_its_own_write(failure: Failure) -> bool:
    """Whether an operation whose answer was lost was sent once more within the same call."""
    history = failure.played.history
    for fault in history.faults:
        if fault.kind != "lose":
            continue
        made = [gate for gate in history.gates if gate.actor == fault.actor and gate.at > fault.at]
        call = next(
            (c for c in history.calls if c.actor == fault.actor and c.began < fault.at < c.ended), None
        )
        if made and call is not None:
            again = (gate for gate in made[1:] if gate.at < call.ended)
            if any(gate.label == made[0].label for gate in again):
                return True
    return False
