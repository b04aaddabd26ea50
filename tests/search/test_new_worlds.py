"""A World in the place of a dead one is made to have seen what the others have, and no more is played."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.core.scenario import Case, Variant
from conformance.drivers.in_process import InProcessDriver
from conformance.search.strategies import Sequential
from conformance.search.trials import Trials
from tests.search.test_faults import STEP

#: What an actor does for the first time, from its place in a schedule (0: it goes first).
New = Callable[[int], set[str]]


class _Dying(InProcessDriver):
    """A driver whose Worlds were replaced as a test says."""

    fresh = frozenset("AB")

    def replace_killed(self) -> frozenset[str]:
        fresh, self.fresh = self.fresh, frozenset()
        return fresh


class _Played(Trials):
    """Trials of Worlds that keep in mind what they have done. What they do in turn is not played."""

    driver: _Dying

    def __init__(self, new: New) -> None:
        super().__init__(_Dying())
        self._new = new
        self.seen: dict[str, set[str]] = {"A": set(), "B": set()}
        self.orders: list[str] = []

    def operations(self, _variant: Variant, _case: Case, actors: str) -> list[object]:
        self.orders.append(actors[:2])
        found: list[object] = []
        for place, actor in enumerate(actors[:2]):
            found.append((actor, sorted(self._new(place) - self.seen[actor])))
            self.seen[actor] |= self._new(place)
        return found

    def dies(self, actor: str) -> list[str]:
        """What is played when this actor has a new World."""
        self.orders.clear()
        self.seen[actor] = set()
        self.driver.fresh = frozenset(actor)
        self.play(STEP, Case(), next(Sequential().choosers()))
        return list(self.orders)

    @property
    def is_warm(self) -> bool:
        """Whether both Worlds have seen all that there is."""
        return all(seen == self._new(0) | self._new(1) for seen in self.seen.values())


@pytest.mark.parametrize(
    ("new", "after_a", "after_b"),
    [
        pytest.param(lambda _: set(), [], [], id="nothing is new to it"),
        pytest.param(
            lambda place: {"x", "y"} if place == 0 else {"x"}, ["AB"], ["BA"], id="who goes first does all"
        ),
        pytest.param(lambda place: {"xy"[place]}, ["AB", "BA"], ["AB", "BA"], id="each place has its own"),
    ],
)
def test_a_new_world_sees_what_it_has_to(new: New, after_a: list[str], after_b: list[str]) -> None:
    trials = _Played(new)
    trials.play(STEP, Case(), next(Sequential().choosers()))
    assert trials.orders == ["AB", "BA"], "those that were started first"
    assert len(trials.dies("B")) == 4, "looked at once"
    for actor, wanted in (("A", after_a), ("B", after_b)):
        assert trials.dies(actor) == wanted
        assert trials.is_warm


def test_who_plays_no_part_needs_nothing() -> None:
    trials = _Played(lambda place: {"xy"[place]})
    trials.play(STEP, Case(), next(Sequential().choosers()))
    assert trials.dies("C") == []
