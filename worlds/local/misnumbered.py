"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`. The counter is a file for each number.

And files that are written where others look for them, so that they can be read half.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .._reference.misnumbered import Misnumbered
from .._reference.text import dumps
from .claims import Claims
from .reference import FilesWorld
from .slots import Files, name_of


class InPlace(Files):
    """Makes a file under its name, and writes its content then."""

    def create(self, path: Path, content: Any) -> bool:
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(dumps(content))
        except FileExistsError:
            return False
        return True


class Broken(Misnumbered, FilesWorld):
    """The reference, which numbers its events in a wrong way."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(directory, **options)
        if self.slots.name == "written-in-place":
            self.files = InPlace(directory, self.line)
            self.claims = Claims(self.files)

    async def drawn(self, run_id: str, step: int) -> int:
        number = 1
        while step > 0 and not self.files.create(self._claim(run_id, number), {}):
            number += 1
        while step < 0 and self._claim(run_id, number + 1).exists():
            number += 1
        if step < 0:
            self._claim(run_id, number).unlink()
        return number

    def _claim(self, run_id: str, number: int) -> Path:
        return self.files.path("claims", f"{name_of(run_id)}.{number}.slot.json")
