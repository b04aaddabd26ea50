"""The code blocks of the README and the docs, and the commands that a reader would type from them.

A comment above a block says how the test runs it, ``<!-- run: slow, exit 1 -->``, words with commas between:

- ``slow``: behind ``-m slow``.
- ``exit N``: each command ends with that status. Else it is 0; a run of worlds may be 1, for some are broken.
- ``only NAMES``: runs of worlds are of the tests that ``-k NAMES`` chooses, where the page chooses none.
- ``plus OPTION``: each command is run with that option too.
- ``LESS for TEXT``: each command is run with the first in place of the second, ``6 for 6,7,8``.
- ``in a clone``, ``beside a clone``: the folder is a copy of this project, or has one called
  ``workflow-world-conformance`` and a virtual environment of its own that is in use.
- ``with PATH``: what a reader has already, see ``GIVEN`` in the test.
- ``by FILE``: not run here, for that file of the project runs it: a line of it begins so.
- ``journey NAME``: not run here, for ``test_NAME`` of ``tests/journeys`` types it, from this page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(_DOCS.glob("*.md")), *sorted((_DOCS / "tutorial").glob("*.md")))

COMMANDS = ("sh", "console")
LANGUAGES = (*COMMANDS, "text", "toml", "yaml", "json", "python", "javascript")

_FENCE = re.compile(r"(?:^<!-- run: (?P<how>.*) -->\n)?^```(?P<language>.*)\n(?P<text>(?:.*\n)*?)^```$", re.M)
_HOW = re.compile(
    r"slow|only [\w ]+|exit \d+|in a clone|beside a clone|with \S+|by \S+|journey \w+|plus \S+|\S+ for \S+"
)


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands (``README.md:6``), its language, its text, and how it is run."""

    place: str
    language: str
    text: str
    how: tuple[str, ...]

    @property
    def slow(self) -> bool:
        return "slow" in self.how

    @property
    def elsewhere(self) -> bool:
        """Whether something else types it: a file of the project, or a journey."""
        return bool(self.said("by") or self.said("journey"))

    def said(self, word: str) -> list[str]:
        """What follows that word in the comment: ``said("with")`` are paths."""
        return [each.removeprefix(f"{word} ") for each in self.how if each.startswith(f"{word} ")]

    def less(self) -> list[tuple[str, str]]:
        """What is typed in place of what, as the comment says."""
        return [(less, text) for less, word, text in map(_parts, self.how) if word == "for"]

    def commands(self) -> list[str]:
        """What a reader types, one logical line each; nothing for a block of another kind."""
        if self.language not in COMMANDS:
            return []
        typed = self.text
        if self.language == "console":  # "$ " and its continuation lines; all else is what came back
            typed = "".join(re.findall(r"^\$ ((?:.*\\\n)*.*\n)", typed, re.M))
        lines = re.sub(r"\\\n\s*", "", typed).splitlines()
        return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _parts(how: str) -> tuple[str, str, str]:
    """``("6", "for", "6,7,8")``; the last two are empty for a word in a comment that has no two blanks."""
    first, _, rest = how.partition(" ")
    word, _, last = rest.partition(" ")
    return first, word, last


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page. Raises ``ValueError`` for a word in a comment that means nothing."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        place = f"{page.relative_to(ROOT)}:{line}"
        how = tuple(word.strip() for word in (match["how"] or "").split(", ") if word.strip())
        if wrong := [word for word in how if not _HOW.fullmatch(word)]:
            raise ValueError(f"{place}: no such way to run a block: {wrong}")
        found.append(Block(place, match["language"], match["text"], how))
    return found


def prose_commands(page: Path) -> list[str]:
    """Commands of ours in code spans: `world-conformance list`, `pytest --world=redis`."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    return [span for span in spans if span.startswith(("pytest ", "world-conformance ", "--"))]
