"""Wrong numbers of events: :mod:`worlds._reference.misnumbered`. The counter is a file for each number."""

from __future__ import annotations

from pathlib import Path

from .._reference.misnumbered import Misnumbered
from .reference import FilesWorld
from .slots import name_of


class Broken(Misnumbered, FilesWorld):
    """The reference, which numbers its events in a wrong way."""

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
