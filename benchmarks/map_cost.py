"""What the race map costs: schedules by kind of operation, and against all interleavings.

``python -m benchmarks.map_cost RECORD`` reads a record of ``--world-map``. *All interleavings* of two
operations with ``a`` and ``b`` gates are ``(a + b)! / (a! b!)``. The record has ``a + b``, and halves are
assumed, so that is the most that there can be.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from math import comb
from pathlib import Path
from statistics import median

from conformance.racemap.variants import NUMBER
from conformance.record.file import Verdict, read


def main(path: str) -> None:
    """Print a table: reads against writes, writes of one kind, writes of two kinds, streams, all."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for run in read(Path(path)).runs:
        for verdict in run.verdicts:
            if verdict.scenario == NUMBER and verdict.check == "convergence" and verdict.gates:
                groups[_group(verdict.variant)].append(verdict)
                groups["all"].append(verdict)
    print("| operations | places | gates, median (max) | schedules | orders | all interleavings, at most |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in sorted(groups, key=lambda name: (name == "all", name)):
        found = groups[name]
        gates = [verdict.gates for verdict in found]
        every = sum(comb(count, count // 2) for count in gates)
        played = sum(verdict.schedules for verdict in found)
        orders = sum(verdict.orders for verdict in found)
        size = f"{median(gates):g} ({max(gates)})"
        print(f"| {name} | {len(found)} | {size} | {played:,} | {orders:,} | {every:,} |")


def _group(variant: str) -> str:
    one, _, rest = variant.partition("~")
    other = rest.partition("@")[0].partition(":")[0]
    if "stream." in variant:
        return "streams"
    if "." in other:
        return "a write and a read"
    kinds = {one.partition("_")[0], other.partition("_")[0]}
    return "two writes of one kind of entity" if len(kinds) == 1 else "the run and an entity"


if __name__ == "__main__":
    main(sys.argv[1])
