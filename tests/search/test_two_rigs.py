"""Two drivers on one store: what one makes is no obstacle to the other."""

from __future__ import annotations

from collections.abc import Callable

from conformance.core.history import History
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.messages import HostConnection
from tests.search.fakes import FakeHost, Service


def _opening(clocks: list[int]) -> Callable[[list[str], int, int], HostConnection]:
    def open_host(actors: list[str], seed: int, clock: int) -> HostConnection:  # noqa: ARG001 - as it is called
        clocks.append(clock)
        return FakeHost(Service(), actors)

    return open_host


def test_they_make_other_names_at_other_times() -> None:
    clocks: list[int] = []
    drivers = [HostedDriver(_opening(clocks), shared=True, nth=nth) for nth in (0, 1)]
    for driver in drivers:
        driver.reset(0, History())
    assert len({driver.unique() for driver in drivers}) == 2
    years = (clocks[1] - clocks[0]) / (365 * 24 * 3_600_000)
    assert years >= 1, "a driver's own time goes on by 100 s a schedule"
