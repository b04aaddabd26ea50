"""Where the time of a schedule goes, by World and level: ``python -m benchmarks.shares redis postgres``.

Schedules of scenario 6 are searched and judged as ``pytest --world=…`` does it. Columns are CPU milliseconds
of a schedule: of Python for playing it (levels, driver, pipes), for reducing it to what the checks see, for
checking it, and for the search between schedules; of the hosts; of the server. *wall* is how long a schedule
took, waiting included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import click

from benchmarks.measure import search
from benchmarks.processes import cpu_of
from benchmarks.worlds import opened, pids
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import by_id
from conformance.drivers.driver import Driver
from conformance.provision.services.service import Service
from conformance.search import trials
from conformance.search.judge import Judge
from conformance.search.play import Played
from conformance.search.trials import Trials

#: The race of each level: two handlers finish one step.
_RACES: Final[dict[Level, str]] = {
    "storage": "complete-complete",
    "handlers": "step-message-twice",
    "runtime": "step-message-twice",
}
_COLUMNS: Final = ("play", "observe", "check", "search", "hosts", "server")


class Stopwatch:
    """CPU seconds of this process in functions, by name: each is called by none of the others."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def watch(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function; the time that it takes counts."""

        def watched(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began

        return watched


def shares(
    driver: Driver, service: Service | None, variant: Variant, schedules: int
) -> tuple[float, float, dict[str, float]]:
    """Milliseconds of a schedule: wall, all CPU, and CPU by column. Raises what judging raises."""
    judge = Judge(driver)
    search(judge, variant, max(10, schedules // 5))  # hosts start, and V8 compiles
    watch = Stopwatch()
    parts = ((trials, "play", "play"), (Played, "observe", "observe"), (Trials, "check", "check"))
    plain = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
    for owner, name, column in parts:
        setattr(owner, name, watch.watch(column, getattr(owner, name)))
    try:
        others, began = _others(driver, service), time.perf_counter()
        python = time.process_time()
        done = search(judge, variant, schedules)
        python, wall = time.process_time() - python, time.perf_counter() - began
        after = _others(driver, service)
    finally:
        for owner, name, function in plain:
            setattr(owner, name, function)
    found = dict.fromkeys(_COLUMNS, 0.0) | watch.seconds
    found["search"] = python - sum(watch.seconds.values())
    found |= {name: after[name] - others[name] for name in ("hosts", "server")}
    each = {name: 1000 * seconds / done for name, seconds in found.items()}
    return 1000 * wall / done, sum(each.values()), each


def _others(driver: Driver, service: Service | None) -> dict[str, float]:
    by_name = pids(driver, service)
    hosts = [pid for name, each in by_name.items() if name.startswith("host") for pid in each]
    return {"hosts": cpu_of(hosts), "server": cpu_of(by_name.get("server", []))}


@click.command(help=__doc__)
@click.argument("worlds", nargs=-1, required=True)
@click.option("--level", "levels", multiple=True, default=("storage", "handlers"), show_default=True)
@click.option("-n", "--schedules", default=300, show_default=True, help="Schedules of each row.")
def main(worlds: Sequence[str], levels: Sequence[str], schedules: int) -> None:
    """Print a table."""
    click.echo(f"| world | level | wall | CPU | {' | '.join(_COLUMNS)} |")
    click.echo(f"|---|---|---:|---:|{'---:|' * len(_COLUMNS)}")
    for world in worlds:
        try:
            for level in levels:
                _row(world, cast(Level, level), schedules)
        except ConformanceError as error:
            click.echo(f"{world}: {error}", file=sys.stderr)


def _row(world: str, level: Level, schedules: int) -> None:
    variant = next(each for each in by_id("6").at(level) if each.name == _RACES[level])
    with opened(world, level) as (made, service):
        wall, cpu, each = shares(made.driver, service, variant, schedules)
    cells = [world, level, *[f"{value:.2f}" for value in (wall, cpu, *[each[name] for name in _COLUMNS])]]
    click.echo(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
