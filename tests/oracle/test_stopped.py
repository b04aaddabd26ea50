"""A conflict on the start of a run is right for the loser of two starts, and for nobody who starts later."""

from __future__ import annotations

import pytest

from conformance.oracle import check

from .build import Outcome, seen


def _found(order: tuple[int, ...], *, given: bool = False) -> set[str]:
    outcome = Outcome().given("run_created")
    outcome.call("-" if given else "A", "run_started", phase="given" if given else "race")
    observed = outcome.observed()
    refused = seen("B", "run_started", answer="conflict")
    observed = observed._replace(calls=(*observed.calls, refused), order=order)
    return {one.rule for one in check(observed) if one.check == "continuation"}


@pytest.mark.parametrize("given", [False, True])
def test_who_starts_when_the_start_was_answered_must_not_be_told_to_stop(given: bool) -> None:
    assert _found((0,) if given else (0, 1), given=given) == {"continuation.lost"}


def test_the_loser_of_two_starts_may() -> None:
    assert _found((0, 0)) == set()
