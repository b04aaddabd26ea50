"""Ids are the same for every replay of a run, and for no other run or start."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from conformance.handlers.ids import Ids, ulid

_ULID = re.compile(r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")


def test_a_known_ulid() -> None:
    assert ulid(0, 0) == "0" * 26
    assert ulid((1 << 48) - 1, (1 << 80) - 1) == "7" + "Z" * 25
    assert ulid(1_469_918_176_385, 0).startswith("01ARYZ6S41")


@given(run_id=st.text(), name=st.text(), started_at=st.integers(0, (1 << 48) - 1))
def test_replays_draw_the_same_ids_in_rising_order(run_id: str, name: str, started_at: int) -> None:
    one, other = Ids.of_run(run_id, name, started_at), Ids.of_run(run_id, name, started_at)
    drawn = [one.draw("step") for _ in range(40)]
    assert drawn == [other.draw("step") for _ in range(40)]
    assert drawn == sorted(set(drawn))
    assert all(_ULID.match(each.removeprefix("step_")) for each in drawn)


def test_one_counter_for_all_kinds() -> None:
    mixed, steps = Ids.of_run("wrun_1", "flow", 5), Ids.of_run("wrun_1", "flow", 5)
    kinds = [mixed.draw("step"), mixed.draw("wait"), mixed.draw("hook")]
    assert [each.partition("_")[2] for each in kinds] == [
        each.partition("_")[2] for each in (steps.draw("step"), steps.draw("step"), steps.draw("step"))
    ]


def test_another_start_draws_other_ids() -> None:
    drawn = {Ids.of_run(run, name, at).draw("step") for run in "ab" for name in "xy" for at in (1, 2)}
    assert len(drawn) == 8
