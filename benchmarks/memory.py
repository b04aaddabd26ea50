"""Schedules a second on the memory world, on one core: ``python -m benchmarks.memory``."""

from __future__ import annotations

import click

from benchmarks.measure import measure, storage_variant
from conformance.core.scenario import Case
from conformance.drivers.in_process import InProcessDriver


@click.command(help=__doc__)
@click.option("-n", "--schedules", default=50_000, show_default=True, help="How many schedules to run.")
@click.option(
    "--actors", default=2, show_default=True, type=click.IntRange(2, 4), help="How many actors race."
)
@click.option("--at-least", type=float, help="Exit with 1 when fewer a second are reached.")
def main(schedules: int, actors: int, at_least: float | None) -> None:
    """Scenario 6, complete-complete, level storage; all checks included."""
    driver, variant = InProcessDriver(), storage_variant(6, "complete-complete")
    measure(
        driver, variant, [Case(actors=actors)], min(2_000, schedules)
    )  # warm the caches of the interpreter
    measured = measure(driver, variant, [Case(actors=actors)], schedules)
    click.echo(f"memory, scenario 6 complete-complete, {actors} actors, storage: {measured}")
    if measured.cpu < 0.9 * measured.seconds:
        rate = measured.schedules / measured.cpu
        click.echo(f"the machine was busy: {rate:,.0f} for every second in which this process had a core")
    if at_least is not None and measured.rate < at_least:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
