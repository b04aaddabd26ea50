"""The index of findings: a table with a row for each page. What a narrower run does not write stays in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from conformance.report.defects import Defect
from conformance.report.findings import More, Shown, judged
from conformance.report.markdown import code, escape
from conformance.report.words import spaced

_HEAD: Final = """\
# Findings

Each page is one defect of a package: what happens, where in the package it is, how to fix it, how
to see it again, and the text of an issue. A row counts the checks that it makes red. What only
follows from another failure has no page. *Since*: the oldest version of the package that is wrong;
`≤` when no older one was judged.

| package | defect | kind | rule | red checks | since | without this suite |
|---|---|---|---|---:|---|---|
"""
_WITHOUT: Final = "## Without a script"
_LINK: Final = re.compile(r"\]\(([\w.-]+)\.md\)")


@dataclass(slots=True)
class Index:
    """Lines of the table, and of the list of pages that have no script, each by its page: the name of its
    file without ``.md``."""

    rows: dict[str, str] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Index:
        """The inverse of ``str``; lines that it did not write are left out."""
        table, _, without = text.partition(_WITHOUT)
        return cls(_by_page(table, "| "), _by_page(without, "- "))

    def add(self, defect: Defect, script: Shown | None, more: More) -> None:
        """Give a page its lines."""
        self.rows[defect.slug] = _row(defect, script, more)
        self.without.pop(defect.slug, None)
        if script is not None and not script.file:
            said = escape(script.result, 400)
            self.without[defect.slug] = f"- [{escape(defect.slug)}]({defect.slug}.md): {said}"

    def keep(self, old: Index, whole: Iterable[str] = ()) -> Index:
        """This one, with what an older one has beside it; new rows stand behind those of their package.
        Of the packages in ``whole``, each with its version, this one has all rows there are."""
        named = {code(package) for package in whole}
        rows = [
            (page, self.rows.get(page, row))
            for page, row in old.rows.items()
            if page in self.rows or _package(row) not in named
        ]
        for page, row in self.rows.items():
            if page in old.rows:
                continue
            same = [at for at, (_, other) in enumerate(rows, 1) if _package(other) == _package(row)]
            rows.insert(max(same, default=len(rows)), (page, row))
        without = {page: line for page, line in old.without.items() if page not in self.rows}
        without |= self.without
        kept = dict(rows)
        return Index(kept, {page: without[page] for page in kept if page in without})

    def __str__(self) -> str:
        """The index as a Markdown file."""
        lines = [_HEAD.rstrip("\n"), *self.rows.values()]
        if self.without:
            lines += ["", _WITHOUT, "", *self.without.values()]
        return "\n".join(lines) + "\n"


def _by_page(text: str, begin: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line.startswith(begin))
    return {match[1]: line for line in lines if (match := _LINK.search(line)) is not None}


def _package(row: str) -> str:
    return row.split("|")[1].strip()


def _row(defect: Defect, script: Shown | None, more: More) -> str:
    subject = defect.subject if defect.window is not None else ""
    name = escape(", ".join(filter(None, (subject, defect.verdict.reason))), 160)
    if more.told is not None:
        name = more.told.title
    link = f"[script]({script.file})" if script is not None and script.file else ""
    return (
        f"| {code(defect.about)} | [{name}]({defect.slug}.md) "
        f"| {escape(spaced(defect.label))} | {code(defect.rule)} | {len(defect.places)} "
        f"| {_oldest(more.versions)} | {link} |"
    )


def _oldest(versions: Sequence[tuple[str, str]]) -> str:
    """``≤ 4.1.0``: the oldest version that is wrong; empty when versions were not asked for."""
    ran, wrong = judged(versions)
    if not wrong:
        return ""
    all_there_is = len(ran) == 1 and ran[0][1].endswith("published")
    return ("≤ " if wrong == ran[0][0] and not all_there_is else "") + code(wrong)
