"""Letting go of several things: one that cannot be let go of does not keep the others."""

from __future__ import annotations

from collections.abc import Callable

from conformance.core.errors import ConformanceError
from conformance.core.text import error_line


class LeftBehind(ConformanceError):
    """Things that could not be let go of. ``lines`` says each, without a secret."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def close_all(*closing: Callable[[], object]) -> None:
    """Call each of these, whatever those before it raise. Raises :class:`LeftBehind` at the end, with one
    line for each different failure."""
    lines: list[str] = []
    for close in closing:
        try:
            close()
        except LeftBehind as error:
            lines += error.lines
        except ConformanceError as error:
            lines.append(error.what)
        except Exception as error:
            lines.append(error_line(error))
    if lines:
        raise LeftBehind(list(dict.fromkeys(lines)))
