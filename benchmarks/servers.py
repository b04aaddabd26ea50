"""What the embedded servers are started with, against other settings: ``python -m benchmarks.servers``.

For each setting a server is started with it, and schedules of scenario 6 are played on all of them in turns.
*as started* is what the suite uses (``provision/services/kinds``); each other row changes that in one way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

import click

from benchmarks.measure import search, storage_variant
from benchmarks.processes import cpu_of
from benchmarks.worlds import pids, say
from conformance.core.errors import ConformanceError
from conformance.drivers.driver import Driver
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.kinds import Binary, Plan, kind_of
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from conformance.search.judge import Judge

#: Changes the words that a server is started with.
Change = Callable[[list[str]], list[str]]


def _more(*words: str) -> Change:
    """With further words; of a setting that is there twice the last one counts."""
    return lambda command: [*command, *words]


def _settings(**values: str) -> Change:
    """With further settings of PostgreSQL."""
    return _more(*[word for key, value in values.items() for word in ("-c", f"{key}={value}")])


def _instead(option: str, value: str) -> Change:
    """With another value behind an option."""

    def changed(command: list[str]) -> list[str]:
        at = command.index(option)
        return [*command[: at + 1], value, *command[at + 2 :]]

    return changed


AS_STARTED: Final = "as started"
#: World -> what is tried: how it is called, and how it changes the words of the server.
TRIED: Final[dict[str, dict[str, Change]]] = {
    "redis": {
        AS_STARTED: _more(),
        "appendonly, fsync every second": _more("--appendonly", "yes"),
        "appendonly, fsync always": _more("--appendonly", "yes", "--appendfsync", "always"),
    },
    "postgres": {
        AS_STARTED: _more(),
        "fsync, synchronous_commit, full_page_writes on": _settings(
            fsync="on", synchronous_commit="on", full_page_writes="on"
        ),
        "synchronous_commit on": _settings(synchronous_commit="on"),
        "shared_buffers 16 MB": _settings(shared_buffers="16MB"),
        "shared_buffers 256 MB": _settings(shared_buffers="256MB"),
        "autovacuum on": _settings(autovacuum="on"),
        "wal_level minimal": _settings(wal_level="minimal", max_wal_senders="0"),
    },
    "mongodb": {
        AS_STARTED: _more(),
        "cache 1 GB": _instead("--wiredTigerCacheSizeGB", "1"),
        "journal every 500 ms": _more("--journalCommitInterval", "500"),
        "no checkpoints (syncdelay 0)": _more("--syncdelay", "0"),
        "diagnostic data": _instead("--setParameter", "diagnosticDataCollectionEnabled=true"),
    },
}


@dataclass(slots=True)
class Played:
    """A World on a server with one of the settings, and milliseconds of a schedule in each round."""

    driver: Driver
    service: Service
    judge: Judge
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def play(self, schedules: int, *, counts: bool) -> None:
        """Search about so many schedules."""
        used, began = self._used(), time.perf_counter()
        done = search(self.judge, storage_variant(6, "complete-complete"), schedules)
        if counts:
            self.wall.append(1000 * (time.perf_counter() - began) / done)
            self.cpu.append(1000 * (self._used() - used) / done)

    def _used(self) -> float:
        """CPU seconds of server and hosts."""
        by_name = pids(self.driver, self.service)
        return cpu_of(pid for name, each in by_name.items() if name != "suite" for pid in each)


@contextmanager
def played(world: str, change: Change) -> Iterator[Played]:
    """A World on an embedded server that is started with other words."""
    target = parse(world)
    spec = target.descriptor.service
    assert spec is not None, f"{world} has no server"
    kind = kind_of(spec.kind)
    plain = kind.plan

    def changed(binary: Binary, folder: Path, port: int) -> Plan:
        plan = plain(binary, folder, port)
        return replace(plan, command=change(list(plan.command)))

    setattr(kind, "plan", changed)  # noqa: B010 - mypy takes no assignment to a method
    try:
        service = start_service(spec, force="embedded", progress=say)
    finally:
        setattr(kind, "plan", plain)  # noqa: B010 - as above
    try:
        opened = open_world(target, service, "servers", progress=say)
        try:
            yield Played(opened.driver, service, Judge(opened.driver))
        finally:
            opened.close()
    finally:
        service.stop()


def measure(world: str, rounds: int, schedules: int) -> None:
    """Print the table of one World. Raises :class:`ConformanceError`."""
    tried = TRIED[world]
    with ExitStack() as stack:
        sides = {name: stack.enter_context(played(world, change)) for name, change in tried.items()}
        for nth in range(rounds + 1):
            for side in sides.values():
                side.play(schedules, counts=nth > 0)
    usual = sides[AS_STARTED]
    click.echo(f"| {world} | wall ms | CPU ms, server and hosts | wall, of *{AS_STARTED}* |")
    click.echo("|---|---:|---:|---:|")
    for name, side in sides.items():
        ratio = median(own / base for own, base in zip(side.wall, usual.wall, strict=True))
        click.echo(f"| {name} | {median(side.wall):.2f} | {median(side.cpu):.2f} | {ratio:.2f} |")
    click.echo()


@click.command(help=__doc__)
@click.argument("worlds", nargs=-1, type=click.Choice(list(TRIED)))
@click.option("--rounds", default=9, show_default=True, help="How many rounds count.")
@click.option("-n", "--schedules", default=40, show_default=True, help="Schedules of a round.")
def main(worlds: Sequence[str], rounds: int, schedules: int) -> None:
    """A table for each World."""
    for world in worlds or TRIED:
        try:
            measure(world, rounds, schedules)
        except ConformanceError as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
