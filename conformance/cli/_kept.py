"""What a long command has done so far, in a folder: a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.output import write_whole


@dataclass(frozen=True, slots=True)
class Kept:
    """Results by what they are of: one JSON file each. Without a folder nothing is kept.

    Several processes may write at once. Whoever changes what the results follow from removes the folder.
    """

    folder: Path | None = None

    def get(self, *about: object) -> Any:
        """The result that was kept, or None."""
        if self.folder is None:
            return None
        try:
            return json.loads(self._file(about).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, result: Any, *about: object) -> None:
        """Keep a result, as JSON has it. Raises :class:`OutputError`."""
        if self.folder is not None:
            write_whole(self._file(about), json.dumps(result, ensure_ascii=False))

    def _file(self, about: tuple[object, ...]) -> Path:
        assert self.folder is not None
        digest = hashlib.sha256(repr(about).encode()).hexdigest()[:24]
        return self.folder / f"{digest}.json"
