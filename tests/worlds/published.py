"""Failures of the published matrix, to play their schedules again."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.core.content import content
from conformance.record.file import Verdict, read
from conformance.record.lines import Evidence


def failures(world: str, level: str) -> Iterator[tuple[Verdict, Evidence]]:
    """The red verdicts of a World at a level that show something, each schedule of a variant once."""
    seen: set[tuple[int, str, str]] = set()
    for one in read(content("reports") / "matrix" / "matrix.jsonl.gz").verdicts:
        found = one.evidence
        if (one.world, one.level, one.verdict) != (world, level, "fail") or found is None:
            continue
        key = one.scenario, one.variant, found.schedule
        if key not in seen:
            seen.add(key)
            yield one, found
