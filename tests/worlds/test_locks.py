"""Worlds that keep callers apart, in processes and in one process: what holds passes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target, parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from tests.opened import opening
from tests.plugin.conftest import Run, run

__all__ = ["run"]

_TOYS = Path(__file__).parent / "toys"
_LIMITS = Limits((Case(),), searched=25, generated=0, free=0, replays=5)
#: a published World beside which the driver is installed
_DRIVERS = {
    "session-lock": "postgres",
    "serializable": "postgres",
    "optimistic": "postgres",
    "polled-lock": "redis",
}


def _open(target: Target, service: Service | None, _: int, __: RuntimeWanted | None) -> OpenWorld:
    driver = resolve(parse(_DRIVERS[target.world])).root
    return open_world(replace(target, options={"packages": str(driver)}), service, "locks")


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], OpenWorld]]:
    with opening(_open) as make:
        yield lambda name: make(str(_TOYS / name))


def _complete(*, instance: bool) -> Variant:
    scenario = by_id("run_completed")
    variants = scenario.instance("storage") if instance else scenario.at("storage")
    return next(one for one in variants if one.name.startswith("complete-complete"))


def _judged(opened: OpenWorld, *, instance: bool) -> tuple[Verdict, Judge]:
    driver = opened.instance if instance else opened.driver
    assert driver is not None
    judge = Judge(driver)
    return judge.judge(_complete(instance=instance), _LIMITS)[0], judge


def test_a_session_lock_keeps_processes_apart(opened: Callable[[str], OpenWorld]) -> None:
    verdict, _ = _judged(opened("session-lock"), instance=False)
    assert verdict.outcome == "pass", verdict.reason


@pytest.mark.slow
def test_and_lets_two_calls_of_one_process_win(opened: Callable[[str], OpenWorld]) -> None:
    verdict, judge = _judged(opened("session-lock"), instance=True)
    assert (verdict.outcome, verdict.defect) == ("fail", "not-atomic"), verdict.reason
    assert "run.terminal-once" in verdict.rules
    assert verdict.failure is not None
    assert (verdict.failure.reproduced, verdict.failure.replays) == (5, 5)
    [again, *_] = judge.replay(_complete(instance=True), Case(), verdict.failure.played.token, 3)
    assert again.failure is not None
    assert (again.outcome, again.failure.reproduced) == ("fail", 3)


@pytest.mark.parametrize("instance", [False, True], ids=["processes", "instance"])
def test_a_lock_that_is_asked_for_again_and_again_is_right(
    opened: Callable[[str], OpenWorld], instance: bool
) -> None:
    verdict, _ = _judged(opened("polled-lock"), instance=instance)
    assert verdict.outcome == "pass", verdict.reason
    # In one process both speak over one connection, on which they take turns.
    assert (verdict.evidence.yielded > 0) is not instance


@pytest.mark.parametrize("instance", [False, True], ids=["processes", "instance"])
@pytest.mark.parametrize("name", ["serializable", "optimistic"])
def test_who_tries_again_until_nobody_was_quicker_is_right(
    name: str, opened: Callable[[str], OpenWorld], instance: bool
) -> None:
    """No lock: a call that another overtook begins anew. Every conflict was seen both ways, all is green."""
    made = opened(name)
    driver = made.instance if instance else made.driver
    assert driver is not None
    limits = replace(_LIMITS, reach="pass", most=400)
    verdict = Judge(driver).judge(_complete(instance=instance), limits)[0]
    assert verdict.outcome == "pass", verdict.reason
    assert verdict.evidence.depth in ("pass", "deep"), verdict.reason


@pytest.mark.slow
def test_a_run_tells_the_two_apart_and_replays_what_it_found(run: Run, tmp_path: Path) -> None:
    world = [
        f"--world={_TOYS / 'session-lock'}",
        f"--world-option=packages={resolve(parse('postgres')).root}",
        "--world-level=storage",
        "--world-budget=quick",
    ]
    record = tmp_path / "run.jsonl"
    done = run(*world, f"--world-record={record}", "-k", "run_completed", timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    found = {
        line["variant"]: line["verdict"]
        for line in lines
        if line["kind"] == "verdict" and line["check"] == "convergence"
    }
    assert found["complete-complete"] == "pass"
    assert found["complete-complete+instance"] == "fail"
    [schedule] = [
        line["evidence"]["schedule"]
        for line in lines
        if line["kind"] == "verdict" and line["check"] == "convergence" and line["evidence"]
    ]
    spec = f"run_completed/storage/complete-complete+instance/{schedule}"
    done = run(*world, f"--world-replay={spec}", timeout=120)
    assert "20 of 20 times" in done.stdout, done.stdout + done.stderr
