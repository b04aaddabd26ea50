"""A folder for each run, a file for each write, and the name of the file is a position: the log of a run.

A write is prepared in a file that nobody looks for, and gets its name with ``link``, which fails if there is
such a name. So position and event appear in one act, two writers cannot take one position, and a writer that
dies leaves nothing that counts. A reader opens one name after the other until there is none, so what it has
is a prefix of the log.

A file holds one event, or the two of a start that creates its step: then the next name is two further.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .._reference.line import Line
from .._reference.shapes import Event, new_id
from .._reference.text import dumps, loads
from .folded import Folded


def name_of(text: str) -> str:
    """An id or token as the name of a file: no separator, and no dot."""
    return quote(text, safe="").replace(".", "%2E")


class Files:
    """Logs and claims below ``directory``. What was read is kept: a name never changes its content."""

    def __init__(self, directory: str, line: Line) -> None:
        self._root = Path(directory)
        self._line = line
        self._logs: dict[str, Folded] = {}

    def open(self) -> None:
        for name in ("runs", "claims", "hooks", "queue", "new"):
            (self._root / name).mkdir(parents=True, exist_ok=True)

    def path(self, *names: str) -> Path:
        return self._root.joinpath(*names)

    # -- the log of a run ---------------------------------------------------------------------------

    def log(self, run_id: str, until: str = "") -> Folded:
        """The log as it is now, or as it was after the write with that mark."""
        log = self._logs.setdefault(run_id, Folded(run_id))
        while until not in log.marks:
            found = self.read(self._slot(run_id, log.next))
            if found is None:
                break
            for event in found["events"]:
                log.take(event | {"eventId": self._line.event_id(run_id, log.next)})
            log.marks[found["mark"]] = len(log.events)
        return log

    def append(self, run_id: str, position: int, events: Sequence[Event], mark: str) -> bool:
        """Write events at a position, the one behind what was read. False when it is taken by now."""
        slot = self._slot(run_id, position)
        if position == 1:
            slot.parent.mkdir(exist_ok=True)
        return self.create(slot, {"mark": mark, "events": events})

    def _slot(self, run_id: str, position: int) -> Path:
        return self.path("runs", name_of(run_id), f"{position:026d}.json")

    # -- files -------------------------------------------------------------------------------------

    def read(self, path: Path) -> Any | None:
        """What a file holds; None when there is no such file."""
        try:
            with path.open(encoding="utf-8") as file:
                return loads(file.read())
        except FileNotFoundError:
            return None

    def create(self, path: Path, content: Any) -> bool:
        """Make a file with its content, in one act. False when there is one of that name."""
        new = self._prepared(content)
        try:
            path.hardlink_to(new)
        except FileExistsError:
            return False
        finally:
            new.unlink()
        return True

    def replace(self, path: Path, content: Any) -> None:
        """Make a file with its content, in one act, whatever there was of that name."""
        self._prepared(content).replace(path)

    def _prepared(self, content: Any) -> Path:
        new = self.path("new", f"{new_id('new')}.json")
        with new.open("x", encoding="utf-8") as file:
            file.write(dumps(content))
        return new
