"""Which of several failures of one rule is kept."""

from __future__ import annotations

from conformance.core.faults import Fault, FaultKind
from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.oracle import Finding
from conformance.search.failure import Failure, FoundBy
from conformance.search.play import Played


def _failure(*kinds: FaultKind, found_by: FoundBy = "search") -> Failure:
    finding = Finding("convergence", "log.repeat-needs-event", "refused, and no event says so")
    case = Case(faults=tuple(Fault(kind, 8) for kind in kinds))
    return Failure(finding, case, Played(History(), []), found_by)


def test_a_restart_comes_after_every_fault_that_a_schedule_repeats() -> None:
    """When each connection learns of it is no part of the schedule: the failure may replay 0 of 5."""
    failures = [_failure(found_by="free"), _failure("restart"), _failure("kill", "jump"), _failure("kill")]
    assert [one.case.faults for one in sorted(failures, key=lambda one: one.rank)] == [
        one.case.faults for one in failures[::-1]
    ]
