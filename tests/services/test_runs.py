"""Whose a name on a server is: of a run that is still there, or of one that is gone."""

from __future__ import annotations

import os
import re

import psutil
import pytest

from conformance.provision.services import runs
from conformance.provision.services.runs import is_gone, new_run_id, state_of
from conformance.provision.services.service import namespace_name


@pytest.mark.needs("linux")
def test_a_run_is_alive_although_somebody_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start of a process in seconds since 1970 moves with the clock."""
    name = namespace_name(new_run_id(), "main_0")
    assert state_of(name) == "alive"
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)
    assert state_of(name) == "alive"


def test_a_later_process_of_the_same_number_is_another_run() -> None:
    name = namespace_name(new_run_id(), "main_0")
    assert state_of(re.sub(r"x(?=[0-9a-z]+_[0-9a-f]{6}_)", "x1", name)) == "dead"


def test_runs_that_are_gone() -> None:
    assert not is_gone(new_run_id())
    assert not is_gone(new_run_id(os.getppid()))
    assert not is_gone("anothermachi_1x1_abcdef")
    assert not is_gone("")
    assert is_gone(re.sub(r"x[0-9a-z]+_(?=[0-9a-f]{6}$)", "x1_", new_run_id()))


@pytest.mark.parametrize("begun", [*range(36), 36**2 - 3, 33 * 36**3 + 5, 3_715_551])
def test_a_number_of_any_digits_is_read_back(begun: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No digit is the letter between the two numbers: a living run looked dead when one was."""
    monkeypatch.setattr(runs, "_begun", lambda _: begun)
    assert state_of(namespace_name(new_run_id(pid=33 * 36 + 33), "main_0")) == "alive"
