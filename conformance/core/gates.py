"""A gate: one I/O operation of an actor that the scheduler can hold and release."""

from __future__ import annotations

import re
from collections.abc import Collection, Coroutine, Generator
from inspect import CORO_SUSPENDED, getcoroutinestate
from typing import Any, Final, Literal, NamedTuple, TypeVar

Access = Literal["read", "write", "unknown"]
T = TypeVar("T")
#: Keys of the suite's own gates (:mod:`conformance.core.starts`): no operation of a World has one.
OWN: Final = frozenset({"@clock", "@queue"})
#: At so many gates at most a coroutine is ended.
_MOST_ENDS: Final = 100


class Rows(NamedTuple):
    """Rows of a table, or documents of a collection: those whose columns have these values, all with none.

    ``where`` is ordered by column. A row that has another value in one of the columns is not touched.
    """

    table: str
    where: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(f"{column}: {value}" for column, value in self.where)
        return f"{self.table}{{{shown}}}" if shown else self.table


#: What an operation touches: something that is touched as a whole, or rows of a table.
Key = str | Rows


def table_of(key: Key) -> str:
    """What keys have in common that may touch the same: the key itself, or the table of its rows."""
    return key if isinstance(key, str) else key.table


def overlap(one: Key, other: Key) -> bool:
    """Whether two keys may touch the same thing. A table touches each of its rows."""
    if isinstance(one, str) or isinstance(other, str):
        return table_of(one) == table_of(other)
    if one.table != other.table:
        return False
    values = dict(one.where)
    return all(values.get(column, value) == value for column, value in other.where)


class Operation(NamedTuple):
    """What a gate is in every schedule: equal operations of two schedules are one operation.

    ``label`` and ``keys`` hold names where the gate has ids (:mod:`conformance.drivers.identity`); ``nth``
    counts the operations of that label in the actor, from 0.
    """

    actor: str
    label: str
    nth: int
    access: Access
    keys: frozenset[Key]

    @property
    def site(self) -> str:
        """Its label without the number of anything that was made in the race: operations fold to sites."""
        return _NUMBERED.sub("*", self.label)


#: A name of something made in the race: ``hook*2``.
_NUMBERED = re.compile(r"\*\d+")


class Origin(NamedTuple):
    """Where in the world's package an operation comes from: ``where`` is ``file:line`` of the source.

    ``compiled`` is the same in the file that runs, where a source map told the line (else empty). ``frames``
    are all lines of the package on the way, the innermost first; empty when ``where`` is the only one.
    """

    where: str
    compiled: str = ""
    frames: tuple[str, ...] = ()


class Gate:
    """An operation that wants to go ahead. ``await Gate(…)`` holds the coroutine until it is stepped.

    ``keys`` names what the operation touches; empty means unknown, so it may touch anything. ``cuts``:
    it goes over a connection that can be cut. ``rest``: it is the rest of what the operation of its actor
    before it began, such as the content of a file that was opened.
    """

    __slots__ = ("access", "cuts", "keys", "label", "operation", "origin", "rest")

    def __init__(
        self,
        label: str,
        access: Access = "unknown",
        keys: tuple[Key, ...] = (),
        origin: Origin | None = None,
        *,
        cuts: bool = True,
        rest: bool = False,
    ) -> None:
        self.label = label
        self.access: Access = access
        self.keys = keys
        #: the line of the world's package behind it, when the host was asked for it
        self.origin = origin
        self.cuts = cuts
        self.rest = rest
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
    return not _meet(one.keys, other.keys)


def _meet(some: Collection[Key], others: Collection[Key]) -> bool:
    if not set(some).isdisjoint(others):
        return True
    tables = {table_of(key) for key in some}
    if tables.isdisjoint([table_of(key) for key in others]):
        return False
    return any(overlap(one, other) for one in some for other in others)


def operation_of(gate: Gate | None) -> Operation:
    """The operation that a held gate is. ``ValueError`` for one that was never named."""
    if gate is None or gate.operation is None:
        raise ValueError("this gate was not held in a race")
    return gate.operation


class Ended(BaseException):
    """Raised in a program that is ended where it is: its process has died, or nobody wants to know.

    The exception of ``close()`` will not do: when a coroutine inside another one takes a gate before it ends,
    Python turns it into a ``RuntimeError``.
    """


def end(coroutine: Coroutine[Any, Any, Any]) -> None:
    """End a coroutine at the gate where it is.

    What it wants to do before it ends, such as giving a lock back, may take gates, too: it ends at each of
    them. Raises what it raises, and ``RuntimeError`` when it goes on all the same.
    """
    if getcoroutinestate(coroutine) != CORO_SUSPENDED:
        coroutine.close()
        return
    for _ in range(_MOST_ENDS):
        try:
            coroutine.throw(Ended())
        except (Ended, StopIteration):
            return
    raise RuntimeError("a program that was ended goes on")


def run_alone(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of the memory world to its end, releasing every gate at once."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
