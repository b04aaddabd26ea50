"""Schedules a second on the published Redis world and a real Redis: ``python -m benchmarks.redis``."""

from __future__ import annotations

import time

import click

from benchmarks.measure import measure, storage_variant
from benchmarks.worlds import opened, say
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Case
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.target import parse


@click.command(help=__doc__)
@click.option("-n", "--schedules", default=1_000, show_default=True, help="How many schedules to run.")
@click.option(
    "--world", default="redis", show_default=True, help="Another world, as --world of pytest takes it."
)
@click.option("--service-url", help="A running service; otherwise one is started.")
@click.option("--at-least", type=float, help="Exit with 1 when fewer a second are reached.")
def main(schedules: int, world: str, service_url: str | None, at_least: float | None) -> None:
    """Scenario 6, complete-complete, level storage: two actors, then three and four.

    The clock of the schedules begins when the hosts are up. The time to start service and hosts is printed
    separately.
    """
    try:
        rate = run(world, schedules, service_url)
    except ConformanceError as error:
        raise SystemExit(str(error)) from None
    if at_least is not None and rate < at_least:
        raise SystemExit(1)


def run(world: str, schedules: int, service_url: str | None) -> float:
    """Measure and print; schedules a second. Raises :class:`ConformanceError`."""
    code = resolve(parse(world), progress=say)  # installed now, if it was not
    began = time.perf_counter()
    with opened(world, service_url=service_url) as (made, _):
        variant = storage_variant(6, "complete-complete")
        # One schedule boots the hosts.
        measure(made.driver, variant, [Case()], 1)
        ready = time.perf_counter() - began
        measured = measure(made.driver, variant, [Case(), Case(actors=3), Case(actors=4)], schedules)
    click.echo(f"{world} {code.version}, scenario 6 complete-complete, storage: {measured}")
    click.echo(f"service and hosts were up after {ready:.1f} s")
    return measured.rate


if __name__ == "__main__":
    main()
