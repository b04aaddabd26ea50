"""Places are tried in an order that shows one of each kind first, as far as the time goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.deadline import Deadline
from conformance.core.faults import QUEUE_FAULTS, FaultKind
from conformance.core.scenario import Case, Level, Variant
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.plugin.time_left import share_of_test, shorter
from conformance.search.budget import BUDGETS, BudgetName
from conformance.search.fault_judge import FaultJudge
from conformance.search.fault_order import Planned, by_novelty
from conformance.search.fault_places import Places, orders, places_of
from conformance.search.play import play
from conformance.search.trials import Trials
from tests.search.test_faults import STEP, variant

_DEFAULT = BUDGETS["default"].limits(STEP, speed=1)
_HOOKS = variant("4", "hooks-left-behind")


def _schedules(of: Variant = _HOOKS) -> list[Places]:
    """The places in the two schedules with no faults."""
    driver = InProcessDriver()
    prefixes = Prefixes(driver)
    return [places_of(play(prefixes, of, Case(), order, 1), driver.faults) for order in orders()]


def _kind(planned: Planned, schedules: list[Places]) -> tuple[FaultKind, str]:
    fault = planned.fault
    return fault.kind, schedules[planned.order][fault.kind][fault.place]


def test_each_place_is_there_once() -> None:
    schedules = _schedules()
    planned = by_novelty(schedules)
    assert len(set(planned)) == len(planned) > 100
    assert {(one.order, one.fault.kind, one.fault.place) for one in planned} == {
        (order, kind, place)
        for order, places in enumerate(schedules)
        for kind, found in places.items()
        for place in found
    }


def test_no_kind_of_place_comes_again_before_each_came_as_often() -> None:
    schedules = _schedules()
    kinds = [_kind(one, schedules) for one in by_novelty(schedules)]
    before = [kinds[:at].count(kind) for at, kind in enumerate(kinds)]
    assert before == sorted(before)
    assert before.count(0) == len(set(kinds)) < len(kinds) / 2


def test_kinds_of_faults_take_turns_from_the_first_on() -> None:
    schedules = _schedules()
    first = [one.fault.kind for one in by_novelty(schedules)[:20]]
    assert set(first) == {kind for places in schedules for kind, found in places.items() if found}
    assert first.count("kill") > first.count("jump")


def test_a_place_is_of_its_operation_and_of_the_call_that_it_belongs_to() -> None:
    read = [site for site in _schedules()[0]["jump"].values() if site.endswith(": read run1")]
    assert len(set(read)) > 4
    assert "events.create hook_created: read run1" in read
    deliveries = {
        site for kind in QUEUE_FAULTS for site in _schedules(variant("8", "suspend-twice"))[0][kind].values()
    }
    assert {"step suspension", "workflow step_completed"} <= deliveries


@pytest.mark.parametrize("level", ["handlers", "runtime"])
@pytest.mark.parametrize("budget", ["default", "thorough"])
def test_every_place_is_tried_at_each_level(budget: BudgetName, level: Level) -> None:
    limits = BUDGETS[budget].limits(replace(STEP, level=level), speed=1)
    assert limits.searched > 10_000


def test_when_the_time_is_up_a_pass_says_how_many_places_were_tried_and_is_shallow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedules = _schedules()
    kinds = {_kind(one, schedules) for one in by_novelty(schedules)}
    enough = len(kinds) + 4  # the control, and a schedule without a fault for each order
    monkeypatch.setattr(Trials, "is_late", property(lambda self: self.evidence.schedules >= enough))
    for found in FaultJudge(InProcessDriver()).judge(_HOOKS, _DEFAULT, []):
        evidence = found.evidence
        assert (found.outcome, evidence.depth) == ("pass", "shallow")
        assert len(kinds) <= evidence.places_tried < evidence.places
        assert f"{evidence.places_tried}/{evidence.places} fault places" in found.reason
        assert "; shallow" in found.reason
        assert set(evidence.faults) == {kind for kind, _ in kinds}
        assert not evidence.generated


# -- the time of a test ------------------------------------------------------------------------------


def test_faults_have_a_share_of_what_the_time_limit_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("conformance.core.deadline.time.monotonic", lambda: now)
    deadline = Deadline(60.0)
    assert share_of_test(deadline, 3) == 16.0  # what they show is played again in the rest
    now += 30
    assert share_of_test(deadline, 1) == 24.0
    now += 40
    assert share_of_test(deadline, 1) == 0.0
    assert share_of_test(Deadline(), 3) is None


def test_the_shorter_of_two_times_counts() -> None:
    assert (shorter(None, None), shorter(3.0, None), shorter(None, 2.0), shorter(3.0, 2.0)) == (None, 3, 2, 2)
