"""``updatedAt`` never goes back, and goes on when its entity has changed."""

from __future__ import annotations

from conformance.oracle.updated import Updated

_RUN = ("run", "wrun_1")
_STEP = ("step", "step_1")


def _shown(*times: object, changed: float = 50) -> list[str]:
    """What is said of the times, with a change before each but the first."""
    updated = Updated()
    said = [updated.difference(_RUN, times[0])]
    for time in times[1:]:
        updated.change(_RUN, changed)
        said.append(updated.difference(_RUN, time))
    return said


def test_it_goes_on() -> None:
    assert _shown(1, 2, 3) == ["", "", ""]


def test_it_may_not_stay_where_it_was_when_its_entity_has_changed() -> None:
    assert _shown(1, 1) == ["", "the same as before it was changed"]


def test_it_may_where_nothing_has_changed_and_where_another_entity_has() -> None:
    updated = Updated()
    updated.difference(_RUN, 1)
    updated.change(_STEP, 50)
    assert updated.difference(_RUN, 1) == ""


def test_nor_may_it_go_back_whether_it_has_changed_or_not() -> None:
    assert _shown(5, 4, 4) == ["", "gone back", "gone back"]
    updated = Updated()
    updated.difference(_RUN, 5)
    assert updated.difference(_RUN, 4) == "gone back"


def test_it_has_to_be_there_and_a_time() -> None:
    assert _shown(None, "soon") == ["missing", "missing"]


def test_the_clock_of_a_database_may_show_one_time_twice() -> None:
    assert _shown(1_000, 1_000, changed=50) == ["", ""]
