"""A page for each defect, ready to file as an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from conformance.core.text import one_line
from conformance.record.lines import Evidence, LaneItem, Verdict
from conformance.report.defects import Defect
from conformance.report.issue import commands, picture, source_line
from conformance.report.lanes import lay_out
from conformance.report.markdown import code, escape
from conformance.report.racemap import raced
from conformance.report.signs import Window, died
from conformance.report.streams import legend
from conformance.report.told import Told, in_markdown
from conformance.report.words import DEFECTS, service_title, spaced, tried

#: So many of the places where a defect shows are listed.
_PLACES: Final = 40
_SERVER: Final = " Its first lines say how it is told where the server is."
#: Kinds that take no race: the write that nothing guards is named.
_UNGUARDED: Final = frozenset({"no-guard", "stored-wrong"})
#: So many source lines of the lanes are listed.
_SOURCES: Final = 12
_GENERAL: Final = "The rule says what must hold; the lanes show which call breaks it."


class Shown(NamedTuple):
    """What a script beside a page did. ``file`` is empty when there is none; ``result`` says why, or how its
    run ended, in a sentence."""

    file: str
    result: str


class More(NamedTuple):
    """What else is known of a defect: a fix in words, where code of it is (in Markdown), versions with what
    their run said, links to reports, and what a person says of it."""

    fix: str = ""
    example: str = ""
    versions: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    told: Told | None = None


#: Nothing more is known of a defect.
NOTHING: Final = More()


def page(defect: Defect, rules: dict[str, str], shown: Shown | None = None, more: More = NOTHING) -> str:
    """The page of a defect in Markdown. ``rules`` says each rule in a sentence."""
    place = defect.first
    verdict = defect.verdict
    means, fix = DEFECTS.get(defect.label, ("", ""))
    evidence = verdict.evidence or Evidence()
    parts = [
        f"# {heading(defect, verdict, more)}",
        "",
        *_paragraphs(defect, verdict, more),
        f"- The kind of defect: **{escape(spaced(defect.label))}**. {means}" if means else "",
        *(f"- It breaks {code(rule)}: {escape(rules.get(rule, ''), 400)}." for rule in defect.rules),
        f"- {escape(tried(place.verdict).capitalize())}." if tried(place.verdict) else "",
        "",
        *_where(defect.window, verdict, more),
        "## What happens",
        "",
        picture(verdict, evidence),
        "",
        *legend(evidence),
        "",
        "## What to change",
        "",
        *_change(fix, more),
        "",
        "## See it again",
        "",
        *_again(defect, shown),
        "",
        *_versions(more),
        *_links(more),
        "## Where it shows",
        "",
        "1 check is red because of it:"
        if len(defect.places) == 1
        else f"{len(defect.places)} checks are red because of it:",
        "",
        *(f"- {escape(one.name)}" for one in defect.places[:_PLACES]),
        f"- and {len(defect.places) - _PLACES} more" if len(defect.places) > _PLACES else "",
        "",
        *_issue(defect, rules, verdict, shown, more),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def title(defect: Defect, verdict: Verdict) -> str:
    """``redis 0.2.2, step_completed: B's step_completed step1 got success; right is a conflict``."""
    subject = defect.subject if defect.window is not None and defect.window.operation else ""
    return one_line(f"{', '.join(filter(None, (defect.first.row.key.name, subject)))}: {verdict.reason}", 200)


def heading(defect: Defect, verdict: Verdict, more: More) -> str:
    """The title in Markdown: as a person tells it, else what the replay saw."""
    if more.told is not None:
        return f"{escape(defect.first.row.key.name)}: {more.told.title}"
    return escape(title(defect, verdict))


def _paragraphs(defect: Defect, verdict: Verdict, more: More) -> list[str]:
    """What is wrong, and how it was seen."""
    seen = _paragraph(defect, verdict)
    if more.told is None:
        return [seen, ""]
    live = (
        " (a *live reader* is one that is open while others write)" if defect.label == "live-reader" else ""
    )
    return [more.told.says, "", f"How it was seen{live}: {seen}", ""]


def _change(fix: str, more: More) -> list[str]:
    """What to change: as a person tells it, else what repairs defects of the kind and keeps the rule."""
    if more.told is not None:
        return [more.told.change]
    return [*filter(None, (fix, f"{more.fix} {more.example}".strip()))] or [_GENERAL]


def _paragraph(defect: Defect, verdict: Verdict) -> str:
    row, cell = defect.first.row, defect.first.cell
    on = f" on {escape(service_title(row.service))}" if row.service is not None else ""
    said = [
        f"{code(defect.about)}{on}, when {escape(raced(verdict, cell.about))}: {escape(verdict.reason, 600)}."
    ]
    window = defect.window
    if (
        window is not None
        and window.look is not None
        and window.between is not None
        and window.write is not None
    ):
        said.append(
            f"The call looks ({_operation(window.look)}), another one, {code(window.other)}, writes "
            f"in between ({_operation(window.between)}), and the first one then writes by what it saw "
            f"({_operation(window.write)})."
        )
    elif defect.label == "half-done":
        made, missing = died(verdict.evidence or Evidence())
        parts = [
            f"after {_operation(made)}" if made else "",
            f"before {_operation(missing)}" if missing else "",
        ]
        if any(parts):
            when = " and ".join(filter(None, parts))
            said.append(f"The caller dies {when}. What belongs to the same transition is missing then.")
    elif window is not None and window.write is not None and defect.label in _UNGUARDED:
        said.append(f"Nothing guards {_operation(window.write)}.")
    return " ".join(said)


