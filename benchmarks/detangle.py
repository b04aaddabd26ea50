"""The memory world beside the PyPI package ``detangle``, on one race: ``python -m benchmarks.detangle``.

detangle runs asyncio code under many schedules. Both sides play scenario 6, complete-complete, over the same
memory world: two calls of two operations each. The suite names operations, leaves out orders that come to the
same, reads everything back and judges it; detangle plays schedules and tests one assertion. They play in
turns, and what is compared is CPU seconds for a schedule, so a busy machine matters little.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Coroutine
from statistics import median
from typing import Any, Final

import click

from benchmarks.measure import measure, storage_variant
from conformance.core import events
from conformance.core.gates import run_alone
from conformance.core.scenario import Case
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.search.judge import Judge
from conformance.search.strategies import Search
from conformance.spec.vocabulary import WorldError

_INSTALL: Final = "detangle is not installed: .venv/bin/pip install detangle==0.1.0"


async def on_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """A call of the memory world as asyncio code: at each of its gates another task may go on."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as done:
            return done.value
        await asyncio.sleep(0)


class Race:
    """Two handlers complete one step. The step is made once, and gone back to."""

    def __init__(self) -> None:
        self.world = MemoryWorld()
        run = run_alone(self.world.events_create(None, events.run_created("flow", None)))
        self.run: str = run["run"]["runId"]
        for event in (events.run_started(), events.step_created("step_1", "work", None)):
            run_alone(self.world.events_create(self.run, event))
        run_alone(self.world.events_create(self.run, events.step_started("step_1")))
        self.saved = self.world.save()

    async def __call__(self) -> None:
        """Play it once. ``AssertionError`` when not exactly one of them wins."""
        self.world.restore(self.saved)
        won = await asyncio.gather(self._complete("A"), self._complete("B"))
        log = self.world.events[self.run]
        assert sorted(won) == [False, True]
        assert [event["eventType"] for event in log].count("step_completed") == 1

    async def _complete(self, actor: str) -> bool:
        event = events.step_completed("step_1", {"by": actor, "value": 1})
        try:
            await on_loop(self.world.events_create(self.run, event))
        except WorldError:
            return False
        return True


class Suite:
    """The suite's side: schedules with every check."""

    name = "suite, every check"

    def __init__(self) -> None:
        self.driver, self.variant = InProcessDriver(), storage_variant(6, "complete-complete")

    def search(self, schedules: int) -> float:
        """CPU seconds a schedule."""
        return measure(self.driver, self.variant, [Case()], schedules).cpu / schedules

    def every_order(self) -> int:
        """Schedules until every order was tried, up to swapping what commutes."""
        search = Search(0, 10_000, "deep")
        assert Judge(self.driver).explore(self.variant, Case(), search)
        assert search.exhausted
        return search.runs


class Detangle:
    """Its side: random schedules with one assertion."""

    def __init__(self, package: Any, race: Race) -> None:
        self.name = f"detangle {package.__version__}, one assertion"
        self._package, self._race = package, race

    def search(self, schedules: int) -> float:
        """CPU seconds a schedule."""
        began = time.process_time()
        stats = self._package.explore(self._race, runs=schedules, seed=1, database=False, strategy="random")
        return (time.process_time() - began) / int(stats.runs)

    def every_order(self) -> int:
        """Schedules of its exhaustive search."""
        every = importlib.import_module("detangle.strategies").DFS(max_delays=1_000)
        stats = self._package.explore(self._race, runs=10_000, database=False, strategy=every)
        assert stats.exhausted
        return int(stats.runs)


@click.command(help=__doc__)
@click.option("--rounds", default=9, show_default=True, help="How many rounds count.")
@click.option("-n", "--schedules", default=1_000, show_default=True, help="Schedules of a round.")
@click.option("--at-least", type=float, help="Exit with 1 when we are not so many times as fast.")
def main(rounds: int, schedules: int, at_least: float | None) -> None:
    """Print a table and the ratio."""
    try:
        package = importlib.import_module("detangle")
    except ImportError:
        raise SystemExit(_INSTALL) from None
    suite, other = Suite(), Detangle(package, Race())
    suite.search(schedules), other.search(schedules)  # warm
    pairs = [(suite.search(schedules), other.search(schedules)) for _ in range(rounds)]
    ratio = median(theirs / ours for ours, theirs in pairs)
    click.echo("| | CPU µs a schedule | schedules until every order was tried | CPU ms for that |")
    click.echo("|---|---:|---:|---:|")
    sides: tuple[Suite | Detangle, ...] = (suite, other)
    for index, side in enumerate(sides):
        each = median(pair[index] for pair in pairs)
        every = side.every_order()
        click.echo(f"| {side.name} | {1e6 * each:,.0f} | {every} | {1e3 * each * every:.1f} |")
    click.echo(f"\nA schedule of detangle takes {ratio:.2f} times the CPU of one of the suite.")
    if at_least is not None and ratio < at_least:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
