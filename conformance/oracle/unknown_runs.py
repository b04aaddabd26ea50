"""Events that are taken for a run which is not there yet.

Such a success breaks ``run.unknown``, which is a should: no handler has a run that its start did not give.
What is stored of the run then comes of it, and so do other answers about it. Neither is a finding of its own.
"""

from __future__ import annotations

from typing import Final

from conformance.oracle.finding import Finding, about_of
from conformance.oracle.mismatches import id_of, what
from conformance.oracle.seen import Observed, SeenCall

_RULE: Final = "run.unknown"
#: What is said of such a run all the same.
_APART: Final = frozenset({_RULE, "error.classifiable"})
#: What makes a run.
_MAKES: Final = frozenset({"run_created", "run_started"})


def without_consequences(findings: list[Finding], observed: Observed) -> list[Finding]:
    """The findings, without those about a run that took an event before it was there. An error that nobody
    can read is one all the same."""
    early = _taken_early(observed)
    if not early:
        return findings
    kept = [one for one in findings if one.rule in _APART or not set(one.about[:1]) & early.keys()]
    told = {one.about[0] for one in kept if one.rule == _RULE and one.about}
    dropped = {one.about[0] for one in findings if one not in kept}
    return [*kept, *(_early(early[run]) for run in sorted(dropped - told))]


def _taken_early(observed: Observed) -> dict[str, SeenCall]:
    """For each run the first event that it took although it was not there when its caller asked."""
    race = [call for call in observed.calls if call.phase == "race"]
    before = [(1 << at) - 1 for at in range(len(race))] if observed.in_order else observed.order
    there = {call.run for call in observed.calls if call.phase == "given"}
    made: dict[str, int] = {}
    for at, call in enumerate(race):
        if call.kind in _MAKES and call.answer == "ok" and call.run not in there:
            made[call.run] = made.get(call.run, 0) | 1 << at
    early: dict[str, SeenCall] = {}
    for call, answered in zip(race, before, strict=False):
        taken = call.kind not in _MAKES and call.answer in ("ok", "hook_conflict")
        if taken and call.run in made and not answered & made[call.run]:
            early.setdefault(call.run, call)
    return early


def _early(call: SeenCall) -> Finding:
    text = f"{call.actor}'s {what(call)} was taken before {call.run} was there; right is not found"
    return Finding(
        "convergence", _RULE, text, id_of(call), f"{call.kind} {call.answer}", about_of(call.run, call.entity)
    )
