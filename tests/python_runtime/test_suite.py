"""What a history of the Python runtime holds: the same as one of the model, from its real handlers."""

from __future__ import annotations

import pytest

from conformance.core.faults import Fault
from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.levels.prefix import Prefixes
from conformance.search.play import play
from conformance.search.strategies import Replay
from tests.runtime.play import once, variant, variants

from .conftest import Open

WORLDS = ("local", "memory", "redis:reference")


def _asked(history: History, actor: str) -> list[str]:
    """What an actor asked of the world in the race, and how that was answered."""
    found = []
    for call in history.calls:
        if call.actor == actor and call.phase == "race":
            what = call.event["eventType"] if call.op == "events.create" else call.op
            found.append(f"{what} {call.answer}")
    return found


@pytest.mark.parametrize("world", WORLDS)
def test_a_step_message_delivered_twice_in_turn(opened: Open, world: str) -> None:
    history = once(opened(world), variant("6/step-message-twice")).history
    assert _asked(history, "A") == ["runs.get ok", "step_started ok", "step_completed ok"]
    assert _asked(history, "B") == ["runs.get ok", "step_started conflict"]
    # There is one queue: what a message is for is told by whether it names a step.
    assert [(message.queue, message.origin, message.phase) for message in history.messages] == [
        ("workflow", "start", "given"),
        ("step", "suspension", "given"),
        ("workflow", "step_completed", "race"),
        ("workflow", "step_started:conflict", "race"),
    ]
    assert [(body.actor, body.attempt) for body in history.bodies] == [("A", 1)]
    run = history.snapshots[0].run
    assert run["status"] == "completed"
    assert run["output"] == {"step": "stamped", "args": ["x"], "attempt": 1}
    assert history.quiet
    assert history.replays
    assert [wrong for _, wrong in history.replays if wrong] == []
    assert history.gates


@pytest.mark.parametrize(
    "name", [name for name, each in variants("runtime") if not each.name.endswith(("left-behind",))]
)
def test_every_variant_can_be_made_and_ends_in_turn(opened: Open, name: str) -> None:
    """No workflow of the suite's is one that this runtime cannot express."""
    history = once(opened("memory"), variant(name)).history
    assert not history.broken
    assert [wrong for _, wrong in history.replays if wrong] == []
    assert history.stuck == []
    for snapshot in history.snapshots:
        waits_for_a_hook = name == "8/one-token-two-runs" and snapshot.hooks
        ended = snapshot.run["status"] in ("completed", "failed", "cancelled")
        assert ended or waits_for_a_hook, snapshot.run


def test_what_user_code_throws_is_logged_by_design(opened: Open) -> None:
    history = once(opened("memory"), variant("3/failing-message-twice")).history
    errors = [line for line in history.logs if line.level == "error"]
    assert errors
    assert all(line.by_design and line.origin == "runtime" for line in errors)
    assert any(line.level == "debug" and line.origin == "runtime" for line in history.logs)


def test_a_wake_up_is_a_new_message_with_the_key_of_its_sleep(opened: Open) -> None:
    """Two replays that suspend on one sleep ask for two, and the queue keeps one."""
    history = once(opened("memory"), variant("8/sleep-twice"), "A7B9").history
    wake_ups = [message for message in history.messages if message.origin == "timeout"]
    assert len(wake_ups) > 1
    assert len({message.key for message in wake_ups if message.key}) < len(wake_ups)
    assert [message.absorbed for message in wake_ups].count(True) >= 1
    assert all(message.delay >= 1 for message in wake_ups)
    assert history.snapshots[0].run["status"] == "completed"


@pytest.mark.parametrize("name", ["1/first-message-twice", "8/sleep-twice"])
def test_one_schedule_gives_one_outcome(opened: Open, name: str) -> None:
    driver, wanted = opened("local"), variant(name)
    for token in ("A", "B"):
        once(driver, wanted, token)  # this world makes folders at its first use
    for token in ("AB2A9B", "B7A5B2A3B"):
        first, *others = (once(driver, wanted, token, seed=5 + n) for n in range(4))
        for other in others:
            assert other.token == first.token
            assert other.observe("runtime") == first.observe("runtime")


def test_two_started_at_values_show_in_replays(opened: Open) -> None:
    """Replays are the runtime's own, each with the run as its reader had got it."""
    history = once(opened("local"), variant("1/first-message-twice"), "AB32A33").history
    wrong = [reason for _, reason in history.replays if reason]
    assert any("has not registered its suspension" in reason for reason in wrong)


@pytest.mark.parametrize("place", [3, 4, 7])
def test_a_connection_that_is_cut_below_a_task_group(opened: Open, place: int) -> None:
    """The group gives up its other operations; the delivery fails, comes again, and the run ends."""
    wanted = variant("8/suspend-twice")
    [choose] = Replay("A" * 9, 1).choosers()
    played = play(Prefixes(opened("memory").driver), wanted, Case(faults=(Fault("cut", place),)), choose, 1)
    history = played.history
    assert [fault.kind for fault in history.faults] == ["cut"]
    failed = [delivery for delivery in history.deliveries if delivery.failed is not None]
    assert [str(delivery.failed) for delivery in failed] == ["WorkflowWorldError: the connection was lost"]
    assert history.quiet
