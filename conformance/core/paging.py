"""Lists in pages: which page comes next, and when a World's pages cannot come to an end."""

from __future__ import annotations

from typing import Any, Final

from conformance.spec.vocabulary import WorldError

#: Empty pages in a row, with more behind them, that are no mistake.
_MOST_EMPTY: Final = 20
#: Pages of one list. A run of the suite has a few hundred events.
_MOST: Final = 1000


class Pages:
    """The pages of one list, from the first or from ``cursor`` on. ``of`` is the run, for messages."""

    __slots__ = ("_asked", "_empty", "_of")

    def __init__(self, of: str, cursor: object = None) -> None:
        self._of = of
        self._asked = {repr(cursor)} if cursor is not None else set()
        self._empty = 0

    def following(self, page: dict[str, Any]) -> Any:
        """The cursor of the next page; None after the last.

        Raises :class:`WorldError`, as the runtime does, when the World goes round in circles.
        """
        if not page.get("hasMore"):
            return None
        cursor = page.get("cursor")
        if cursor is None:
            raise self._error("returned more pages without a cursor")
        if repr(cursor) in self._asked:
            raise self._error("repeated a cursor")
        self._asked.add(repr(cursor))
        self._empty = 0 if page["data"] else self._empty + 1
        if self._empty > _MOST_EMPTY:
            raise self._error(f"gave {self._empty} empty pages in a row and promised more")
        if len(self._asked) > _MOST:
            raise self._error(f"does not end after {_MOST} pages")
        return cursor

    def _error(self, what: str) -> WorldError:
        return WorldError(
            "WorkflowWorldError", f"Pagination {what} for {self._of}", code="WORLD_CONTRACT_ERROR"
        )
