"""A hook that is created when its run is over: what 4.2.0-beta.71 changed, found on a published World.

It takes one preemption, late in one of the two handlers.
"""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.levels.prefix import Prefixes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from conformance.search.play import Played, play
from conformance.search.strategies import Search

from .conftest import Open
from .play import variant

BEFORE, AFTER = RuntimeWanted("4.2.0-beta.70"), RuntimeWanted("4.2.0-beta.71")
_VARIANT = variant("4/hooks-left-behind")
_OVER = "Cannot create entities on terminal run 'completed'"


def _refused(played: Played) -> bool:
    """Whether a hook was refused because its run was completed."""
    return any(
        call.op == "events.create"
        and call.event["eventType"] == "hook_created"
        and call.error is not None
        and call.error.message == _OVER
        for call in played.history.calls
    )


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "fails"), [(BEFORE, True), (AFTER, False)])
def test_a_hook_of_a_completed_run_fails_its_delivery_before_and_not_after(
    opened: Open, runtime: RuntimeWanted, fails: bool
) -> None:
    driver = opened("redis", runtime).driver
    prefixes, search, found = Prefixes(driver), Search(1, 2_000, "pass"), []
    for number, choose in enumerate(search.choosers()):
        played = play(prefixes, _VARIANT, Case(), choose, number)
        search.played(played.steps)
        if _refused(played):
            found.append(played)
    assert search.depth == "pass"
    assert search.runs < 100
    assert found, "the search comes by it"
    failed = [each for each in found if any(_OVER in str(one.failed) for one in each.history.deliveries)]
    assert bool(failed) == fails
    [verdict] = [
        one for one in Judge(driver).replay(_VARIANT, Case(), found[0].token, 20) if one.check == "logs"
    ]
    broken = "logs.failed-delivery" in verdict.rules
    assert broken == fails
    if verdict.failure is not None and fails:
        assert (verdict.failure.reproduced, verdict.failure.replays) == (20, 20)


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "fails"), [(BEFORE, True), (AFTER, False)])
def test_a_run_with_the_default_budget_says_so(opened: Open, runtime: RuntimeWanted, fails: bool) -> None:
    """Also where another delivery fails in another way, with a smaller schedule."""
    driver = opened("redis", runtime).driver
    limits = BUDGETS["default"].limits(_VARIANT, speed=driver.speed)
    [verdict] = [one for one in Judge(driver).judge(_VARIANT, limits) if one.check == "logs"]
    late = [
        one.failure
        for one in verdict.broken
        if one.finding.rule == "logs.failed-delivery" and _OVER in one.finding.text
    ]
    assert len(late) == fails
    assert all(one.reproduced == one.replays >= 3 for one in late)
