"""A gate: one I/O operation of an actor that the scheduler can hold and release."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Generator
from typing import Any, Final, Literal, NamedTuple, TypeVar

Access = Literal["read", "write", "unknown"]
T = TypeVar("T")
#: Keys of the suite's own gates (:mod:`conformance.core.starts`): no operation of a World has one.
OWN: Final = frozenset({"@clock", "@queue"})


class Operation(NamedTuple):
    """What a gate is in every schedule: equal operations of two schedules are one operation.

    ``label`` and ``keys`` hold names where the gate has ids (:mod:`conformance.drivers.identity`); ``nth``
    counts the operations of that label in the actor, from 0.
    """

    actor: str
    label: str
    nth: int
    access: Access
    keys: frozenset[str]

    @property
    def site(self) -> str:
        """Its label without the number of anything that was made in the race: operations fold to sites."""
        return _NUMBERED.sub("*", self.label)


#: A name of something made in the race: ``hook*2``.
_NUMBERED = re.compile(r"\*\d+")


class Gate:
    """An operation that wants to go ahead. ``await Gate(…)`` holds the coroutine until it is stepped.

    ``keys`` names what the operation touches; empty means unknown, so it may touch anything. ``cuts``:
    it goes over a connection that can be cut.
    """

    __slots__ = ("access", "cuts", "keys", "label", "operation", "where")

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
        #: what it is in every schedule; known from the moment at which it is held in a race
        self.operation: Operation | None = None

    def __await__(self) -> Generator[Gate, None, None]:
        yield self

    def __repr__(self) -> str:
        return f"Gate({self.label!r})"


def independent(one: Gate | Operation, other: Gate | Operation) -> bool:
    """Whether two operations commute, so that only one of their orders need be tried.

    Gates may be compared within a schedule only: the same thing has another id in the next one. What begins
    (key ``@clock``) or uses the suite's queue (``@queue``) depends on no operation of a service.
    """
    if one.access == "read" and other.access == "read":
        return True
    if OWN.isdisjoint(one.keys) != OWN.isdisjoint(other.keys):
        return True  # it touches nothing of the service, whatever an operation may touch there
    if not one.keys or not other.keys or "unknown" in (one.access, other.access):
        return False
    return set(one.keys).isdisjoint(other.keys)


def operation_of(gate: Gate | None) -> Operation:
    """The operation that a held gate is. ``ValueError`` for one that was never named."""
    if gate is None or gate.operation is None:
        raise ValueError("this gate was not held in a race")
    return gate.operation


def run_alone(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of the memory world to its end, releasing every gate at once."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
