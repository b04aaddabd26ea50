"""A caller dies in an event, then comes another writer, then the same call again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from conformance.cli.crash import command
from conformance.core.scenario import Case
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.next_writer import KINDS, next_writer_variants
from conformance.memory.mutants import MUTANTS
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.search.budget import Limits
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.verdict import Verdict


def judged(make: Callable[[], MemoryWorld], kind: str, then: str) -> list[Verdict]:
    [variant] = next_writer_variants((kind,), (then,))
    return NextWriterJudge(InProcessDriver(make)).judge(variant, Limits((Case(),), 0, 0, 0, 3))


@pytest.mark.parametrize("make", [MemoryWorld, NumberedWorld])
@pytest.mark.parametrize("kind", KINDS)
def test_a_right_world_is_clean_whoever_comes_next(make: Callable[[], MemoryWorld], kind: str) -> None:
    for then in KINDS:
        for verdict in judged(make, kind, then):
            assert verdict.outcome == "pass", verdict.reason
            assert verdict.evidence.places_tried == verdict.evidence.places == 4


def test_an_event_that_a_crash_lost_is_found() -> None:
    found = next(iter(judged(MUTANTS["logs-later"].world, "step_completed", "hook_received")))
    assert found.outcome == "fail"
    assert "log.repeat-needs-event" in found.rules
    assert found.failure is not None
    assert found.failure.reproduced == found.failure.replays == 3


def test_a_claim_that_a_crash_left_is_a_hole() -> None:
    found = next(iter(judged(MUTANTS["slot-reserved"].world, "step_completed", "hook_received")))
    assert "log.slots" in found.rules


def test_the_command_says_what_it_tried() -> None:
    done = CliRunner().invoke(command, ["memory", "--event", "step_created", "--next", "wait_created"])
    assert (done.exit_code, done.output.split()) == (
        0,
        ["step_created-then-wait_created", "clean", "(4", "places)"],
    )
    broken = CliRunner().invoke(
        command,
        ["memory", "--option", "mutant=logs-later", "--event", "step_completed", "--next", "step_created"],
    )
    assert broken.exit_code == 1
    assert "log.repeat-needs-event" in broken.output
