"""The tests that one shard of a run judges: every N-th, or as many seconds as the other shards.

All shards together have each test once. Which shard has it depends on the names of the tests and on the
record of an earlier run, and on nothing else, so jobs of a CI need not speak to each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from conformance.record.reading import read


def seconds_of(path: Path) -> dict[str, float]:
    """Seconds that each test took in the newest run of a record that has it. Raises ``RecordError``."""
    found: dict[str, float] = {}
    for run in read(path).runs:
        variants = {(one.test, one.variant): one.seconds for one in run.verdicts if one.test}
        took: dict[str, float] = defaultdict(float)
        for (test, _), seconds in variants.items():
            took[test] += seconds
        found |= took
    return found


def part_of(tests: Sequence[str], part: int, parts: int, seconds: Mapping[str, float]) -> list[int]:
    """The places of the tests in shard ``part`` (from 1) of ``parts``, in their order.

    ``seconds``: how long tests took before; empty: shards are equal in number. A test without a duration
    counts as the others of its scenario do in the mean, else as all do.
    """
    if not seconds:
        return list(range(part - 1, len(tests), parts))
    alike: dict[str, list[float]] = defaultdict(list)
    for test, took in seconds.items():
        alike[_scenario(test)].append(took)
    usual = fmean(seconds.values())
    expected = [
        seconds.get(test, fmean(alike[_scenario(test)]) if _scenario(test) in alike else usual)
        for test in tests
    ]
    # The longest goes first, to the shard that has least to do.
    loads, chosen = [0.0] * parts, [0] * len(tests)
    for place in sorted(range(len(tests)), key=lambda place: (-expected[place], tests[place])):
        chosen[place] = least = min(range(parts), key=lambda shard: (loads[shard], shard))
        loads[least] += expected[place]
    return [place for place, shard in enumerate(chosen) if shard == part - 1]


def _scenario(test: str) -> str:
    """``step_completed`` of ``step_completed[redis-storage]``."""
    return test.partition("[")[0]
