"""What the runtime does alone is not asked about, also while another actor waits for a message."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.gates import operation_of
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.process.host import HostProcess
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.play import Played

from .conftest import Open
from .play import once, variant

NEWEST = RuntimeWanted(runtimes.default())


def _seen(played: Played) -> tuple[object, ...]:
    """What there is to compare, without the ids and times of one schedule."""
    gates = [(step.chosen, [(name, operation_of(gate)) for name, gate in step.held]) for step in played.steps]
    calls = [(each.phase, each.actor, each.op, each.answer) for each in played.history.calls]
    return played.token, gates, calls, played.observe("runtime")


def test_whoever_waits_for_a_message_stops_nobody(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    made = opened("local", NEWEST)
    assert isinstance(made.driver, HostedDriver)
    released = [0]
    send = HostProcess.send

    def counted(host: HostProcess, message: dict[str, Any], timeout: float = 30.0) -> None:
        released[-1] += message["type"] == "go"
        send(host, message, timeout)

    monkeypatch.setattr(HostProcess, "send", counted)
    flow = variant("8/even-branches")
    once(made, flow)  # a World on files makes its folders
    waits = "ab" + "A" * 60  # B has begun, and takes its first message when A has handled all that it can
    released.append(0)
    unasked = once(made, flow, waits)
    released.append(0)
    made.driver.hosts.go_ahead = False
    try:
        asked = once(made, flow, waits)
    finally:
        made.driver.hosts.go_ahead = True
    assert released[-1] > 100
    assert released[-2] < 30
    assert _seen(unasked) == _seen(asked)
