"""How far the map of the World in memory was searched: ``python -m benchmarks.map_safe [--schedules N]``.

The World in memory is right, so nothing may be red. The command plays generated programs until there are
``N`` schedules of them (100,000 when nothing is said), half on a World of line 4.x and half on one of line
5.x; ``--line 5`` plays those of that line only. ``--thorough`` plays the map as ``--world-budget=thorough``
does, too: every state, three actors, actors that do both operations. It prints what was red, inconclusive or
shallow, and exits with 1 when something is.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.measure import not_right
from conformance.core.scenario import Variant
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.racemap.batches import batch_variants
from conformance.racemap.derive import pairs
from conformance.racemap.generate import judge_programs
from conformance.racemap.limits import limits
from conformance.racemap.variants import both, variants_of
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from conformance.spec.rows import LINES, Line

_WORLDS: dict[Line, type[MemoryWorld]] = {LINES[0]: MemoryWorld, LINES[-1]: NumberedWorld}
#: Programs that one seed gives.
_EACH = 2_500


@dataclass(slots=True)
class Row:
    """What was played of one part, and what was not as it should be."""

    name: str
    places: int = 0
    schedules: int = 0
    orders: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, verdicts: Sequence[Verdict], *, deep: bool = True) -> None:
        """The verdicts on one variant; ``deep``: a pass has to have a depth."""
        evidence = verdicts[0].evidence
        self.places += 1
        self.schedules += evidence.schedules
        self.orders += sum(one.orders for one in evidence.pairs)
        self.wrong += not_right(what, verdicts, deep=deep)

    def __str__(self) -> str:
        return f"| {self.name} | {self.places:,} | {self.schedules:,} | {self.orders:,} | {len(self.wrong)} |"


def main(words: list[str]) -> int:
    """Play, and print a Markdown table. The exit code: 1 when something is not as it should be."""
    parser = ArgumentParser(prog="python -m benchmarks.map_safe")
    parser.add_argument("--schedules", type=int, default=100_000, help="of programs, at least so many")
    parser.add_argument("--thorough", action="store_true", help="also the map, as with budget thorough")
    parser.add_argument("--shard", default="1/1", metavar="K/N", help="the K-th of N parts of that map")
    parser.add_argument("--line", type=int, choices=LINES, action="append", help="of the spec (default: all)")
    given = parser.parse_args(words)
    shard, _, of = given.shard.partition("/")
    print("| part | variants | schedules | orders | not as it should be |")
    print("|---|---:|---:|---:|---:|")
    rows = []
    lines = given.line or LINES
    for line in lines:
        rows.append(_programs(line, given.schedules // len(lines)))
        print(rows[-1], flush=True)
        if given.thorough:
            rows.append(_map(line, list(_places(line))[int(shard) - 1 :: int(of)]))
            print(rows[-1], flush=True)
    wrong = [one for row in rows for one in row.wrong]
    print(f"| all | | {sum(row.schedules for row in rows):,} | | {len(wrong)} |")
    print(*wrong, sep="\n")
    return bool(wrong)


def _programs(line: Line, schedules: int) -> Row:
    row = Row(f"programs, line {line}.x")
    seed = 0
    while row.schedules < schedules:
        driver = InProcessDriver(_WORLDS[line])
        row.add(f"programs of seed {seed}", judge_programs(driver, seed, _EACH), deep=False)
        print(f"{row.name}: {row.schedules:,}", file=sys.stderr, flush=True)
        seed += 1
    return row


def _map(line: Line, variants: Sequence[Variant]) -> Row:
    row = Row(f"map, line {line}.x")
    judge = Judge(InProcessDriver(_WORLDS[line]))
    for variant in variants:
        row.add(variant.name, judge.judge(variant, limits("thorough", speed=1)))
        print(f"{row.name} {variant.name}: {row.schedules:,}", file=sys.stderr, flush=True)
    return row


def _places(line: Line) -> Iterator[Variant]:
    """Every state of every pair, and pairs of pairs. Of line 5.x what is not in the map of line 4.x."""
    for pair in pairs(line, whole=True):
        if pair.since == line:
            made = list(variants_of(pair))
            yield from (*made, *map(both, made))
    if line != LINES[0]:
        yield from batch_variants()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
