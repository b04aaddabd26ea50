"""What a verdict names must not depend on the seed: what only generated cases break is told beside it."""

from __future__ import annotations

from dataclasses import replace

from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.oracle import Finding
from conformance.search.budget import BUDGETS
from conformance.search.draw import cases
from conformance.search.failure import Evidence, Failure
from conformance.search.judge import Judge
from conformance.search.play import Played
from conformance.search.verdict import decide

TRIED = Evidence(controls=2, schedules=9, gates=30)


def _failure(rule: str, *, seed_dependent: bool, alone: bool = False) -> Failure:
    finding = Finding("convergence", rule, f"{rule} is broken")
    found_by = "control" if alone else "drawn" if seed_dependent else "search"
    played = Played(History(), [])
    return Failure(finding, Case(), played, found_by, [finding], seed_dependent, 1, 1)  # type: ignore[arg-type]


def test_rules_of_the_search_are_named_and_those_of_luck_stand_beside_them() -> None:
    found = [_failure("log.folds", seed_dependent=True), _failure("step.terminal-once", seed_dependent=False)]
    verdict = decide("convergence", TRIED, found)
    assert (verdict.outcome, verdict.rules, verdict.also) == ("fail", ("step.terminal-once",), ("log.folds",))


def test_luck_does_not_change_the_kind_of_defect() -> None:
    found = [
        _failure("log.folds", seed_dependent=True, alone=True),
        _failure("step.terminal-once", seed_dependent=False),
    ]
    assert decide("convergence", TRIED, found).defect == "not-atomic"


def test_what_luck_alone_finds_fails_all_the_same() -> None:
    verdict = decide("convergence", TRIED, [_failure("log.folds", seed_dependent=True)])
    assert (verdict.outcome, verdict.rules, verdict.also) == ("fail", ("log.folds",), ())


def test_what_a_further_step_shows_needs_no_luck() -> None:
    """A late start of a finished step stands between the events of the next one, which the race reaches."""
    [variant] = [one for one in by_id("step_started").at("handlers") if one.name == "late-step-message"]
    limits = replace(BUDGETS["default"].limits(variant, speed=1), generated=0, free=0, replays=1)
    [logs] = [
        one
        for one in Judge(InProcessDriver(MUTANTS["step-start-not-atomic"].world)).judge(variant, limits)
        if one.check == "logs"
    ]
    assert (logs.outcome, logs.rules) == ("fail", ("logs.error-line",)), logs.reason


def test_generated_payloads_are_such_as_a_runtime_hands_over() -> None:
    """Serialized, they are never a bare null, false, 0 or "", which a world may take for none."""
    [variant, *_] = by_id("step_completed").at("storage")
    generated: list[Case] = []

    from hypothesis import given, settings  # noqa: PLC0415

    @settings(max_examples=200, database=None, deadline=None)
    @given(cases(variant))
    def look(case: Case) -> None:
        generated.append(case)

    look()
    assert len({case.payload_json for case in generated}) > 20
    assert not {"null", "false", "0", '""', "-0"} & {case.payload_json for case in generated}
