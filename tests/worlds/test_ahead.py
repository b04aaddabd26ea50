"""Fewer messages change nothing: operations that go ahead unasked, and calls that are sent together, give the
same gates and the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance.core.gates import operation_of
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import Driver
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.process.host import HostProcess
from conformance.levels.prefix import Prefixes
from conformance.provision.open import OpenWorld
from conformance.search.play import Played, play
from conformance.search.strategies import Replay
from tests.worlds.published import failures

#: How many schedules of each level are compared, of each World.
_TOKENS = {"storage": 12, "handlers": 8}


def _failing(world: str, level: str) -> Iterator[tuple[Variant, Case, str]]:
    """Published schedules that break a rule, each once. In the state machine (scenario 0) nothing races."""
    for one, found in failures(world, level):
        if not one.scenario or not found.schedule:
            continue
        for variant in by_id(str(one.scenario)).at(level):  # type: ignore[arg-type]  # a level, as recorded
            if variant.name == one.variant:
                yield variant, Case.from_json(found.case), found.schedule


@contextmanager
def _asking(driver: HostedDriver) -> Iterator[None]:
    """Every operation is asked about, and every call sent alone, as with a host that does neither."""
    driver.hosts.go_ahead = driver.hosts.play = False
    try:
        yield
    finally:
        driver.hosts.go_ahead = driver.hosts.play = True


def _seen(played: Played, level: str) -> tuple[object, ...]:
    """What there is to compare, without the ids and times of one schedule."""
    gates = [(step.chosen, [(name, operation_of(gate)) for name, gate in step.held]) for step in played.steps]
    calls = [(each.phase, each.actor, each.op, each.answer) for each in played.history.calls]
    logs = [(line.actor, line.phase, line.level, line.origin) for line in played.history.logs]
    ticks = [(step.actor, step.at) for step in played.history.gates]
    return played.token, gates, calls, logs, ticks, played.ticks, played.yields, played.observe(level)


@pytest.mark.parametrize("level", list(_TOKENS))
@pytest.mark.parametrize(
    "world",
    ["redis", "local", *[pytest.param(each, marks=pytest.mark.slow) for each in ("postgres", "mongodb")]],
)
def test_published_failures_are_the_same_asked_and_unasked(
    world: str, level: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: OpenWorld = request.getfixturevalue(f"{world}_driver")
    driver: Driver = opened.driver
    assert isinstance(driver, HostedDriver)
    prefixes = Prefixes(driver, opened.policy)
    tokens = list(_failing(world, level))
    wanted = _TOKENS[level]
    sent = [0]
    send = HostProcess.send

    def counted(host: HostProcess, message: dict[str, Any], timeout: float = 30.0) -> None:
        sent[-1] += 1
        send(host, message, timeout)

    monkeypatch.setattr(HostProcess, "send", counted)
    unplanned = planned = 0
    for variant, case, token in tokens[:: max(1, len(tokens) // wanted)][:wanted]:
        [first, learnt, choose, again] = Replay(token, 4).choosers()
        play(prefixes, variant, case, first, 1)  # what a process does once is not done again
        sent.append(0)
        play(prefixes, variant, case, learnt, 2)  # now two schedules have shown what the set-up asks for
        unplanned += sent[-1]
        sent.append(0)
        unasked = play(prefixes, variant, case, choose, 1)
        planned += sent[-1]
        sent.append(0)
        with _asking(driver):
            asked = play(prefixes, variant, case, again, 1)
        assert sent[-2] < sent[-1], "fewer messages"
        assert _seen(unasked, level) == _seen(asked, level), f"{variant.name}/{token}"
    assert planned < unplanned, "calls of the set-up are sent together"


@pytest.mark.parametrize(
    ("world", "at_once"),
    [
        ("redis", True),
        ("local", False),
        pytest.param("postgres", False, marks=pytest.mark.slow),
        pytest.param("mongodb", False, marks=pytest.mark.slow),
    ],
)
def test_reads_are_made_at_once_where_there_is_one_connection(
    world: str, at_once: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: OpenWorld = request.getfixturevalue(f"{world}_driver")
    sent: list[dict[str, Any]] = []
    send = HostProcess.send

    def noted(host: HostProcess, message: dict[str, Any], timeout: float = 30.0) -> None:
        sent.append(message)
        send(host, message, timeout)

    monkeypatch.setattr(HostProcess, "send", noted)
    variant = by_id("6").at("storage")[0]
    [choose] = Replay("ABAB", 1).choosers()
    played = play(Prefixes(opened.driver, opened.policy), variant, Case(), choose, 1)
    assert len(played.history.snapshots) == 1
    reads = [message for message in sent if message["type"] == "calls"]
    assert [message.get("atOnce", False) for message in reads[-1:]] == [at_once]
