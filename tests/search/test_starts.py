"""Every racing program has a beginning of its own, which a schedule may put anywhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import pytest

from conformance.api import Actor, Case, Race, Suite
from conformance.core import events
from conformance.core.gates import Gate, independent
from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.core.starts import Begin, Send, Start, Take
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.mutants import MUTANTS
from conformance.memory.world import MemoryWorld
from conformance.oracle import Observed
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.play import Played, play
from conformance.search.strategies import Chooser, Replay, Sequential, Step
from conformance.search.strategies.known import follow
from conformance.search.strategies.source_sets import SourceSets
from conformance.search.strategy import simplest

_LIMITS = Limits((Case(),), searched=50, generated=0, free=0, replays=3)


async def complete_twice(suite: Suite, case: Case) -> Race:
    run = await suite.run()

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed({"by": actor.name}))

    return Race([complete] * case.actors)


COMPLETE = Variant("complete-complete", "storage", complete_twice)


def played(choose: Chooser, variant: Variant = COMPLETE) -> Played:
    return play(Prefixes(InProcessDriver()), variant, Case(), choose, 1)


def replayed(token: str, variant: Variant = COMPLETE) -> Played:
    [choose] = Replay(token).choosers()
    return played(choose, variant)


def spans(found: Played) -> dict[str, tuple[int, int]]:
    return {call.actor: (call.began, call.ended) for call in found.history.calls if call.phase == "race"}


def test_in_the_control_no_program_begins_before_the_one_before_it_has_ended() -> None:
    found = played(next(Sequential().choosers()))
    assert found.token == "aA2bB2"
    assert found.sequential
    assert spans(found)["A"][1] < spans(found)["B"][0]


def test_a_token_without_starts_lets_all_begin_at_once() -> None:
    found = replayed("A2B2")
    assert found.token == "A2B2"
    assert not found.sequential
    assert spans(found)["B"][0] < spans(found)["A"][1]


@pytest.mark.parametrize("token", ["aA2bB2", "aAbABA", "bBaA2B", "ABAB", "B2A2"])
def test_a_token_brings_its_starts_back(token: str) -> None:
    found = replayed(token)
    assert found.token.startswith(token[:-1])
    again = replayed(found.token)
    assert again.token == found.token
    assert [step.chosen for step in again.steps] == [step.chosen for step in found.steps]


def test_a_start_that_is_not_there_has_diverged() -> None:
    for token in ("aAaA", "AbB", "baA3"):
        replay = Replay(token)
        [choose] = replay.choosers()
        played(choose)
        assert replay.diverged == 1, token


def test_a_start_is_no_operation_of_the_world() -> None:
    found = replayed("aA2bB2")
    assert (len(found.steps), found.operations, len(found.history.gates)) == (6, 4, 4)


def test_what_is_decided_as_a_call_begins_breaks_in_a_race_only() -> None:
    [variant] = [one for one in by_id("step_completed").at("storage") if one.name == "complete-complete"]
    mutant = MUTANTS["step-end-decided-early"]
    [found, *_] = Judge(InProcessDriver(mutant.world)).judge(variant, _LIMITS)
    assert (found.outcome, found.defect) == ("fail", "not-atomic")
    assert found.failure is not None
    assert found.failure.reproduced == 3
    assert found.failure.played.token == "BA", "both have begun, and nothing more is needed"


def test_a_actor_that_drains_the_queue_begins_each_delivery() -> None:
    [variant] = [one for one in by_id("run_started").at("handlers") if one.name == "late-first-message"]
    found = played(next(Sequential().choosers()), variant)
    labels = [gate.label for step in found.steps for name, gate in step.held if name == step.chosen]
    assert labels.count("take the next message") > 1
    assert labels.count("start") == 2
    assert replayed(found.token, variant).token == found.token


def test_few_schedules_more_within_one_preemption() -> None:
    # Two operations each: two orders, and a preemption behind the start of either or its first operation.
    assert len(set(_within_one_preemption(""))) == 2 + 2 * 2


def _within_one_preemption(prefix: str) -> list[str]:
    """Every schedule that begins so, as the actors released."""
    wanted = iter(prefix)

    def choose(held: list[RacingActor], last: str | None) -> RacingActor:
        name = next(wanted, None)
        return next((actor for actor in held if actor.name == name), None) or simplest(held, last)

    steps = played(choose).steps
    order = "".join(step.chosen for step in steps)
    found = [order]
    for at in range(len(prefix), len(steps)):
        others = [name for name, _ in steps[at].held if name != order[at]]
        taken = [i for i in range(1, at) if order[i] != order[i - 1] and _held(steps[i], order[i - 1])]
        if not taken or not _held(steps[at], order[at - 1]):
            found += [each for name in others for each in _within_one_preemption(order[:at] + name)]
    return found


def _held(step: Step, name: str) -> bool:
    return any(actor == name for actor, _ in step.held)


# -- what is queued ---------------------------------------------------------------------------------


def _two_steps() -> Variant:
    [variant] = [one for one in by_id("step_completed").at("handlers") if one.name == "two-steps-finish"]
    return variant


def _carried_on(found: Played) -> list[str]:
    """Who finished a step, in that order, and who queued a continuation, in that order."""
    calls = [call for call in found.history.calls if call.phase == "race" and call.op == "events.create"]
    finished = sorted(
        (call.ended, call.actor) for call in calls if call.event["eventType"] == "step_completed"
    )
    queued = [message.actor for message in found.history.messages if message.phase == "race"]
    return ["".join(actor for _, actor in finished), "".join(queued)]


def test_who_finishes_first_need_not_queue_first() -> None:
    whole = played(next(Sequential().choosers()), _two_steps())
    assert whole.token == "aA4bB4"  # both queue as soon as they can: nothing says so
    assert _carried_on(whole) == ["AB", "AB"]
    late = replayed("aA4bB4ji", _two_steps())
    assert late.token == "aA4bB4ji"
    assert _carried_on(late) == ["AB", "BA"]


def test_a_token_that_names_no_sends_is_as_before_there_were_any() -> None:
    for token in ("A4B4", "aA4bB4", "aAbAB2A2B2", "aA3bB4A"):
        found = replayed(token, _two_steps())
        released = [(step.chosen, dict(step.held)[step.chosen]) for step in found.steps]
        assert "".join(name for name, gate in released if not isinstance(gate, Send)).startswith("A")
        for step, after in pairwise(found.steps):
            if any(isinstance(gate, Send) for _, gate in after.held):
                assert isinstance(dict(after.held)[after.chosen], Send), (token, step)
        assert found.token == token


def test_all_orders_with_sends_come_to_what_brute_force_comes_to() -> None:
    variant, found, left = _two_steps(), set(), [""]
    prefixes = Prefixes(InProcessDriver())
    while left:
        prefix = left.pop()
        one = play(prefixes, variant, Case(), follow(prefix), 1)
        found.add(one.observe(variant.level)._replace(order=(), winners=()))
        order = "".join(step.chosen for step in one.steps)
        for at in range(len(prefix), len(order)):
            left += [order[:at] + name for name, _ in one.steps[at].held if name != order[at]]
    assert len(found) > 1
    assert _outcomes(MemoryWorld, variant) == found


def test_what_is_queued_commutes_with_what_the_service_does() -> None:
    send, take, begin = Send(), Take(), Begin()
    anything = Gate("EVAL", "unknown")
    assert independent(send, anything)
    assert independent(send, begin)
    assert not independent(send, take)
    assert not independent(send, Send())


# -- what is answered -------------------------------------------------------------------------------


class _Return(Start):
    """Where a caller learns the answer, if that were held."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("learn the answer", "write", ("@clock",), cuts=False)


