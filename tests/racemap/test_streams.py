"""Streams in the map: what is merely to be done better is a note, and a World as it should be has none."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.core.gates import Gate
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.streams import StreamingWorld
from conformance.racemap.limits import limits
from conformance.racemap.streams import stream_variants
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

_FROM_END = "stream.write~stream.open:from-end@running+stream-one-chunk"


class _TakesWhatIsLate(StreamingWorld):
    """Adds chunks behind the end."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        await Gate(f"write {name}", "write", (name,))
        self.chunks.setdefault(name, []).append(chunk)
        return {}


class _KnowsNoEnd(StreamingWorld):
    """Takes a negative index for the beginning."""

    async def stream_read(self, name: str, run_id: str, start: int, limit_ms: int) -> dict[str, Any]:
        return await super().stream_read(name, run_id, max(start, 0), limit_ms)


class _StartsAtTheBeginning(StreamingWorld):
    """Takes a negative index for the beginning where a live reader comes with it."""

    def load(self, name: str, reader: str, start: int) -> None:
        super().load(name, reader, max(start, 0))


class _SortsByWriter(StreamingWorld):
    """Lists the chunks of one writer before those of another."""

    async def stream_write(self, name: str, run_id: str, chunk: str) -> dict[str, Any]:
        await super().stream_write(name, run_id, chunk)
        self.chunks[name].sort(key=lambda one: one[:1], reverse=True)
        return {}


def _judged(world: type[StreamingWorld]) -> dict[str, list[Verdict]]:
    judge = Judge(InProcessDriver(world))
    return {one.name: judge.judge(one, limits("default", speed=1)) for one in stream_variants()}


def test_a_world_as_it_should_be_is_safe() -> None:
    told = _judged(StreamingWorld)
    assert len(told) == 26
    for name, verdicts in told.items():
        for verdict in verdicts:
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), (name, verdict.reason)


@pytest.mark.parametrize(
    ("world", "place", "rule"),
    [
        (_TakesWhatIsLate, "stream.write~stream.close@running+stream-closed", "stream.closed"),
        (_KnowsNoEnd, "stream.write~stream.write@running+stream-empty", "stream.from-end"),
        (
            _StartsAtTheBeginning,
            "stream.write~stream.open:from-end@running+stream-one-chunk",
            "stream.from-end",
        ),
        (_SortsByWriter, "stream.write~stream.write@running+stream-empty", "stream.real-time"),
    ],
)
def test_notes(world: type[StreamingWorld], place: str, rule: str) -> None:
    verdict = _judged(world)[place][0]
    assert verdict.outcome == "pass", verdict.reason
    assert [note.finding.rule for note in verdict.shoulds] == [rule]
