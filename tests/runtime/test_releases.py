"""What 4.2.0-beta.71 fixed (vercel/workflow#1418), seen on one world: run_started, hooks, log levels.

The world is in memory and right, so whatever fails here is the runtime's. It speaks the newer dialect: errors
are translated.
"""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.budget import Limits
from conformance.search.judge import Judge

from .conftest import Open
from .play import once, variant, variants

BEFORE, AFTER = RuntimeWanted("4.2.0-beta.70", True), RuntimeWanted("4.2.0-beta.71", True)
LIMITS = Limits((Case(),), searched=15, generated=0, free=0, replays=3)


def _broken(opened: Open, runtime: RuntimeWanted) -> set[tuple[str, str, str]]:
    """Every variant, check and kind of failure."""
    driver = opened("memory", runtime).driver
    return {
        (name, verdict.check, verdict.defect)
        for name, each in variants("runtime")
        for verdict in Judge(driver).judge(each, LIMITS)
        if verdict.outcome != "pass"
    }


@pytest.mark.slow
def test_which_races_the_release_mended(opened: Open) -> None:
    before, after = _broken(opened, BEFORE), _broken(opened, AFTER)
    assert before - after == {
        # run_started of a run that the other has completed
        ("1/late-first-message", "logs", "unhandled"),
        ("2/only-message-twice", "logs", "unhandled"),
        ("4/hooks-left-behind", "logs", "unhandled"),  # hook_created that the other has made already
    }
    assert after == before - (before - after)


@pytest.mark.parametrize(("runtime", "level"), [(BEFORE, "warn"), (AFTER, "info")])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2/last-message-twice", "Tried completing workflow run, but run has already finished."),
        ("3/failing-message-twice", "Tried failing workflow run, but run has already finished."),
        ("6/step-message-twice", "Tried completing step, but step has already finished."),
        ("6/failing-step-twice", "Tried failing step, but step has already finished."),
        ("7/retrying-step-twice", "Encountered Error, step will be retried"),
    ],
)
def test_at_which_level_a_lost_race_is_said(
    opened: Open, runtime: RuntimeWanted, level: str, name: str, said: str
) -> None:
    history = once(opened("memory", runtime), variant(name), "ABABABABABABABABAB").history
    assert {line.level for line in history.logs if said in line.text} == {level}
