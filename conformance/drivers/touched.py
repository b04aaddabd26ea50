"""What a gate touches, from the message of a host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from conformance.core.gates import Access, Key, Rows


class RowsOf(Protocol):
    """Finds the rows that statements touch; ``keys`` are their tables, as the host has read them."""

    def __call__(
        self, access: Access, keys: Sequence[str], statements: Sequence[dict[str, Any]], /
    ) -> tuple[Access, tuple[Key, ...]]: ...


def touched(message: dict[str, Any], rows_of: RowsOf | None) -> tuple[Access, tuple[Key, ...]]:
    """The access and the keys of a ``gate`` message."""
    statements = message.get("statements")
    if statements and rows_of is not None:
        return rows_of(message["access"], message["keys"], statements)
    return message["access"], tuple([_key(key) for key in message["keys"]])


def queues_message(message: dict[str, Any]) -> bool:
    """Whether it is no operation of a World: a runtime wants to queue a message."""
    keys: list[Any] = message["keys"]
    return keys == ["@queue"]


def _key(key: str | dict[str, Any]) -> Key:
    if isinstance(key, str):
        return key
    return Rows(key["table"], tuple(sorted((str(name), str(value)) for name, value in key["where"].items())))
