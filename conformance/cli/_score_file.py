"""The file of a score: one line of JSON for each mutant, so that a score can be made in parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from conformance.cli._score import Score, Subject
from conformance.core.errors import ConformanceError


def read_scores(path: Path) -> dict[tuple[str, str], Score]:
    """What the file says of each mutant; its last line counts. Nothing when there is no file.

    Raises :class:`ConformanceError` when a line is not one of a score.
    """
    found: dict[tuple[str, str], Score] = {}
    if not path.exists():
        return found
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            one = msgspec.json.decode(line, type=Score)
        except msgspec.DecodeError as error:
            hint = "Remove the line, or name another file."
            raise ConformanceError(f"{path}:{number} is no line of a score: {error}", hint) from error
        found[one.key] = one
    return found


def add_score(path: Path, one: Score) -> None:
    """Append one line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(msgspec.json.encode(one).decode() + "\n")


def tidy(path: Path, subjects: Iterable[Subject]) -> list[Score]:
    """The scores of the mutants that there are today, in their order and in their families of today."""
    found = read_scores(path)
    return [
        msgspec.structs.replace(found[one.key], family=one.family, about=one.about)
        for one in subjects
        if one.key in found
    ]
