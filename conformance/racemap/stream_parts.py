"""What actors do with a stream, for all places of the map that are about streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from conformance.api import Actor, Program, WorldError
from conformance.core.errors import NotSupported
from conformance.spec.vocabulary import NOT_IMPLEMENTED

#: How long a reader of a closed stream waits for the next chunk, in milliseconds.
LIMIT_MS: Final = 2_000

#: What one actor does: with the name of a stream, and its run.
Part = Callable[[Actor, str, str], Awaitable[Any]]


async def write(actor: Actor, name: str, run: str) -> None:
    """One chunk."""
    await actor.call("stream.write", name, run, f"{actor.name}1")


def write_several(count: int) -> Part:
    """So many chunks, one after the other."""

    async def part(actor: Actor, name: str, run: str) -> None:
        for number in range(1, count + 1):
            await actor.call("stream.write", name, run, f"{actor.name}{number}")

    return part


async def close(actor: Actor, name: str, run: str) -> None:
    """The end."""
    await actor.call("stream.close", name, run)


def program_of(part: Part, name: str, run: str) -> Program:
    """What one actor does with this stream."""

    async def act(actor: Actor) -> None:
        await part(actor, name, run)

    return act


async def of_a_world_that_can(asked: Awaitable[Any], what: str) -> None:
    """Raise :class:`NotSupported` when a World does not have ``what`` was asked for."""
    try:
        await asked
    except WorldError as error:
        if error.code == NOT_IMPLEMENTED:
            raise NotSupported(f"it has no {what}") from None
        raise
