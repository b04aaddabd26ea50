"""Live readers in the map: a stream is opened while others write to it, and read to its end after the race.

A reader lives in the process of actor A, whose guest the suite is, so the suite reads on where it was opened.
Writers are in processes of their own, or in one with the reader (``+instance``): a web server gives a stream
to a client while a worker writes it, or does both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from conformance.api import Actor, Case, Race, Suite
from conformance.core.scenario import Variant
from conformance.racemap.stream_parts import (
    Part,
    close,
    of_a_world_that_can,
    program_of,
    write,
    write_several,
)

#: How long a live reader waits for the next chunk, or for the end, after the race; in milliseconds.
LIMIT_MS: Final = 1_000
#: What the readers of a place are called.
FIRST: Final = "first"
SECOND: Final = "second"


def opened(start: int) -> Part:
    """A reader comes, and starts at an index."""

    async def part(actor: Actor, name: str, run: str) -> None:
        await actor.call("stream.open", name, run, start, FIRST)

    return part


async def _write_and_close(actor: Actor, name: str, run: str) -> None:
    await write(actor, name, run)
    await close(actor, name, run)


async def _write_and_wait(actor: Actor, name: str, run: str) -> None:
    await write(actor, name, run)
    await actor.call("stream.poll", name, FIRST)


async def _wait(actor: Actor, name: str, run: str) -> None:  # noqa: ARG001 - a part's shape
    await actor.call("stream.poll", name, FIRST)


async def _cancel(actor: Actor, name: str, run: str) -> None:  # noqa: ARG001 - a part's shape
    await actor.call("stream.cancel", name, FIRST)


class _Live(NamedTuple):
    """What races: ``mine`` is done in the process of the readers, ``theirs`` by everybody else, from each of
    these ``states``. Readers of ``before`` are open before the race, those of ``after`` read on after it."""

    about: str
    mine: Part
    theirs: Part
    states: tuple[str, ...] = ("empty",)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = (FIRST,)
    #: somebody closes the stream in the race; else the suite does, after it
    closes: bool = False


_EITHER: Final = ("empty", "one-chunk")
#: The first of a pair is not always who reads: operations stand in the order of the map.
_PLACES: Final[dict[str, _Live]] = {
    "stream.write~stream.open": _Live(
        "a live reader comes while another actor writes", opened(0), write, _EITHER
    ),
    "stream.write~stream.open:closing": _Live(
        "a live reader comes while another actor writes the last chunk and closes",
        opened(0),
        _write_and_close,
        _EITHER,
        closes=True,
    ),
    "stream.write~stream.open:from-index": _Live(
        "a live reader comes, from index 1 on, while another actor writes two chunks",
        opened(1),
        write_several(2),
        _EITHER,
    ),
    "stream.write~stream.open:from-end": _Live(
        "a live reader comes, from the last chunk on, while another actor writes",
        opened(-1),
        write,
        ("one-chunk",),
    ),
    "stream.close~stream.open": _Live(
        "a live reader comes while another actor closes", opened(0), close, _EITHER, closes=True
    ),
    "stream.write~stream.write:reading": _Live(
        "two actors write while a live reader is there", write, write, before=(FIRST,)
    ),
    "stream.write~stream.close:reading": _Live(
        "one actor writes and another closes while a live reader is there",
        write,
        close,
        before=(FIRST,),
        closes=True,
    ),
    "stream.write~stream.poll": _Live(
        "two actors write, and time passes for a live reader when one of them has",
        _write_and_wait,
        write,
        before=(FIRST,),
    ),
    "stream.write~stream.poll:closing": _Live(
        "time passes for a live reader while another actor writes and closes",
        _wait,
        _write_and_close,
        before=(FIRST,),
        closes=True,
    ),
    "stream.write~stream.cancel:closing": _Live(
        "one of two live readers goes while another actor writes and closes",
        _cancel,
        _write_and_close,
        ("one-chunk",),
        before=(FIRST, SECOND),
        after=(SECOND,),
        closes=True,
    ),
}

#: Names of pairs in the order of the map.
PAIRS: Final = tuple(_PLACES)


def live_variants() -> Iterator[Variant]:
    """A variant for each state of each pair; each makes sense in one instance of the World, too."""
    for pair, live in _PLACES.items():
        for state in live.states:
            about = f"{live.about}; the stream is {_STATES[state]}"
            name = f"{pair}@running+stream-{state}"
            yield Variant(name, "storage", _build(live, state), about=about, in_memory=True)


_STATES: Final = {"empty": "empty", "one-chunk": "open and holds a chunk"}


def _build(live: _Live, state: str) -> Callable[[Suite, Case], Awaitable[Race]]:
    async def build(suite: Suite, case: Case) -> Race:
        run = await suite.run()
        name = suite.name("stream")
        await _has_live_readers(suite, run)
        if state != "empty":
            await suite.actor.call("stream.write", name, run, "given")
        for reader in live.before:
            await suite.actor.call("stream.open", name, run, 0, reader)

        first = program_of(live.mine, name, run)
        others = first if live.mine is live.theirs else program_of(live.theirs, name, run)

        async def read(actor: Actor) -> None:
            if not live.closes:
                await close(actor, name, run)
            await _read_on(actor, name, run, live.after)

        return Race([first, *[others for _ in case.numbers[1:]]], then=read)

    return build


async def _read_on(actor: Actor, name: str, run: str, readers: Sequence[str]) -> None:
    """Read to the end, with the readers that are open and then with one that comes late."""
    for reader in readers:
        await actor.call("stream.rest", name, reader, LIMIT_MS)
    await actor.call("stream.read", name, run, 0, LIMIT_MS)


async def _has_live_readers(suite: Suite, run: str) -> None:
    """Raise :class:`NotSupported` for a World without streams, or a host without live readers."""
    aside = suite.name("aside")
    asked: Awaitable[Any] = suite.actor.call("stream.open", aside, run, 0, "aside")
    await of_a_world_that_can(asked, "live readers of streams")