#: Variants with more orders than this, such as those that read page by page, are not tried with late answers.
_MOST_ORDERS: Final = 60


def _outcomes(
    make: Callable[[], MemoryWorld], variant: Variant, most: int | None = None
) -> set[Observed] | None:
    """All that any order comes to, but for which calls overlap: a late answer changes that. None when there
    are more orders than ``most``."""
    prefixes, orders, found = Prefixes(InProcessDriver(make)), SourceSets(), set()
    for number, choose in enumerate(orders.choosers()):
        if number == most:
            return None
        one = play(prefixes, variant, Case(), choose, number)
        orders.played(one.steps)
        found.add(one.observe(variant.level)._replace(order=(), winners=()))
    return found


@pytest.mark.parametrize("mutant", ["", "step-end-decided-early", "run-end-not-atomic"])
def test_an_answer_that_is_learnt_late_changes_no_outcome_at_storage(
    mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = MUTANTS[mutant].world if mutant else MemoryWorld
    variants = [one for each in scenarios() for one in each.at("storage")]
    at_once = [_outcomes(make, one, _MOST_ORDERS) for one in variants]
    assert sum(known is not None for known in at_once) >= 25
    answered = Actor.call

    async def late(actor: Actor, op: str, *args: Any) -> Any:
        try:
            return await answered(actor, op, *args)
        finally:
            if actor.history.phase == "race":
                await _Return()

    monkeypatch.setattr(Actor, "call", late)
    for variant, known in zip(variants, at_once, strict=True):
        assert known is None or _outcomes(make, variant) == known, variant.name


def test_every_call_that_races_comes_first_in_some_program() -> None:
    # What a World does as a call begins is raced where that call comes first: a program's beginning is held.
    first: set[str] = set()
    later: set[str] = set()
    for variant in (one for each in scenarios() for one in each.at("storage")):
        found = play(Prefixes(InProcessDriver()), variant, Case(actors=3), next(Sequential().choosers()), 1)
        known: set[str] = set()
        for call in found.history.calls:
            if call.phase == "race" and call.op == "events.create":
                (later if call.actor in known else first).add(call.event["eventType"])
                known.add(call.actor)
    assert later, "some program makes two calls"
    assert later <= first
