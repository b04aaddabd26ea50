"""Whether memory and cost grow with the number of schedules: ``python -m benchmarks.soak``.

Many schedules are played and judged one after the other, as a long search does. After each part: the
resident memory of the suite's process, of the hosts and of the server, and the CPU that a schedule took. Flat
memory and an even cost mean that nothing is kept that need not be.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import click

from benchmarks.measure import storage_variant
from benchmarks.processes import cpu_of, megabytes
from benchmarks.worlds import opened, pids
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.provision.services.service import Service
from conformance.search.judge import Judge
from conformance.search.strategies import Search

#: Races that take turns: kinds of calls, two and three actors, refusals, hooks and tokens.
_RACES: Final = (
    (6, "complete-complete"),
    (3, "fail-complete"),
    (5, "complete-complete"),
    (8, "one-token-two-runs"),
)
#: Parts before memory is compared: caches fill, and V8 and Python take their room.
_WARM: Final = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the schedules: how many by its end, MB by process at its end, CPU ms a schedule in it."""

    schedules: int
    memory: dict[str, float]
    cpu: float


def soak(driver: Driver, service: Service | None, schedules: int, parts: int) -> Iterator[Part]:
    """Play so many in so many parts."""
    variants = [storage_variant(*race) for race in _RACES]
    judge = Judge(driver)
    searched = 0
    for part in range(1, parts + 1):
        wanted = schedules * part // parts
        before, began = _cpu(driver, service), searched
        while searched < wanted:
            for variant in variants:
                searched += _search(judge, variant, wanted - searched)
        gc.collect()
        after = _cpu(driver, service)
        memory = {name: sum(map(megabytes, each)) for name, each in pids(driver, service).items()}
        yield Part(searched, memory, 1000 * (after - before) / (searched - began))


def _search(judge: Judge, variant: Variant, most: int) -> int:
    """Search one race, as the judge of one variant does; the number of schedules."""
    if most <= 0:
        return 0
    judge.trials.begin()
    if not judge.explore(variant, Case(actors=2), Search(min(most, 50))):
        raise SystemExit(judge.trials.evidence.inconclusive)
    return judge.trials.evidence.schedules


def _cpu(driver: Driver, service: Service | None) -> float:
    others = [pid for name, each in pids(driver, service).items() if name != "suite" for pid in each]
    return time.process_time() + cpu_of(others)


def growth(values: Sequence[float]) -> float:
    """How much more there is at the end than once it was warm: 1.0 is flat."""
    return values[-1] / max(values[int(len(values) * _WARM)], 1e-9)


@click.command(help=__doc__)
@click.option("--world", default="memory", show_default=True, help="As --world of pytest takes it.")
@click.option("-n", "--schedules", type=int, help="How many; 100,000 in memory, 20,000 with hosts.")
@click.option("--parts", default=10, show_default=True, type=click.IntRange(4), help="Rows of the table.")
@click.option("--at-most", type=float, help="Exit with 1 when a process or the cost grew more, such as 1.1.")
def main(world: str, schedules: int | None, parts: int, at_most: float | None) -> None:
    """Print a table, and how much grew."""
    made: list[Part] = []
    wanted = schedules or (100_000 if world == "memory" else 20_000)
    try:
        with opened(world) as (judged, service):
            for part in soak(judged.driver, service, wanted, parts):
                if not made:
                    click.echo(
                        f"| {world}: schedules | {' MB | '.join(part.memory)} MB | CPU ms a schedule |"
                    )
                    click.echo("|---:|" + "---:|" * (len(part.memory) + 1))
                made.append(part)
                cells = [f"{part.schedules:,}", *[f"{each:.0f}" for each in part.memory.values()]]
                click.echo(f"| {' | '.join(cells)} | {part.cpu:.2f} |")
    except ConformanceError as error:
        raise SystemExit(str(error)) from None
    grown = {name: growth([part.memory.get(name, 0.0) for part in made]) for name in made[-1].memory}
    grown["cost"] = growth([part.cpu for part in made])
    said = ", ".join(f"{name} {times:.2f}" for name, times in grown.items())
    click.echo(f"\nAt the end as a part of what there was after {_WARM:.0%}: {said}.")
    if at_most is not None and max(grown.values()) > at_most:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