def _operation(item: LaneItem) -> str:
    return code(item.label, 90) + (f" at {code(item.where)}" if item.where else "")


def _where(window: Window | None, verdict: Verdict, more: More) -> list[str]:
    """The source lines: those that a person names, then those of the lanes, the race window first."""
    named = (window.look, window.between, window.write) if window is not None else ()
    first = [item.where for item in named if item is not None]
    sources = lay_out(verdict.evidence, verdict.reason).sources if verdict.evidence is not None else []
    sources.sort(key=lambda one: first.index(one.line) if one.line in first else len(first))
    told = [*map(in_markdown, more.told.lines)] if more.told is not None else []
    lanes = [f"- {source_line(one)}" for one in sources[:_SOURCES]]
    between = ["", "Where the operations of the lanes below are made:", ""] if told and lanes else []
    return ["## Source lines", "", *told, *between, *lanes, ""] if told or lanes else []


def _again(defect: Defect, shown: Shown | None) -> list[str]:
    found = [commands([defect.first.verdict])]
    if shown is None:
        return found
    if shown.file:
        package = defect.about.replace(" ", "@")
        found += [
            "",
            f"Without this suite, beside the package (`npm i {package}`): {code(f'node {shown.file}')}."
            + (_SERVER if defect.first.row.service is not None else ""),
        ]
    return [*found, "", escape(shown.result, 600)]


def _versions(more: More) -> list[str]:
    if not more.versions:
        return []
    if len(more.versions) == 1:
        return ["## Versions", "", since(more.versions), ""]
    rows = [f"| {code(version)} | {escape(said)} |" for version, said in more.versions]
    return [
        "## Versions",
        "",
        f"{since(more.versions)} Each was judged by the first check of *Where it shows*: its schedule was",
        "replayed, and where that showed nothing its variant was searched. What was not seen may be there.",
        "",
        "| version | |",
        "|---|---|",
        *rows,
        "",
    ]


def since(versions: Sequence[tuple[str, str]]) -> str:
    """Since when it is there, of the versions that could be judged, the oldest first: ``Since 4.4.0: wrong in
    4.4.0, 4.4.1; not seen in 4.3.0.``"""
    ran, wrong = judged(versions)
    stretches = [
        (word, ", ".join(code(version) for version, _ in some))
        for word, some in groupby(ran, key=lambda one: "wrong" if one[1].startswith("wrong") else "not seen")
    ]
    said = "; ".join(f"{word} in {those}" for word, those in stretches)
    if not said:
        return "None of them could be judged."
    if len(versions) == 1:
        _, semicolon, only = versions[0][1].partition("; ")
        return f"{said[0].upper()}{said[1:]}{semicolon}{only}."
    if not wrong or len(ran) == 1:
        return f"{said[0].upper()}{said[1:]}."
    return f"Since {code(wrong)}{' or before' if wrong == ran[0][0] else ''}: {said}."


def judged(versions: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
    """The versions that could be judged with what was said of each, and the oldest that is wrong."""
    ran = [(version, word) for version, word in versions if word.startswith(("wrong", "not seen"))]
    return ran, next((version for version, word in ran if word.startswith("wrong")), "")


def _links(more: More) -> list[str]:
    if not more.links:
        return []
    return ["## Public reports", "", *(f"- [{escape(name)}]({address})" for name, address in more.links), ""]


def _issue(
    defect: Defect, rules: dict[str, str], verdict: Verdict, shown: Shown | None, more: More
) -> Iterable[str]:
    """The text of an issue, to be copied."""
    _, fix = DEFECTS.get(defect.label, ("", ""))
    package = defect.about.replace(" ", "@")
    told = more.told
    lines = [
        f"**{heading(defect, verdict, more)}**",
        "",
        *_paragraphs(defect, verdict, more),
        *([*map(in_markdown, told.lines), ""] if told is not None else []),
        f"Expected: {escape('; '.join(rules.get(rule, rule) for rule in defect.rules[:3]), 600)}.",
        "",
        f"To see it: {code(f'npm i {package}')}, then {code(f'node {shown.file}')} "
        "(the script is attached; exit status 1 says that it is wrong)."
        if shown is not None and shown.file
        else "To see it, with workflow-world-conformance: the command above.",
        "",
        *([f"Versions: {since(more.versions)}", ""] if more.versions else []),
        f"A way to change it: {told.change if told is not None else more.fix or fix or _GENERAL}",
    ]
    yield from ("## An issue, ready to file", "", *(f"> {line}".rstrip() for line in lines))
