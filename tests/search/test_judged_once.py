"""An outcome is judged once, however many schedules lead to it: judging it anew says the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.oracle import Control, Finding, Observed, check, check_ending, orders
from conformance.search.strategies import Search
from conformance.search.trials import Checks, Trials

_MUTANTS = [None, *sorted(MUTANTS)[::40]]


def _variants() -> Iterator[Variant]:
    for scenario in scenarios():
        yield from scenario.at("storage")


def _anew(observed: Observed, control: Control | None) -> list[Finding]:
    """What the checks find with nothing remembered."""
    orders.forget()
    return check(observed, control)


@pytest.mark.parametrize("mutant", _MUTANTS, ids=str)
def test_what_was_judged_before_is_judged_the_same_anew(mutant: str | None) -> None:
    driver = InProcessDriver() if mutant is None else InProcessDriver(MUTANTS[mutant].world)
    remembered: list[tuple[list[Finding], Observed, Control | None]] = []
    for variant in _variants():
        trials = Trials(driver)
        with trials.guarded():  # a broken World may raise anything
            remembered += _judged_again(trials, variant)
    assert len(remembered) > 20
    for findings, observed, control in remembered:
        assert findings == _anew(observed, control)


def _judged_again(
    trials: Trials, variant: Variant
) -> Iterator[tuple[list[Finding], Observed, Control | None]]:
    """The outcomes that further schedules came to, and what was remembered of them."""
    control, search = trials.control(variant, Case()), Search(6)
    outcomes: set[Observed] = set()
    for choose in search.choosers() if control is not None else ():
        played, findings = trials.try_one(variant, Case(), choose, control, "search")
        search.played(played.steps)
        observed = played.observe(variant.level, in_order=played.sequential)
        if observed in outcomes:
            yield findings, observed, None if played.sequential else control
        outcomes.add(observed)


@pytest.mark.parametrize(("checks", "explains"), [(check, True), (check_ending, False)])
def test_trials_check_as_they_are_told(checks: Checks, explains: bool) -> None:
    """A World that is known to be right is not asked for the order of its calls."""
    trials, search = Trials(InProcessDriver(MUTANTS["step-end-not-atomic"].world), checks=checks), Search(6)
    [variant] = [one for one in by_id("6").at("storage") if one.name == "complete-complete"]
    control = trials.control(variant, Case())
    for choose in search.choosers():
        search.played(trials.try_one(variant, Case(), choose, control, "search")[0].steps)
    found = {finding.text for failure in trials.failures.values() for finding in failure.findings}
    assert any("right is a conflict" in text for text in found) is explains
