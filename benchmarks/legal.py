"""How far the legal Worlds were searched: ``python -m benchmarks.legal [--line 5] [--shard K/N] [WORLD …]``

Each World of ``tests/search/correct_worlds.py`` is right, in a way of its own; ``--line 5`` plays those of
line 5.x, with the variants of that line. The command plays them at the budget ``thorough``, all variants of
each, and again with other seeds until they have seen ``--schedules`` together (100,000 when nothing is said).
It prints what was red, inconclusive or shallow: nothing must be. It exits with 1 when something is.
``--shard K/N`` plays the K-th of N parts of the variants, another part with each World, and nothing again.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from benchmarks.measure import not_right
from conformance.core.scenario import Level, Variant
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.search.budget import BUDGETS
from conformance.search.judge import Judge
from conformance.spec.rows import LINES
from tests.search.correct_worlds import LEGAL, LEGAL_5

_LEVELS: tuple[Level, ...] = ("storage", "handlers")


@dataclass(slots=True)
class Row:
    """What was seen of one World."""

    name: str
    schedules: int = 0
    variants: int = 0
    deep: int = 0
    #: variants in which more than two actors were searched to bound 1, of those that make sense with more
    crowded: int = 0
    of_crowded: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, world: type[MemoryWorld], variant: Variant, seed: int) -> None:
        """Judge one variant. The seed decides what is generated."""
        limits = BUDGETS["thorough"].limits(variant, speed=1)
        verdicts = Judge(InProcessDriver(world), seed).judge(variant, limits)
        evidence = verdicts[0].evidence
        self.schedules += evidence.schedules
        self.variants += 1
        self.deep += evidence.depth == "deep"
        more = [one for one in evidence.searched if one.actors > 2]
        self.of_crowded += bool(more)
        self.crowded += bool(more) and all(one.depth != "shallow" for one in more)
        self.wrong += not_right(f"{variant.level} {variant.name}", verdicts)

    def __str__(self) -> str:
        crowded = f"{self.crowded} of {self.of_crowded}"
        counts = f"{self.schedules:,} | {self.variants} | {self.deep} | {crowded} | {len(self.wrong)}"
        return f"| {self.name} | {counts} |"


def main(words: list[str]) -> int:
    """Play, and print a Markdown table. The exit code: 1 when something is not as it should be."""
    parser = ArgumentParser(prog="python -m benchmarks.legal")
    parser.add_argument("worlds", nargs="*", help="class names; all when none is named")
    parser.add_argument("--schedules", type=int, default=100_000, help="at least so many, over all Worlds")
    parser.add_argument("--level", choices=_LEVELS, help="this level only")
    parser.add_argument("--line", type=int, choices=LINES, default=LINES[0], help="of the spec")
    parser.add_argument("--shard", default="1/1", metavar="K/N", help="the K-th of N parts of the variants")
    given = parser.parse_args(words)
    shard, of = map(int, given.shard.split("/"))
    legal: Sequence[type[MemoryWorld]] = LEGAL if given.line == LINES[0] else LEGAL_5
    worlds = [one for one in legal if not given.worlds or one.__name__ in given.worlds]
    if not worlds:
        parser.error(f"no such World; there are {', '.join(one.__name__ for one in legal)}")
    levels = [given.level] if given.level else _LEVELS
    variants = [one for level in levels for scenario in scenarios() for one in scenario.at(level, given.line)]
    each = given.schedules // len(worlds) if of == 1 else 0
    print("| World | schedules | variants | of them deep | more actors at bound 1 | not as it should be |")
    print("|---|---:|---:|---:|---:|---:|")
    # A World's place decides which part it gets, so that N runs give each World each variant.
    rows = [_judge(world, variants[(shard - 1 + at) % of :: of], each) for at, world in enumerate(worlds)]
    total = sum(row.schedules for row in rows)
    wrong = list(chain.from_iterable(row.wrong for row in rows))
    print(f"| all | {total:,} | {sum(row.variants for row in rows)} | | | {len(wrong)} |")
    print(*wrong, sep="\n")
    return bool(wrong)


def _judge(world: type[MemoryWorld], variants: Sequence[Variant], schedules: int) -> Row:
    """Every variant, and all of them again with another seed until there are so many schedules."""
    row = Row(world.__name__)
    seed = 0
    while row.schedules < schedules or not seed:
        for variant in variants:
            if seed and row.schedules >= schedules:
                break
            known = len(row.wrong)
            row.add(world, variant, seed)
            print(*row.wrong[known:], sep="\n", end="", file=sys.stderr, flush=True)
            so_far = f"{row.name} {variant.level} {variant.name}: {row.schedules:,}"
            print(so_far, file=sys.stderr, flush=True)
        seed += 1
    print(str(row), flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
