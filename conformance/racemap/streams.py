"""Streams in the map: writers, ends and snapshots race; then the stream is read to its end.

The table says nothing of streams, so these places are listed here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from conformance.api import Actor, Case, Race, Suite, events
from conformance.core.scenario import Variant
from conformance.racemap.live_readers import PAIRS as LIVE
from conformance.racemap.live_readers import live_variants
from conformance.racemap.stream_parts import (
    LIMIT_MS,
    Part,
    close,
    of_a_world_that_can,
    program_of,
    write,
    write_several,
)


async def _snapshot(actor: Actor, name: str, run: str) -> None:
    await actor.call("stream.chunks", name, run)


async def _complete(actor: Actor, name: str, run: str) -> None:  # noqa: ARG001 - a part's shape
    await actor.create(run, events.run_completed("x"))


_WRITE_THREE: Final = write_several(3)
#: pair -> the parts that race, and from which states
_PAIRS: Final[dict[str, tuple[Part, Part, tuple[str, ...]]]] = {
    "stream.write~stream.write": (write, write, ("empty", "one-chunk")),
    "stream.write~stream.write:several": (_WRITE_THREE, _WRITE_THREE, ("empty",)),
    "stream.write~stream.close": (write, close, ("empty", "one-chunk", "closed")),
    "stream.close~stream.close": (close, close, ("one-chunk",)),
    "stream.write~stream.chunks": (write, _snapshot, ("empty", "one-chunk")),
    "stream.close~stream.chunks": (close, _snapshot, ("one-chunk",)),
    "run_completed~stream.write": (_complete, write, ("one-chunk",)),
    "run_completed~stream.close": (_complete, close, ("one-chunk",)),
}

_NAMED: Final = [name for pair in (*_PAIRS, *LIVE) for name in pair.partition(":")[0].split("~")]
#: The operations on streams, in the order of the map.
OPERATIONS: Final = tuple(dict.fromkeys(name for name in _NAMED if name.startswith("stream.")))


def stream_variants() -> Iterator[Variant]:
    """A variant for each state of each pair."""
    for pair, (one, other, states) in _PAIRS.items():
        for state in states:
            about = f"{pair.replace('~', ' against ')}; {state.replace('-', ' ')}"
            yield Variant(f"{pair}@running+stream-{state}", "storage", _build(one, other, state), about=about)
    yield from live_variants()


def _build(one: Part, other: Part, state: str) -> Callable[[Suite, Case], Awaitable[Race]]:
    async def build(suite: Suite, case: Case) -> Race:
        run = await suite.run()
        name = suite.name("stream")
        await _has_streams(suite, run)
        if state != "empty":
            await suite.actor.call("stream.write", name, run, "given")
        if state == "closed":
            await close(suite.actor, name, run)
        if _snapshot in (one, other):
            await of_a_world_that_can(suite.actor.call("stream.chunks", name, run), "snapshots of streams")

        first = program_of(one, name, run)
        second = first if one is other else program_of(other, name, run)

        async def read(actor: Actor) -> None:
            await close(actor, name, run)
            for start in (0, 1, -1, 0):
                await actor.call("stream.read", name, run, start, LIMIT_MS)

        return Race([(first, second)[number % 2] for number in case.numbers], then=read)

    return build


async def _has_streams(suite: Suite, run: str) -> None:
    """Raise :class:`NotSupported` for a World without streams, tried on a stream that nobody reads."""
    aside = suite.name("aside")
    await of_a_world_that_can(suite.actor.call("stream.write", aside, run, "aside"), "streams")
