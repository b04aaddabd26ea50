"""What checks may see: nothing that differs between two runs of the same thing, and all that must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.core.history import Body, Call, History, LogLine, Snapshot
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.prefix import Prefixes
from conformance.memory.world import EPOCH, MemoryWorld
from conformance.oracle.names import freeze
from conformance.oracle.observed import name_ids, observe
from conformance.search.play import Played, play
from conformance.search.strategies import Replay
from conformance.spec.vocabulary import WorldError

_VARIANTS = [
    pytest.param(variant, id=f"{scenario.number}-{variant.level}-{variant.name}")
    for scenario in scenarios()
    for variant in scenario.modelled
]


class ElsewhereWorld(MemoryWorld):
    """The same world, with other ids and another time."""

    def reset(self) -> None:
        super().reset()
        self._ids = 5_000
        self.now = EPOCH + 86_400_000


def played(variant: Variant, world: MemoryWorld, token: str, prefixes: Prefixes | None = None) -> Played:
    [choose] = Replay(token).choosers()
    return play(prefixes or Prefixes(InProcessDriver(lambda: world)), variant, Case(), choose, 7)


@pytest.mark.parametrize("variant", _VARIANTS)
def test_ids_and_moments_make_no_difference(variant: Variant) -> None:
    for token in ("", "AB", "A2B5A3", "BABA"):
        here, there = (played(variant, world, token) for world in (MemoryWorld(), ElsewhereWorld()))
        assert here.observe(variant.level) == there.observe(variant.level)
        assert here.history.snapshots != there.history.snapshots


@pytest.mark.parametrize("variant", _VARIANTS)
def test_a_prefix_that_is_gone_back_to_is_a_prefix_made_again(variant: Variant) -> None:
    """Whatever raced in between: the same schedule gives the same history."""
    prefixes = Prefixes(InProcessDriver())
    for token in ("BABA", "", "A2B", "BABA"):
        again = played(variant, MemoryWorld(), token, prefixes)
        fresh = played(variant, MemoryWorld(), token)
        for one in (again.history, fresh.history):
            one.origin = one.seen = None
        # An error is equal to itself only, so compare what they say.
        assert repr(again.history) == repr(fresh.history)
        assert again.token == fresh.token


@pytest.mark.parametrize("variant", _VARIANTS)
def test_what_was_seen_of_a_shared_prefix_is_what_it_is(variant: Variant) -> None:
    history = played(variant, MemoryWorld(), "ABAB").history
    assert history.origin is not None
    alone = replace(history, origin=None)
    for in_order in (False, True):
        assert observe(history, variant.level, in_order=in_order) == observe(
            alone, variant.level, in_order=in_order
        )
    assert name_ids(history) == name_ids(alone)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (0, None),
        ("1", 1),
        ("null", None),
        ({"a": 1}, '{"a": 1}'),
        ([1], "[1]"),
        ([], {}),
        ({"a": True}, {"a": 1}),
    ],
)
def test_values_that_differ_stay_different(one: object, other: object) -> None:
    assert freeze(one) != freeze(other)
    assert len({freeze(one), freeze(other)}) == 2


def test_the_order_of_keys_is_no_difference() -> None:
    assert freeze({"a": 1, "b": [2]}) == freeze({"b": [2], "a": 1})


def _history(*calls: Call) -> History:
    return History(calls=list(calls))


def _create(actor: str, kind: str, began: int, ended: int, entity: str = "step_x", error: str = "") -> Call:
    event = {"eventType": kind, "correlationId": entity, "eventData": {}}
    call = Call(actor, "race", "events.create", ("wrun_9", event), began, ended)
    if error:
        call.error = WorldError(error, f"about {entity}")
    else:
        call.value = {}
    return call


def test_calls_are_sorted_by_actor_or_by_time() -> None:
    history = _history(_create("B", "step_started", 1, 2), _create("A", "step_completed", 3, 4))
    assert [call.actor for call in observe(history).calls] == ["A", "B"]
    assert [call.actor for call in observe(history, in_order=True).calls] == ["B", "A"]


def test_calls_that_never_ended_are_not_seen_and_reads_are_apart() -> None:
    read = Call("A", "race", "runs.get", ("wrun_9",), 1, 2, value={"runId": "wrun_9", "status": "pending"})
    seen = observe(_history(_create("A", "step_started", 1, -1), read))
    assert seen.calls == ()
    assert [(look.op, look.about, look.shown) for look in seen.looks] == [
        ("runs.get", ("run1",), ("pending", None))
    ]


def test_an_unclassifiable_error_is_seen_with_names_for_ids() -> None:
    [call] = observe(_history(_create("A", "step_started", 1, 2, error="ReplyError"))).calls
    assert (call.answer, call.message) == ("unexpected", "ReplyError: about step1")


def test_bodies_are_late_when_their_start_was_asked_for_after_the_end() -> None:
    end = _create("A", "run_completed", 1, 4, entity="")
    early = _create("B", "step_started", 2, 3)
    late = _create("C", "step_started", 5, 6)
    history = _history(end, early, late)
    history.bodies += [
        Body("B", "race", "wrun_9", "step_x", 1, 9),
        Body("C", "race", "wrun_9", "step_x", 2, 10),
    ]
    assert observe(history, "handlers").bodies == (("step1", 2, 1),)


def test_of_the_log_lines_only_errors_are_seen() -> None:
    history = _history(_create("A", "step_started", 1, 2))
    history.logs += [
        LogLine("A", "race", "warn", "world", "careful"),
        LogLine("A", "race", "error", "world", "step_x!"),
    ]
    assert [line.text for line in observe(history).logs] == ["step1!"]


def test_what_could_not_be_read_is_told_in_a_line() -> None:
    history = History(unreadable=[("wrun_9", WorldError("ZodError", "first\n  second " + "x" * 500))])
    [(name, text)] = observe(history).unreadable
    assert name == "run1"
    assert text.startswith("ZodError: first second x")
    assert len(text) < 200


def test_live_hooks_and_steps_are_sorted_by_name() -> None:
    history = History(
        snapshots=[
            Snapshot(
                "wrun_1",
                {"runId": "wrun_1", "status": "running"},
                [{"eventType": "hook_created", "eventId": "evnt_1", "correlationId": "hook_b"}],
                [{"stepId": "step_b", "status": "pending", "attempt": 0}, {"stepId": "step_a"}],
                [{"hookId": "hook_a", "token": "token_a"}, {"hookId": "hook_b", "token": "token_b"}],
            )
        ]
    )
    [run] = observe(history).runs
    assert [step.name for step in run.steps] == ["step1", "step2"]
    assert run.hooks == (("hook1", "token2"), ("hook2", "token1"))
