"""What a person says of a defect after reading its source: in the words of its maintainers, with lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from conformance.report.markdown import code


class Line(NamedTuple):
    """A line of the published package: ``at`` is ``dist/x.js:12``, ``holds`` part of its text, ``says`` what
    it does, in words in Markdown."""

    at: str
    holds: str
    says: str


class Told(NamedTuple):
    """One defect, in Markdown. ``title`` and ``says`` need no other page; ``lines`` are at fault, ``change``
    repairs it."""

    title: str
    says: str
    lines: tuple[Line, ...]
    change: str


def told_of(known: Sequence[Mapping[str, Any]], world: str, version: str, subject: str) -> Told | None:
    """What a file of ``[[told]]`` tables says of a defect: lines are those of one version, so it must be
    that very one. ``subject``: what the name of its page has between the version and the kind."""
    for one in known:
        if (one["world"], one["version"], one["subject"]) == (world, version, subject):
            lines = tuple(Line(**line) for line in one["line"])
            return Told(one["title"], " ".join(one["says"].split()), lines, " ".join(one["change"].split()))
    return None


def in_markdown(line: Line) -> str:
    """``- `dist/x.js:12`, `await close();`: it closes.``"""
    return f"- {code(line.at)}, {code(line.holds)}: {line.says}."
