"""A page for each defect, ready to file as an issue, and an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
from conformance.report.words import DEFECTS, service_title, spaced, tried

#: So many of the places where a defect shows are listed.
_PLACES: Final = 40
_GENERAL: Final = "The rule says what must hold; the lanes show which call breaks it."


class Shown(NamedTuple):
    """What a script beside a page did. ``file`` is empty when there is none; ``result`` says why, or how its
    run ended, in a sentence."""

    file: str
    result: str


class More(NamedTuple):
    """What else is known of a defect: a fix in words, where code of it is (in Markdown), versions with what
    their run said, links to reports."""

    fix: str = ""
    example: str = ""
    versions: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


#: Nothing more is known of a defect.
NOTHING: Final = More()
NO_VERSIONS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {}


def page(defect: Defect, rules: dict[str, str], shown: Shown | None = None, more: More = NOTHING) -> str:
    """The page of a defect in Markdown. ``rules`` says each rule in a sentence."""
    place = defect.first
    verdict = defect.verdict
    means, fix = DEFECTS.get(defect.label, ("", ""))
    parts = [
        f"# {escape(title(defect, verdict))}",
        "",
        _paragraph(defect, verdict),
        "",
        f"- The kind of defect: **{escape(spaced(defect.label))}**. {means}" if means else "",
        *(f"- It breaks {code(rule)}: {escape(rules.get(rule, ''), 400)}." for rule in defect.rules),
        f"- {escape(tried(place.verdict).capitalize())}." if tried(place.verdict) else "",
        "",
        *_where(defect.window, verdict),
        "## What happens",
        "",
        picture(verdict, verdict.evidence) if verdict.evidence is not None else "",
        "",
        "## What to change",
        "",
        *filter(None, (fix, f"{more.fix} {more.example}".strip())),
        "" if fix or more.fix else _GENERAL,
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
    elif window is not None and window.write is not None:
        said.append(f"Nothing guards {_operation(window.write)}.")
    return " ".join(said)


def _operation(item: LaneItem) -> str:
    return code(item.label, 90) + (f" at {code(item.where)}" if item.where else "")


def _where(window: Window | None, verdict: Verdict) -> list[str]:
    """The source lines, those of the race window first."""
    named = (window.look, window.between, window.write) if window is not None else ()
    first = [item.where for item in named if item is not None]
    sources = lay_out(verdict.evidence, verdict.reason).sources if verdict.evidence is not None else []
    sources.sort(key=lambda one: first.index(one.line) if one.line in first else len(first))
    return ["## Source lines", "", *(f"- {source_line(one)}" for one in sources[:8]), ""] if sources else []


def _again(defect: Defect, shown: Shown | None) -> list[str]:
    found = [commands([defect.first.verdict])]
    if shown is None:
        return found
    if shown.file:
        package = defect.about.replace(" ", "@")
        found += [
            "",
            f"Without this suite, beside the package (`npm i {package}`): {code(f'node {shown.file}')}.",
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
    ran, wrong = _judged(versions)
    stretches = [
        (word, ", ".join(code(version) for version, _ in some))
        for word, some in groupby(ran, key=lambda one: "wrong" if one[1].startswith("wrong") else "not seen")
    ]
    said = "; ".join(f"{word} in {those}" for word, those in stretches)
    if not said:
        return "None of them could be judged."
    if len(versions) == 1:
        only = "; no other version is published" if versions[0][1].endswith("published") else ""
        return f"{said[0].upper()}{said[1:]}{only}."
    if not wrong or len(ran) == 1:
        return f"{said[0].upper()}{said[1:]}."
    return f"Since {code(wrong)}{' or before' if wrong == ran[0][0] else ''}: {said}."


def _judged(versions: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
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
    lines = [
        f"**{escape(title(defect, verdict))}**",
        "",
        _paragraph(defect, verdict),
        "",
        f"Expected: {escape('; '.join(rules.get(rule, rule) for rule in defect.rules[:3]), 600)}.",
        "",
        f"To see it: {code(f'npm i {package}')}, then {code(f'node {shown.file}')} "
        "(the script is attached; exit status 1 says that it is wrong)."
        if shown is not None and shown.file
        else "To see it, with workflow-world-conformance: the command above.",
        "",
        *([f"Versions: {since(more.versions)}", ""] if more.versions else []),
        f"A way to change it: {more.fix or fix or _GENERAL}",
    ]
    yield from ("## An issue, ready to file", "", *(f"> {line}".rstrip() for line in lines))


def index(
    found: Sequence[Defect],
    shown: Mapping[str, Shown],
    versions: Mapping[str, Sequence[tuple[str, str]]] = NO_VERSIONS,
    further: Iterable[str] = (),
) -> str:
    """The table of all defects. ``shown``: what their scripts did, ``versions``: what was said of versions of
    their packages, both by slug. ``further``: more rows."""
    lines = [
        "# Findings",
        "",
        "Each page is one defect of a package: what happens, where in the package it is, how to fix it, how",
        "to see it again, and the text of an issue. A row counts the checks that it makes red. What only",
        "follows from another failure has no page. *Since*: the oldest version of the package that is wrong;",
        "`≤` when no older one was judged.",
        "",
        "| package | defect | kind | rule | red checks | since | without this suite |",
        "|---|---|---|---|---:|---|---|",
    ]
    for defect in found:
        script = shown.get(defect.slug)
        link = f"[script]({script.file})" if script is not None and script.file else ""
        name = ", ".join(filter(None, (_subject(defect), defect.verdict.reason)))
        lines.append(
            f"| {code(defect.about)} | [{escape(name, 160)}]({defect.slug}.md) "
            f"| {escape(spaced(defect.label))} | {code(defect.rule)} | {len(defect.places)} "
            f"| {_oldest(versions.get(defect.slug, ()))} | {link} |"
        )
    lines += further
    without = [
        (one, shown[one.slug].result) for one in found if one.slug in shown and not shown[one.slug].file
    ]
    if without:
        lines += ["", "## Without a script", ""]
        lines += [f"- [{escape(one.slug)}]({one.slug}.md): {escape(said, 400)}" for one, said in without]
    return "\n".join(lines) + "\n"


def _oldest(versions: Sequence[tuple[str, str]]) -> str:
    """``≤ 4.1.0``: the oldest version that is wrong; empty when no other version was judged."""
    ran, wrong = _judged(versions)
    if not wrong:
        return ""
    return ("≤ " if wrong == ran[0][0] and len(ran) > 1 else "") + code(wrong)


def _subject(defect: Defect) -> str:
    return defect.subject if defect.window is not None else ""
