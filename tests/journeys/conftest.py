"""An empty folder of a maintainer's, and the pages that they follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.promises.documents import ROOT, Block, blocks
from tests.promises.reader import Reader


class Journey:
    """The blocks of some pages marked ``journey NAME``, typed one after the other in an empty folder.

    The page says in the same comment which status each command ends with.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self._name = name
        self._reader = Reader(folder)
        self._left: list[Block] = []

    def follows(self, *pages: str) -> None:
        """Open these pages, named from the project's folder."""
        self._left = [
            each for page in pages for each in blocks(ROOT / page) if self._name in each.said("journey")
        ]
        assert self._left, f"{pages} have nothing that is marked journey {self._name}"

    def reads(self) -> Block:
        """The next block, which the reader puts to use by hand."""
        return self._left.pop(0)

    def types(self, own: Mapping[str, str] | None = None) -> str:
        """Type the next block; ``own``: what of it is the reader's own. What its last command said."""
        return (self._reader.reads(self.reads(), own) or [""])[-1]

    @property
    def is_over(self) -> bool:
        """Whether nothing that is marked was left out."""
        return not self._left


@pytest.fixture
def journey(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Journey]]:
    """Begin the journey that has the name of the test, along these pages; all of it has to be used."""
    folder = tmp_path / "home"
    folder.mkdir()
    made = Journey(request.function.__name__.removeprefix("test_"), folder)

    def begin(*pages: str) -> Journey:
        made.follows(*pages)
        return made

    failed = request.session.testsfailed
    yield begin
    assert made.is_over or request.session.testsfailed > failed
