"""What a history of level ``runtime`` holds: the same as one of the model, from the real handlers."""

from __future__ import annotations

import pytest

from conformance.core.history import History
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted

from .conftest import Open
from .play import once, variant, variants

NEWEST = RuntimeWanted(runtimes.default())


def _asked(history: History, actor: str) -> list[str]:
    """What an actor asked of the world in the race, and how that was answered."""
    found = []
    for call in history.calls:
        if call.actor == actor and call.phase == "race":
            what = call.event["eventType"] if call.op == "events.create" else call.op
            found.append(f"{what} {call.answer}")
    return found


def test_level_runtime_has_the_variants_of_level_handlers() -> None:
    alone = {"8/even-branches", "8/uneven-branches", "8/unread-payload"}
    names = [name for name, _ in variants("runtime")]
    assert [name for name in names if name not in alone] == [name for name, _ in variants("handlers")]
    assert alone <= set(names)
    assert {each.level for _, each in variants("runtime")} == {"runtime"}


@pytest.mark.parametrize("world", ["local", "memory"])
def test_a_step_message_delivered_twice(opened: Open, world: str) -> None:
    history = once(opened(world, NEWEST), variant("6/step-message-twice")).history
    assert _asked(history, "A") == ["step_started ok", "step_completed ok"]
    assert _asked(history, "B") == ["step_started conflict"]
    assert [(message.origin, message.phase) for message in history.messages] == [
        ("start", "given"),
        ("suspension", "given"),
        ("step_completed", "race"),
        ("step_started:conflict", "race"),
    ]
    assert [(body.actor, body.attempt) for body in history.bodies] == [("A", 1)]
    assert [delivery.outcome for delivery in history.deliveries if delivery.phase == "race"] == [
        "step_completed",
        "step_started:conflict",
    ]
    run = history.snapshots[0].run
    assert run["status"] == "completed"
    assert run["output"] == {"step": "stamped", "args": ["x"], "attempt": 1}
    assert history.quiet
    assert [wrong for _, wrong in history.replays if wrong] == []
    assert history.gates


def test_values_are_stored_as_the_runtime_does_and_read_back(opened: Open) -> None:
    history = once(opened("local", NEWEST), variant("7/finisher-died")).history
    assert [line.text for line in history.logs if line.level == "error"] == []
    run = history.snapshots[0].run
    assert (run["status"], run["output"]) == ("completed", ["x"])
    assert run["input"] == [1, "x"]


def test_what_user_code_throws_is_logged_by_design(opened: Open) -> None:
    history = once(opened("local", NEWEST), variant("3/failing-message-twice")).history
    errors = [line for line in history.logs if line.level == "error"]
    assert errors
    assert all(line.by_design and line.origin == "runtime" for line in errors)
    lost = [line.text for line in history.logs if line.level == "info" and line.origin == "runtime"]
    assert any("already finished" in text for text in lost)


def test_a_sleep_asks_for_a_later_delivery(opened: Open) -> None:
    history = once(opened("local", NEWEST), variant("5/wake-up-twice")).history
    later = [message for message in history.messages if message.origin == "timeout"]
    assert later
    assert all(message.delay >= 1 for message in later)
    assert history.snapshots[0].run["status"] == "completed"


@pytest.mark.parametrize("name", ["1/first-message-twice", "4/hooks-left-behind", "8/sleep-twice"])
def test_one_schedule_gives_one_outcome(opened: Open, name: str) -> None:
    """Files, so that parallel work in one handler would really be in parallel."""
    driver, wanted = opened("local", NEWEST), variant(name)
    for token in ("A", "B"):
        once(driver, wanted, token)  # this world makes a folder at its first use
    for token in ("AB2A9B", "B7A5B2A3B", "A9B9A2BAB"):
        first, *others = (once(driver, wanted, token, seed=5 + n) for n in range(6))
        for other in others:
            assert other.token == first.token
            assert other.observe("runtime") == first.observe("runtime")


def test_a_refusal_in_the_other_dialect_is_seen_and_can_be_translated(opened: Open) -> None:
    old = runtimes.pinned()[1]
    plain = once(opened("memory", RuntimeWanted(old)), variant("6/step-message-twice")).history
    assert "unrecognised" in {delivery.outcome for delivery in plain.deliveries}
    translated = once(opened("memory", RuntimeWanted(old, True)), variant("6/step-message-twice")).history
    assert not [delivery for delivery in translated.deliveries if delivery.failed is not None]
    # What the world said is recorded as it said it.
    refused = next(call.error for call in translated.calls if call.error is not None)
    assert refused.name == "EntityConflictError"


def test_a_workflow_that_never_answers_cannot_hold_a_test_up(opened: Open) -> None:
    assert opened("local", NEWEST).driver.limits.call <= 60
