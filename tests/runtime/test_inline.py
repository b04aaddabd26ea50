"""The real runtime of line 5.x: one handler that runs steps, over a World that speaks it."""

from __future__ import annotations

import pytest

from conformance.core.errors import NotSupported
from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted, pinned
from conformance.search.budget import Limits
from conformance.search.judge import Judge

from .conftest import Open
from .play import once, variant, variants

CORE = RuntimeWanted(next(version for version in reversed(pinned()) if version.startswith("5.")))
LOCAL = "local@5.0.0-beta.46"


def _asked(history: History, actor: str) -> list[str]:
    """What an actor created in the race, and how that was answered."""
    return [
        f"{call.event['eventType']} {call.answer}"
        for call in history.calls
        if call.actor == actor and call.phase == "race" and call.op == "events.create"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _ in variants("runtime")])
def test_every_variant_has_its_race(opened: Open, name: str) -> None:
    """With nothing racing there is nothing to find: the log replays, the run ends, nobody hangs."""
    driver, wanted = opened(LOCAL, CORE), variant(name)
    played = once(driver, wanted)
    history = played.history
    assert history.broken == ""
    assert {step.chosen for step in played.steps} == {"A", "B"}
    assert (history.quiet, history.stuck, history.unreadable) == (True, [], [])
    assert [wrong for _, wrong in history.replays if wrong] == []
    assert check(played.observe("runtime", in_order=True), None) == []


def test_a_step_is_created_by_its_start_and_run_in_the_same_delivery(opened: Open) -> None:
    history = once(opened(LOCAL, CORE), variant("1/first-message-twice")).history
    assert _asked(history, "A") == [
        "run_started ok",
        "step_started ok",
        "step_completed ok",
        "run_completed ok",
    ]
    log = [event["eventType"] for event in history.snapshots[0].events]
    assert log[2:4] == ["step_created", "step_started"]
    assert [message.origin for message in history.messages] == ["start"]


def test_a_step_that_is_tried_again_has_a_message_to_deliver_twice(opened: Open) -> None:
    history = once(opened(LOCAL, CORE), variant("6/step-message-twice")).history
    assert _asked(history, "A") == ["step_started ok", "step_completed ok", "run_completed ok"]
    assert _asked(history, "B") == ["step_started conflict"]
    assert [(body.phase, body.attempt) for body in history.bodies] == [("given", 1), ("race", 2)]
    # The scenario knows nothing of the attempt before it.
    assert history.snapshots[0].run["output"] == {"step": "stamped", "args": ["x"], "attempt": 1}


def test_a_handler_that_died_after_a_step_is_followed_by_its_own_message(opened: Open) -> None:
    history = once(opened(LOCAL, CORE), variant("2/last-message-twice")).history
    assert [(each.actor, each.outcome) for each in history.deliveries] == [
        ("-", "died"),
        ("A", "run_completed"),
        ("B", "run_started:gone"),
    ]
    assert len(history.bodies) == 1


def test_a_second_delivery_is_a_second_attempt(opened: Open) -> None:
    """The first takes itself for the only handler, and runs bodies before their start was answered."""
    history = once(opened(LOCAL, CORE), variant("1/first-message-twice"), "AB2A9B9").history
    assert [wrong for _, wrong in history.replays if wrong.startswith("it cannot be replayed")] == []
    starts = [call for call in history.calls if call.op == "events.create" and call.done]
    accepted = sum(call.event["eventType"] == "step_started" for call in starts)
    assert len(history.bodies) <= accepted


def test_what_the_runtime_logs_is_one_line_a_message(opened: Open) -> None:
    history = once(opened(LOCAL, CORE), variant("3/failing-message-twice")).history
    errors = [line for line in history.logs if line.level == "error"]
    assert [(line.origin, line.by_design, "\n" in line.text) for line in errors] == [("runtime", True, False)]
    assert "the workflow throws" in errors[0].text
    assert any("Run already finished" in line.text for line in history.logs if line.level == "info")


@pytest.mark.parametrize(
    ("world", "declared"), [("local", "3"), ("starter", "none"), ("redis", "none"), ("memory", "2")]
)
def test_a_world_of_an_older_line_is_refused_in_the_words_of_the_runtime(
    opened: Open, world: str, declared: str
) -> None:
    with pytest.raises(NotSupported) as refused:
        once(opened(world, CORE), variant("1/first-message-twice"))
    assert CORE.version in refused.value.what
    assert f"the configured World declares spec version {declared}." in refused.value.what


@pytest.mark.slow
def test_a_world_that_is_not_atomic_is_seen_through_it(opened: Open) -> None:
    """Files in a folder: two processes complete one run, and both get a success."""
    found = Judge(opened(LOCAL, CORE).driver).judge(variant("2/last-message-twice"), _few())
    convergence = next(verdict for verdict in found if verdict.check == "convergence")
    assert (convergence.outcome, convergence.rules) == ("fail", ("run.terminal-once",))
    assert {verdict.outcome for verdict in found if verdict.check != "convergence"} == {"pass"}


def _few() -> Limits:
    return Limits(cases=(Case(),), searched=40, generated=0, free=0, replays=5)
