"""Which outcomes are right, and what a wrong one shows: on the reference in memory and on mutants of it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.mutants import asked_for
from conformance.memory.world import MemoryWorld
from conformance.repro.right import differing, precedences, right_outcomes, symptom
from conformance.repro.words import Facts, Values, answer_in_words, named_calls, stored
from conformance.search.play import Played, play
from conformance.search.strategies import Replay
from conformance.spec.table import Row
from conformance.spec.vocabulary import Event, conflict

_MODELLED: Final[tuple[Level, ...]] = ("storage", "handlers")


def _chosen(scenario: str, name: str) -> Variant:
    return next(one for one in by_id(scenario).at("storage") if one.name == name)


def _played(variant: Variant, token: str, mutant: str = "") -> Played:
    broken = asked_for({"mutant": mutant}) if mutant else None
    driver = InProcessDriver(broken.world) if broken is not None else InProcessDriver()
    [choose] = Replay(token).choosers()
    return play(Prefixes(driver), variant, Case(), choose, 1)


def _facts(played: Played) -> Facts:
    observed = played.observe("storage")
    answers = {
        name: answer_in_words(call) for name, call in named_calls(observed.calls) if call.phase != "given"
    }
    return answers | stored(observed, Values(played.history))


def _rights(played: Played) -> list[Facts]:
    return right_outcomes(played.observe("storage"), Values(played.history))


def test_two_who_finish_a_step_leave_two_right_outcomes() -> None:
    played = _played(_chosen("step_completed", "complete-complete"), "AB")
    rights = _rights(played)
    assert [(right["A: step_completed step1"], right["B: step_completed step1"]) for right in rights] == [
        ("success", "conflict"),
        ("conflict", "success"),
    ]
    assert rights[0]["step1"] == 'completed, attempt 1, result {"by":"A","value":"x"}'
    assert all(right["log of run1: step_completed step1"] == "1 x" for right in rights)


@pytest.mark.parametrize("token", ["A", "AB", "A2BA", "BAB2A"])
def test_what_the_reference_does_is_right(token: str) -> None:
    variants = [one for scenario in scenarios() for level in _MODELLED for one in scenario.at(level)]
    for variant in variants:
        played = _played(variant, token)
        facts, rights = _facts(played), _rights(played)
        assert rights, variant.name
        nearest = min((differing(facts, right) for right in rights), key=len)
        assert nearest == [], (variant.name, token, nearest)


def test_an_answer_may_be_right_in_several_words() -> None:
    right = {"A": "conflict or gone", "run1": 'completed, output "this or that"'}
    assert differing({"A": "gone", "run1": 'completed, output "this or that"'}, right) == []
    assert differing({"A": "success", "run1": "running"}, right) == ["A", "run1"]
    assert differing({"A": "gone", "run1": right["run1"], "hook1 of run1": "alive"}, right) == [
        "hook1 of run1"
    ]


def test_the_symptom_is_in_no_right_outcome() -> None:
    facts = {"A": "success", "B": "success", "log": "2 x", "run1": "running"}
    rights = [
        {"A": "success", "B": "conflict", "log": "1 x", "run1": "running"},
        {"A": "conflict", "B": "success", "log": "1 x", "run1": "running"},
    ]
    found = symptom(facts, rights)
    assert found == {"B": "success", "log": "2 x"}
    assert all(differing({**right, **found}, right) for right in rights)
    assert symptom(rights[0], rights) == {}
    assert symptom(facts, []) == {}


def test_a_broken_world_is_told_from_the_reference() -> None:
    played = _played(_chosen("step_completed", "complete-complete"), "ABAB", mutant="step-end-not-atomic")
    assert symptom(_facts(played), _rights(played))


class _RefusesFirst(MemoryWorld):
    """Refuses the first end of a step as if another had been there before, and takes the second."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.refused = set()

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        key = event.get("correlationId")
        if event["eventType"] == "step_completed" and key is not None and key not in self.refused:
            self.refused.add(key)
            raise conflict("it has ended, it says")
        return super().commit(run_id, event, seen)


@pytest.mark.parametrize(("token", "wrong"), [("aA2bB2", True), ("abA2B2", False)])
def test_an_order_that_contradicts_real_time_explains_nothing(token: str, wrong: bool) -> None:
    """Where A has its answer before B begins, B cannot have been first; where they overlap it can."""
    variant = _chosen("step_completed", "complete-complete")
    [choose] = Replay(token).choosers()
    played = play(Prefixes(InProcessDriver(_RefusesFirst)), variant, Case(), choose, 1)
    facts = _facts(played)
    assert facts["A: step_completed step1"] == "conflict"
    assert bool(symptom(facts, _rights(played))) == wrong


def test_what_is_right_of_overlapping_calls_is_more_than_what_is_right_of_the_recorded_order() -> None:
    played = _played(_chosen("step_completed", "complete-complete"), "aA2bB2")
    observed, values = played.observe("storage"), Values(played.history)
    assert precedences(observed) == [("A: step_completed step1", "B: step_completed step1")]
    recorded = right_outcomes(observed, values)
    overlapped = right_outcomes(observed._replace(order=(), winners=()), values)
    assert [right["B: step_completed step1"] for right in recorded] == ["conflict"]
    assert [right["B: step_completed step1"] for right in overlapped] == ["conflict", "success"]
    assert recorded[0] in overlapped


def test_actors_in_turn_precede_one_another() -> None:
    played = _played(_chosen("step_completed", "complete-complete"), "AB")
    observed = played.observe("storage", in_order=True)
    assert precedences(observed, ["B", "A"]) == [("B: step_completed step1", "A: step_completed step1")]
