"""What each variant of level ``storage`` adds: ``python -m benchmarks.variants [--every N]``

Every mutant of the memory World is judged by every variant of the eight scenarios, with two actors and
twenty schedules. A variant adds something when it kills a mutant that no other variant of its scenario kills:
with the variant gone that cell would be green. ``alone`` counts those that no variant of any scenario kills.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from conformance.cli._score import IN_MEMORY, all_mutants
from conformance.cli._score_equivalent import why_equivalent
from conformance.core.scenario import Variant
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import Mutant
from conformance.search.judge import Judge
from conformance.spec.lines import line_of
from conformance.spec.rows import Line


@dataclass(frozen=True, slots=True)
class Added:
    """What one variant kills: mutants, those that its scenario kills by nothing else, those that nothing else
    kills."""

    name: str
    kills: int
    in_scenario: tuple[str, ...]
    alone: tuple[str, ...]

    def __str__(self) -> str:
        shown = self.alone or self.in_scenario
        some = ", ".join(f"`{one}`" for one in shown[:2])
        return f"| {self.name} | {self.kills} | {len(self.in_scenario)} | {len(self.alone)} | {some} |"


@cache
def _variants(line: Line) -> list[tuple[int, Variant]]:
    return [(one.number, variant) for one in scenarios() for variant in one.at("storage", line)]


def killers(mutant: Mutant) -> Iterator[tuple[int, str]]:
    """Scenario and name of each variant that kills a mutant."""
    driver = InProcessDriver(mutant.world)
    for number, variant in _variants(line_of(driver.spec_version)):
        if not (variant.instance or variant.faulty or variant.thorough):
            judge = Judge(driver, policy=mutant.policy)
            if any(one.outcome == "fail" for one in judge.judge(variant, IN_MEMORY.few)):
                yield number, variant.name


def added(killed: dict[str, set[tuple[int, str]]]) -> list[Added]:
    """What each variant adds, by which variants kill each mutant."""
    places = sorted({place for line in (4, 5) for place in _places(line)})
    found = []
    for number, name in places:
        mine = {mutant: by for mutant, by in killed.items() if (number, name) in by}
        counts = {mutant: Counter(scenario for scenario, _ in by)[number] for mutant, by in mine.items()}
        found.append(
            Added(
                f"{number} {name}",
                len(mine),
                tuple(mutant for mutant, count in counts.items() if count == 1),
                tuple(mutant for mutant, by in mine.items() if len(by) == 1),
            )
        )
    return found


def _places(line: Line) -> Iterator[tuple[int, str]]:
    for number, variant in _variants(line):
        if not (variant.instance or variant.faulty or variant.thorough):
            yield number, variant.name


def main(words: list[str]) -> int:
    """Judge, and print a Markdown table. The exit code is 0."""
    parser = ArgumentParser(prog="python -m benchmarks.variants")
    parser.add_argument("--every", type=int, default=1, help="a sample: each Nth mutant")
    given = parser.parse_args(words)
    mutants = [one for one in all_mutants().values() if not why_equivalent(("memory", one.name))]
    killed: dict[str, set[tuple[int, str]]] = {}
    for done, mutant in enumerate(mutants[:: given.every], 1):
        killed[mutant.name] = set(killers(mutant))
        print(f"{done}: {mutant.name}: {sorted(killed[mutant.name])}", file=sys.stderr, flush=True)
    print(f"{len(killed)} mutants, of them killed by these variants: {sum(map(bool, killed.values()))}\n")
    print("| variant | kills | alone in its scenario | alone | such as |")
    print("|---|---:|---:|---:|---|")
    print(*added(killed), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
