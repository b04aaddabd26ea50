"""Forty red cells by seed, to be read by a person: ``python -m tests.stories.forty 7 [RECORD…]``.

For each: whose it is, the sentence, the label, what the machine finds wrong with the story, and the lanes.
They are of the published records, or of those that are named.
"""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from conformance.record.file import read
from conformance.record.lines import Line, Verdict
from conformance.report.lanes import as_text, lay_out
from tests.stories.check import contradictions

_PUBLISHED = Path(__file__).parents[2] / "reports" / "matrix"
MOST = 40


def published() -> Iterator[Verdict]:
    """Every red verdict of the published records."""
    for name in ("matrix", "runtimes"):
        with gzip.open(_PUBLISHED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                verdict = msgspec.json.decode(line, type=Line)
                if isinstance(verdict, Verdict) and verdict.red:
                    yield verdict


def chosen(reds: list[Verdict], seed: int, most: int = MOST) -> list[Verdict]:
    """So many of them by seed: one of each package in turn, so that none has them all."""
    rng = random.Random(seed)
    of_package: dict[tuple[str, ...], list[Verdict]] = {}
    for red in rng.sample(reds, len(reds)):
        of_package.setdefault((red.world, red.version, red.level, red.runtime), []).append(red)
    found: list[Verdict] = []
    while len(found) < min(most, len(reds)):
        found += [mine.pop() for mine in of_package.values() if mine][: most - len(found)]
    return found


def told(red: Verdict) -> str:
    """One red cell in plain text."""
    wrong = contradictions(red)
    parts = [
        f"{red.world} {red.version} {red.level} {red.runtime} {red.scenario}/{red.variant} {red.check}",
        f"  {red.defect} [{', '.join(red.rules)}] {red.reason}",
        f"  control: {red.control}; by machine: {'; '.join(wrong) or 'story, label, lines and lanes agree'}",
    ]
    if red.evidence is not None and red.evidence.lanes:
        parts.append(as_text(lay_out(red.evidence, red.reason)))
    return "\n".join(parts)


def main(arguments: list[str]) -> None:
    """Print forty: the first argument is the seed, the others are records."""
    seed, *records = arguments or ["1"]
    reds = [one for path in records for one in read(Path(path)).verdicts if one.red] or list(published())
    for each in chosen(reds, int(seed)):
        print(told(each), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
