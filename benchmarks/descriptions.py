"""How operations are described, and what that costs: ``python -m benchmarks.descriptions redis postgres``.

For each world and level, over all variants of two actors: operations by what their keys name, conflicts,
and the schedules until every order was tried. Counts only, so a busy machine does not matter.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import cast

import click

from benchmarks.worlds import opened
from conformance.core.errors import ConformanceError
from conformance.core.gates import Operation, Rows
from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import scenarios
from conformance.core.starts import Start
from conformance.levels.prefix import Prefixes
from conformance.provision.open import OpenWorld
from conformance.provision.rows.tables import ORDER
from conformance.search.play import play
from conformance.search.strategies import Search

_COLUMNS = (
    "| world | variants | operations | no description | by table | by row | other keys | conflicts "
    "| orders | schedules | exhausted |"
)


@dataclasses.dataclass(slots=True)
class Counted:
    """The sums over the variants of one level."""

    variants: int = 0
    kinds: Counter[str] = dataclasses.field(default_factory=Counter)
    conflicts: int = 0
    orders: int = 0
    schedules: int = 0
    exhausted: int = 0

    def row(self, name: str) -> str:
        """A row of the table."""
        kinds = [self.kinds[kind] for kind in ("none", "table", "row", "key")]
        cells = [name, self.variants, sum(kinds), *kinds, self.conflicts, self.orders, self.schedules]
        return f"| {' | '.join(str(cell) for cell in [*cells, self.exhausted])} |"


def kind_of(operation: Operation) -> str:
    """What the keys of an operation name: ``none``, ``table``, ``row`` or ``key`` (of a store of keys)."""
    if not operation.keys or operation.access == "unknown":
        return "none"
    rows = [key for key in operation.keys if isinstance(key, Rows)]
    if not rows:
        return "key"
    # The order of new rows is that of the table.
    return "row" if all(key.where or key.table.endswith(ORDER) for key in rows) else "table"


def count(made: OpenWorld, variant: Variant, most: int, counted: Counted) -> None:
    """Search one variant until every order was tried, with at most so many schedules."""
    prefixes = Prefixes(made.driver, made.policy)
    search = Search(0, most, "deep")
    operations: set[Operation] = set()
    for number, choose in enumerate(search.choosers()):
        played = play(prefixes, variant, Case(), choose, number)
        search.played(played.steps)
        operations |= {
            gate.operation
            for step in played.steps
            for _, gate in step.held
            if gate.operation is not None and not isinstance(gate, Start)
        }
    counted.variants += 1
    counted.kinds.update(map(kind_of, operations))
    counted.conflicts += search.known.coverage.reachable
    counted.orders += search.known.coverage.orders
    counted.schedules += search.runs
    counted.exhausted += search.exhausted


@click.command(help=__doc__)
@click.argument("worlds", nargs=-1, required=True)
@click.option("--level", "levels", multiple=True, default=("storage",), show_default=True)
@click.option("--most", default=500, show_default=True, help="Schedules for each variant at most.")
@click.option("--by-table", is_flag=True, help="As if no rows were known.")
@click.option("-k", "only", default="", help="Variants whose scenario and name hold this.")
def main(worlds: tuple[str, ...], levels: tuple[str, ...], most: int, by_table: bool, only: str) -> None:
    """Print a table."""
    click.echo(_COLUMNS)
    click.echo("|" + "---|" * (_COLUMNS.count("|") - 1))
    for name in worlds:
        try:
            _world(name, [cast(Level, level) for level in levels], most, by_table, only)
        except ConformanceError as error:
            raise SystemExit(str(error)) from None


def _world(name: str, levels: list[Level], most: int, by_table: bool, only: str) -> None:
    with opened(name) as (made, _):
        if by_table and made.rows is not None:
            made.rows.why_not = "asked for"
        for level in levels:
            counted = Counted()
            for scenario in scenarios():
                for variant in scenario.at(level):
                    if only in f"{scenario.id}/{variant.name}":
                        count(made, variant, most, counted)
            click.echo(counted.row(f"{name} · {level}"))


if __name__ == "__main__":
    main()
