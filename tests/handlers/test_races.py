"""Two deliveries at once, in many orders: the real decisions cause nothing, each broken one is noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.core.gates import end
from conformance.handlers import Policy, deliver, resume_hook
from conformance.handlers.mutants import MUTANTS, Mutant
from conformance.memory.world import MemoryWorld
from tests.handlers.stage import LosesStart, Stage, Switches, orders, symptoms

Situation = Callable[[Policy, Switches], set[str]]


def twice(name: str, *args: object, before: int = 0, ends: str = "completed") -> Situation:
    """After ``before`` deliveries, the next message is delivered to two actors at once."""

    def situation(policy: Policy, switches: Switches) -> set[str]:
        return _twice(MemoryWorld, policy, switches)

    def _twice(make: Callable[[], MemoryWorld], policy: Policy, switches: Switches) -> set[str]:
        stage = Stage(policy, make)
        run_id = stage.start(name, *args)
        for _ in range(before):
            stage.step()
        message = stage.take()
        stage.race(stage.deliveries(message), stage.deliveries(message), switches)
        return symptoms(stage, run_id, ends=ends)

    situation.loses_start = lambda policy, switches: _twice(LosesStart, policy, switches)  # type: ignore[attr-defined]
    return situation


def ends_meanwhile(name: str, *args: object, before: int, slow: int) -> Situation:
    """One actor carries the run to its end while the other has message number ``slow`` in hand."""

    def situation(policy: Policy, switches: Switches) -> set[str]:
        stage = Stage(policy)
        run_id = stage.start(name, *args)
        for _ in range(before):
            stage.step()
        held = stage.queue.pending()[slow]
        stage.queue.take(held.id)
        first = None if stage.queue.pending() else held
        stage.race(stage.deliveries(first, None, None), stage.deliveries(held), switches)
        return symptoms(stage, run_id)

    return situation


def finished_and_lost(policy: Policy, switches: Switches) -> set[str]:
    """Who finished the step died before it queued the continuation; its message is delivered again."""
    stage = Stage(policy)
    run_id = stage.start("sequence", 1)
    stage.step()
    message = stage.take()
    for kind, data in (("step_started", {}), ("step_completed", {"result": 1})):
        event = {"eventType": kind, "correlationId": message.step_id, "eventData": data}
        stage.alone(stage.suite.create(run_id, event))
    stage.race(stage.deliveries(message), stage.deliveries(message), switches)
    return symptoms(stage, run_id)


def one_token(policy: Policy, switches: Switches) -> set[str]:
    """Two runs want one token; the winner gets its payload, the loser goes on without."""
    stage = Stage(policy)
    runs = [stage.start("hook_taken", "token"), stage.start("hook_taken", "token")]
    one, other = stage.take(), stage.take()
    stage.race(stage.deliveries(one), stage.deliveries(other), switches)
    stage.drain()
    stage.alone(resume_hook(stage.suite, stage.queue, "token", "payload"))
    return symptoms(stage, *runs)


SITUATIONS: dict[int, list[Situation]] = {
    1: [twice("sequence", 1), twice("fan_out", 2), twice("empty")],
    2: [twice("sequence", 1, before=2), twice("fan_out", 2, before=3)],
    3: [twice("failing_workflow", 0, ends="failed"), twice("failing_workflow", 1, before=2, ends="failed")],
    4: [
        ends_meanwhile("leaves_hooks", ["one", "two"], before=0, slow=0),
        ends_meanwhile("leaves_step", 1, before=1, slow=1),
    ],
    5: [twice("sleep_then_step", before=1), twice("sleeps", 2, before=1)],
    6: [
        twice("sequence", 1, before=1),
        twice("stamped_step", before=1),
        twice("failing_step_caught", before=1),
    ],
    7: [finished_and_lost, twice("retrying_step", 2, before=1)],
    8: [
        twice("fan_out_then", 2, before=2),
        twice("sleep_and_step"),
        twice("leaves_hooks", ["one"]),
        twice("hook_or_step", "one"),
        one_token,
    ],
}


_ALL = [
    pytest.param(situation, id=f"{number}.{index}")
    for number, situations in SITUATIONS.items()
    for index, situation in enumerate(situations)
]


@pytest.mark.parametrize("situation", _ALL)
def test_the_real_decisions_cause_nothing(situation: Situation) -> None:
    for switches in orders():
        assert situation(Policy(), switches) == set(), switches


@pytest.mark.parametrize("number", [1, 2, 5, 8])
def test_nor_over_a_world_where_the_second_of_two_starts_is_refused(number: int) -> None:
    for situation in SITUATIONS[number]:
        if loses_start := getattr(situation, "loses_start", None):
            for switches in orders(8):
                assert loses_start(Policy(), switches) == set(), switches


def _noticed(situation: Situation, mutant: Mutant) -> bool:
    if mutant.name == "fails_run_on_conflict":
        situation = getattr(situation, "loses_start", situation)
    return any(situation(mutant.policy, switches) for switches in orders())


@pytest.mark.parametrize(
    "mutant", [each for each in MUTANTS.values() if each.name != "drops_rest"], ids=lambda m: m.name
)
def test_each_broken_decision_is_noticed_in_its_scenarios(mutant: Mutant) -> None:
    for number in mutant.scenarios:
        assert any(_noticed(situation, mutant) for situation in SITUATIONS[number]), f"scenario {number}"


@pytest.mark.parametrize(("policy", "hangs"), [(Policy(), False), (MUTANTS["drops_rest"].policy, True)])
def test_dropping_the_rest_strands_the_run_when_the_winner_dies(policy: Policy, hangs: bool) -> None:
    def after(gates: int) -> bool:
        """The first handler dies after so many gates and is not delivered again, the second goes on."""
        stage = Stage(policy)
        run_id = stage.start("leaves_hooks", ["token"])
        message = stage.take()
        winner = deliver(stage.driver.actor("A"), message, stage.queue, stage.runtime)
        loser = deliver(stage.driver.actor("B"), message, stage.queue, stage.runtime)
        for _ in range(5):  # start, read the log, and be about to create the hook
            loser.send(None)
        for _ in range(gates):
            winner.send(None)
        end(winner)
        stage.queue.take(message.id)
        stage.alone(loser)
        return "hang" in symptoms(stage, run_id)

    assert any(after(gates) for gates in range(6, 8)) is hangs


def test_a_delivery_that_dies_is_delivered_again() -> None:
    for gates in range(1, 10):
        stage = Stage()
        run_id = stage.start("sequence", 2)
        message = stage.take()
        handler = deliver(stage.driver.actor("A"), message, stage.queue, stage.runtime)
        try:
            for _ in range(gates):
                handler.send(None)
        except StopIteration:
            pass
        end(handler)
        assert symptoms(stage, run_id) == set()
        if gates < 6:
            assert stage.history.deliveries[0].outcome == "died"
            assert stage.history.deliveries[1].message.attempt == 2
