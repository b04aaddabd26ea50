"""A gate: one I/O operation of an actor that the scheduler can hold and release."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Literal, TypeVar

Access = Literal["read", "write", "unknown"]
T = TypeVar("T")


class Gate:
    """An operation that wants to go ahead. ``await Gate(…)`` holds the coroutine until it is stepped.

    ``keys`` names what the operation touches; empty means unknown, so it may touch anything. ``cuts``:
    it goes over a connection that can be cut.
    """

    __slots__ = ("access", "cuts", "keys", "label", "where")

    def __init__(
        self,
        label: str,
        access: Access = "unknown",
        keys: tuple[str, ...] = (),
        where: str | None = None,
        *,
        cuts: bool = True,
    ) -> None:
        self.label = label
        self.access: Access = access
        self.keys = keys
        #: file and line inside the world's package, when the host was asked for it
        self.where = where
        self.cuts = cuts

    def __await__(self) -> Generator[Gate, None, None]:
        yield self

    def __repr__(self) -> str:
        return f"Gate({self.label!r})"


def independent(one: Gate, other: Gate) -> bool:
    """Whether two operations commute, so that only one of their orders need be tried."""
    if one.access == "read" and other.access == "read":
        return True
    if not one.keys or not other.keys or "unknown" in (one.access, other.access):
        return False
    return not set(one.keys) & set(other.keys)


def run_alone(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of the memory world to its end, releasing every gate at once."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
