"""Runs that die over a World that is right: the real runtime binds one id to two things, and is blamed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.flows import flow
from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.draw_flows import flow_cases
from conformance.search.flow_hunt import hunt
from conformance.search.judge import Judge

from .conftest import Open
from .play import flow_variant, once

#: Each actor stops once after it has read the log.
_DEAD = [
    ("4.8.9", "unread-payload", "aA6bB4bB3A2aA3aA4aA3aA3aA3aA3aA5aA2B4bB2ba"),
    ("4.8.9", "blocked-branch", "bB4bB5bB6aA8aA3B2bB3bB4bB3bB3bB3bB3bB5bB2A6aA2aA2aA2ab"),
    ("4.6.1", "uneven-branches", "aA4aA3bB4bB3A2aA4aA3aA3aA3aA5B4bB2ba"),
    ("4.6.1", "sleep-and-step", "aA6bB4bB3A2aA4aA3aA3aA3aA5B4bB2ba"),
]
_WRONG = ("4.6.1", "twin-branches", "aA4aA3bB4bB3A2aA4aA5aA4aA5B4ba")


@pytest.mark.parametrize(("release", "shape", "token"), _DEAD)
def test_the_runtime_is_blamed_and_the_world_is_not_red(
    opened: Open, release: str, shape: str, token: str
) -> None:
    world = opened("memory", RuntimeWanted(release))
    case = Case(flow=shape)
    history = once(world, flow_variant(), token, case=case).history
    assert history.snapshots[0].run["status"] == "failed"
    verdicts = Judge(world.driver).replay(flow_variant(), case, token, 3)
    assert {one.outcome for one in verdicts} <= {"pass"}
    convergence = verdicts[0]
    assert convergence.fault == "runtime"
    noted = {(one.finding.rule, one.reproduced) for one in convergence.shoulds}
    assert noted >= {("id.one-thing", 3), ("run.no-divergence", 3)}
    assert convergence.reason.startswith(
        "replayed 3 of 3, which turns nothing red: the runtime, not the World"
    )
    [two] = [one.finding for one in convergence.shoulds if one.finding.rule == "id.one-thing"]
    creations = dict(history.creations())
    asked = [creations[name].event for name in (two.call, *two.because) if name is not None]
    assert len({event["correlationId"].partition("_")[2] for event in asked}) == 1
    assert len({(event["eventType"], event["eventData"].get("stepName")) for event in asked}) == 2


def test_a_wrong_output_is_seen_though_every_log_replays(opened: Open) -> None:
    release, shape, token = _WRONG
    world = opened("memory", RuntimeWanted(release))
    case = Case(flow=shape)
    assert once(world, flow_variant(), token, case=case).history.snapshots[0].run["status"] == "completed"
    convergence = Judge(world.driver).replay(flow_variant(), case, token, 3)[0]
    assert (convergence.outcome, convergence.fault) == ("pass", "runtime")
    noted = {(one.finding.rule, one.reproduced) for one in convergence.shoulds}
    assert noted == {("id.one-thing", 3), ("run.output-agrees", 3)}


@pytest.mark.parametrize(("shape", "token"), [(shape, token) for _, shape, token in (_DEAD[2], _WRONG)])
def test_a_newer_release_lives_in_the_same_race(opened: Open, shape: str, token: str) -> None:
    played = once(opened("memory", RuntimeWanted("4.8.9")), flow_variant(), token, case=Case(flow=shape))
    assert played.history.snapshots[0].run["status"] == "completed"
    assert check(played.observe("runtime")) == []


def test_a_drawn_flow_that_dies_is_made_smaller_and_replays(opened: Open) -> None:
    world = opened("memory", RuntimeWanted("4.6.1"))
    long = '{"branches":[[{"sleep":1000},"more","more"],["work","last","last"]],"payloads":{"early":[0]}}'
    flows = st.sampled_from(["unread-payload", flow(long).text])
    hunted = hunt(world.driver, flow_variant(), 4, flows=flows.map(lambda text: Case(flow=text)))
    assert hunted.undecided == ""
    [died] = [one for one in hunted.failures if one.finding.rule == "run.no-divergence"]
    assert (died.case.flow, died.finding.fault) == ("unread-payload", "runtime")


@settings(max_examples=50, database=None)
@given(flow_cases())
def test_what_is_drawn_is_a_flow_that_waits_for_something(case: Case) -> None:
    assert Case.from_json(case.to_json()) == case
    drawn = flow(case.flow)
    assert all(any(part != {"turns": 1} for part in branch) for branch in drawn.branches)
    read = {part["hook"] for part in drawn.parts() if isinstance(part, dict) and "hook" in part}
    assert read <= {hook for hooks in drawn.payloads.values() for hook in hooks}


def test_the_real_resume_hook_hands_over_a_payload_in_a_race(opened: Open) -> None:
    history = once(
        opened("memory", RuntimeWanted("4.8.9")), flow_variant(), case=Case(flow="hook-and-step")
    ).history
    received = [
        call
        for call in history.calls
        if call.op == "events.create" and call.event["eventType"] == "hook_received"
    ]
    assert [(call.actor, call.phase, call.answer) for call in received] == [("A", "race", "ok")]
    assert history.snapshots[0].run["status"] == "completed"
