"""Two starters that see different start times: found by schedule, under the real runtime, with its cause."""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.drivers.driver import Driver
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.select import select
from conformance.provision.open import open_world
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

from .conftest import Open
from .play import variant

NEWEST = RuntimeWanted(runtimes.default())
LIMITS = Limits((Case(),), searched=16, generated=0, free=0, replays=5)
CAUSE = (
    "startedAt that differs from the one that another starter got: ids come from it, so they name the same "
    "step differently and the log cannot be replayed; run1 ended as failed; "
    "without a race it ends as completed"
)


def _judged(driver: Driver, seed: int = 0) -> dict[str, Verdict]:
    found = Judge(driver, seed).judge(variant("1/first-message-twice"), LIMITS)
    return {verdict.check: verdict for verdict in found}


def _shows_the_cause(verdicts: dict[str, Verdict]) -> str:
    """Assert that it was found, proven and explained; the schedule that shows it."""
    verdict = verdicts["convergence"]
    assert (verdict.outcome, verdict.defect) == ("fail", "not-atomic")
    assert set(verdict.rules) >= {"run.started-at-once", "log.replays", "run.ends-as-control"}
    assert verdict.reason.endswith(CAUSE)
    assert verdict.failure is not None
    assert verdict.failure.reproduced == verdict.failure.replays == LIMITS.replays
    # What the runtime says about it is told as what it is.
    assert verdicts["logs"].defect == "consequence"
    return verdict.failure.played.token


@pytest.mark.slow
def test_a_world_with_that_defect_is_caught() -> None:
    [target] = select(["memory"], options=["mutant=start-not-atomic"])
    opened = open_world(target, None, runtime=NEWEST)
    try:
        tokens = {_shows_the_cause(_judged(opened.driver, seed)) for seed in (1, 2, 3)}
    finally:
        opened.close()
    assert len(tokens) == 1


@pytest.mark.parametrize("world", ["memory", "redis:reference"])
def test_a_world_without_it_is_not(opened: Open, world: str) -> None:
    verdicts = _judged(opened(world, RuntimeWanted(runtimes.default(), translate=True)).driver)
    assert verdicts["convergence"].outcome == "pass"


@pytest.mark.slow
def test_a_published_world_that_has_it(opened: Open) -> None:
    _shows_the_cause(_judged(opened("postgres", NEWEST).driver))
