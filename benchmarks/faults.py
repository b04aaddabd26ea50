"""What faults cost: schedules of step-message-twice with each kind of fault, ``python -m benchmarks.faults``.

A plain schedule, faults that kill nothing, deaths that a process outlives and deaths of processes are
played in turns, so the machine is equally busy for all. A death includes the World that takes the place of
the dead one. CPU is user and system time of this process, of all hosts and of the service. Before that the
places for one fault are counted in every variant with faults.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from typing import Final

import click

from benchmarks.bound import service_cpu
from benchmarks.processes import cpu_of
from benchmarks.worlds import opened
from conformance.core.errors import ConformanceError
from conformance.core.faults import Fault, FaultKind
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.process.host import HostProcess
from conformance.provision.services.service import Service
from conformance.search.fault_places import Places, orders, places_of
from conformance.search.play import Played
from conformance.search.strategies import Replay
from conformance.search.trials import Trials

#: Faults that kill nothing and need no other service.
HARMLESS: Final[tuple[FaultKind, ...]] = ("jump", "again", "cut", "lose", "repeat", "late")
PLAIN, SOFT, HARD = "plain", "soft death", "hard death"


def variants() -> list[Variant]:
    """All variants with faults of level ``handlers``."""
    return [variant for number in range(1, 9) for variant in by_id(str(number)).faulty("handlers")]


def count(trials: Trials) -> tuple[Counter[FaultKind], int]:
    """How many places there are for each kind of fault in all variants, and how many in the largest one."""
    total: Counter[FaultKind] = Counter()
    largest = 0
    for variant in variants():
        mine: Counter[FaultKind] = Counter()
        for order in orders():
            places = places_of(trials.play(variant, Case(), order), trials.driver.faults)
            mine.update({kind: len(found) for kind, found in places.items() if kind != "restart"})
        total += mine
        largest = max(largest, mine.total())
    return total, largest


class Meter:
    """CPU seconds so far of this process, its hosts (those that ended, too) and the service."""

    def __init__(self, driver: HostedDriver, service: Service | None) -> None:
        self._driver, self._service = driver, service

    def read(self) -> float:
        """The sum."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        hosts = [host.pid for host in self._driver.hosts.all() if isinstance(host, HostProcess)]
        mine = time.process_time() + ended.ru_utime + ended.ru_stime
        return mine + cpu_of(hosts) + service_cpu(self._service)


def spread(found: Iterable[int], many: int) -> list[int]:
    """So many of these places, evenly, each again if there are fewer."""
    every = list(found)
    return [every[(2 * nth + 1) * len(every) // (2 * many)] for nth in range(many)] if every else []


class Sides:
    """Plays each kind of schedule, and keeps what it took: CPU and wall milliseconds a schedule, by round."""

    def __init__(self, trials: Trials, driver: HostedDriver, meter: Meter, each: int) -> None:
        self._trials, self._driver, self._meter = trials, driver, meter
        self._variant = next(one for one in variants() if one.name.startswith("step-message-twice"))
        self._played = trials.play(self._variant, Case(), orders()[0])
        self._places: Places = places_of(self._played, driver.faults)
        self._each = each
        self.cpu: dict[str, list[float]] = {}
        self.wall: dict[str, list[float]] = {}

    def round(self, *, counts: bool) -> None:
        """Play each kind in turn."""
        self._play(PLAIN, [None] * self._each, nullcontext(), counts=counts)
        for kind in HARMLESS:
            faults = [Fault(kind, place) for place in spread(self._places.get(kind, ()), self._each)]
            self._play(kind, faults, nullcontext(), counts=counts)
        kills = [Fault("kill", place) for place in spread(self._places.get("kill", ()), self._each)]
        if self._driver.can_die_softly:
            self._play(SOFT, kills, self._driver.soft_deaths(), counts=counts)
        self._play(HARD, kills[:: max(1, len(kills) // 4)], nullcontext(), counts=counts)

    def _play(
        self, name: str, faults: Sequence[Fault | None], how: AbstractContextManager[None], *, counts: bool
    ) -> None:
        if not faults:
            return
        cpu, began = self._meter.read(), time.perf_counter()
        with how:
            for fault in faults:
                self._one(fault)
                self._driver.replace_killed()
        if counts:
            self.cpu.setdefault(name, []).append(1000 * (self._meter.read() - cpu) / len(faults))
            self.wall.setdefault(name, []).append(1000 * (time.perf_counter() - began) / len(faults))

    def _one(self, fault: Fault | None) -> Played:
        [choose] = Replay(self._played.token).choosers()
        case = Case(faults=() if fault is None else (fault,))
        return self._trials.play(self._variant, case, choose)


def run(world: str, rounds: int, each: int, service_url: str | None) -> dict[str, float]:
    """Measure and print. CPU milliseconds a schedule, by kind."""
    with opened(world, service_url=service_url) as (made, service):
        driver = made.driver
        assert isinstance(driver, HostedDriver), "a world in this process has no hosts"
        trials = Trials(driver, policy=made.policy)
        places, largest = count(trials)
        kinds = ", ".join(f"{kind} {many}" for kind, many in sorted(places.items()))
        click.echo(f"{world} {made.code.version}, handlers: {places.total()} places for one fault")
        click.echo(f"  in {len(variants())} variants, {largest} in the largest: {kinds}")
        sides = Sides(trials, driver, Meter(driver, service), each)
        for nth in range(rounds + 1):
            sides.round(counts=nth > 0)
        return _report(sides)


def _report(sides: Sides) -> dict[str, float]:
    found = {name: median(each) for name, each in sides.cpu.items()}
    for name, cpu in found.items():
        ratio = cpu / found[PLAIN]
        click.echo(
            f"  {name:<10} {cpu:7.1f} ms CPU, {ratio:5.2f} x plain; {median(sides.wall[name]):7.1f} ms wall"
        )
    return found


@click.command(help=__doc__)
@click.option("--world", default="redis", show_default=True, help="As --world of pytest takes it.")
@click.option("--rounds", default=5, show_default=True, help="How many rounds count, after a first one.")
@click.option("-n", "--each", default=12, show_default=True, help="Schedules of each kind in a round.")
@click.option("--service-url", help="A running service; otherwise one is started.")
def main(world: str, rounds: int, each: int, service_url: str | None) -> None:
    """The counts, and the cost of each kind."""
    try:
        run(world, rounds, each, service_url)
    except ConformanceError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
