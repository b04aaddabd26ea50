"""One failure in a terminal: what broke, the lanes, the log, the errors, how to see it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.core.redact import shown
from conformance.core.text import bound, one_line
from conformance.record.lines import Evidence, FindingLine, Verdict
from conformance.record.readable_log import folded
from conformance.report.lanes import Lanes, about_calls, around_window, lay_out
from conformance.report.verdict_line import again_line, verdict_line
from conformance.report.words import (
    further_breaks,
    further_line,
    main_rules,
    rule_help,
    searched,
    tried,
)

_LANE_STYLES: Final = ("cyan", "yellow", "magenta", "green", "blue", "red")
#: How many trace entries are shown unless verbose: those about the race window.
_LANES: Final = 30
#: How many before and after a call that a note is about.
_ABOUT_CALL: Final = 6
#: Lines of a timeline that are shown unless verbose.
_TIMELINE: Final = 14
#: Characters of what an event is about.
_ABOUT: Final = 26


def told_failure(
    verdict: Verdict, *, verbose: bool = False, ascii_only: bool = False, same_as: str = ""
) -> list[RenderableType]:
    """All there is to say of one failure, as things rich can print.

    ``same_as`` names the check under which the same schedule was shown already.
    """
    parts = verdict_lines(verdict)
    if verdict.also:
        parts.append(Text(f"in generated cases it breaks {', '.join(verdict.also)} too", "dim"))
    parts += [
        Text(f"how to fix it: {help_}", "dim") for help_ in filter(None, map(rule_help, main_rules(verdict)))
    ]
    parts += [Text(one_line(further_line(one), 600)) for one in further_breaks(verdict)]
    facts = _facts(verdict)
    if facts:
        parts.append(Text(facts, "dim"))
    evidence = verdict.evidence
    if evidence is None:
        return parts
    if same_as:
        parts.append(Text(f"the same schedule as under {same_as}", "dim"))
    else:
        parts += _evidence(evidence, verdict.reason, verbose=verbose, ascii_only=ascii_only)
    return parts


def told_note(
    verdict: Verdict, note: FindingLine, *, verbose: bool = False, ascii_only: bool = False
) -> list[RenderableType]:
    """All there is to say of what turns nothing red; ``note`` is one of ``verdict`` and has evidence."""
    evidence = note.evidence
    assert evidence is not None, "the caller has looked"
    said = shown(f"{verdict.variant or '-'}: {verdict.check} note [{', '.join(note.rules)}]: {note.reason}")
    parts: list[RenderableType] = [
        _whole(said, "bold"),
        _whole(shown(f"    {note.replayed} times; again with: {evidence.replay}"), "dim"),
    ]
    return parts + _evidence(evidence, note.reason, note.calls, verbose=verbose, ascii_only=ascii_only)


def verdict_lines(verdict: Verdict) -> list[RenderableType]:
    """What is wrong in one line, and how to see it again in the next; neither is ever broken over lines."""
    lines: list[RenderableType] = [_whole(verdict_line(verdict), "bold")]
    if again := again_line(verdict):
        lines.append(_whole(f"    {again}", "dim"))
    return lines


def _whole(text: str, style: str) -> Text:
    return Text(text, style, no_wrap=True, overflow="ignore")


def same_evidence(verdict: Verdict, evidence: Evidence | None = None) -> str:
    """What distinguishes the schedules of two failures, or of two notes with that ``evidence``."""
    evidence = evidence or verdict.evidence or Evidence()
    labels = [f"{item.lane} {item.label}" for item in evidence.lanes]
    return json.dumps(
        [
            verdict.world,
            verdict.level,
            verdict.subject,
            verdict.variant,
            evidence.case,
            evidence.schedule,
            labels,
            evidence.timeline,
        ],
        default=str,
    )


def _facts(verdict: Verdict) -> str:
    facts = []
    if verdict.shown:
        facts.append(f"shown {verdict.shown} of {verdict.runs} times")
    facts.append(tried(verdict))
    if verdict.depth:
        facts.append(searched(verdict))
    if verdict.control:
        facts.append(f"control: {verdict.control}")
    if verdict.seconds:
        facts.append(f"{verdict.seconds:.1f} s")
    return ", ".join(fact for fact in facts if fact)


def _evidence(
    evidence: Evidence, reason: str, calls: Sequence[int] = (), *, verbose: bool, ascii_only: bool
) -> list[RenderableType]:
    """``calls``: by their ``at``, what the lanes are to show, if that is not the race window."""
    parts: list[RenderableType] = []
    if evidence.case:
        case = ", ".join(f"{key}={one_line(_brief(value), 60)}" for key, value in evidence.case.items())
        parts.append(Text(f"case {bound(case, 300)}", "dim"))
    if evidence.lanes:
        whole = lay_out(evidence, reason)
        if calls and not verbose:
            shown_ones = about_calls(whole, calls, _ABOUT_CALL)
            left = len(whole.items) - sum(len(lanes.items) for lanes in shown_ones)
            parts += [Padding(_lanes(lanes, ascii_only), (1, 0, 0, 0)) for lanes in shown_ones]
            parts += [Text(f"… {left} other trace entries with -v", "dim")] if left else []
        else:
            lanes, before, after = around_window(whole, len(whole.items) if verbose else _LANES)
            parts.append(Padding(_lanes(lanes, ascii_only), (1, 0, 0, 0)))
            if before or after:
                parts.append(Text(f"… {before} trace entries before these and {after} after them", "dim"))
    if evidence.timeline:
        lines = evidence.timeline if verbose else evidence.timeline[:_TIMELINE]
        parts.append(Padding(Text("\n".join(one_line(line, 200) for line in lines)), (1, 0, 0, 0)))
        if len(lines) < len(evidence.timeline):
            parts.append(Text(f"… {len(evidence.timeline) - len(lines)} more lines with -v", "dim"))
    if evidence.events:
        parts.append(Padding(_Log(evidence, ascii_only), (1, 0, 0, 0)))
    for error in evidence.errors[: None if verbose else 5]:
        status = f" {error.status}" if error.status is not None else ""
        parts.append(
            Text(f"{error.lane}  {error.op}: {error.name}{status}: {one_line(error.message)}", "red")
        )
    for line in evidence.logs if verbose else [line for line in evidence.logs if line.level == "error"][:5]:
        text = one_line(line.text, 2_000 if verbose else 300)
        parts.append(
            Text(
                f"{line.lane}  {line.level} [{line.origin}] {text}", "red" if line.level == "error" else "dim"
            )
        )
    for name, count in evidence.dropped.items():
        parts.append(Text(f"… {count:,} more {name}", "dim"))
    return parts


def _lanes(lanes: Lanes, ascii_only: bool) -> Table:
    """The lanes as columns, one trace entry a row; ``┃`` at the left marks the race window."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", width=1)
    for index, lane in enumerate(lanes.names):
        table.add_column(Text(lane, f"bold {_LANE_STYLES[index % len(_LANE_STYLES)]}"), overflow="fold")
    placed = any(item.where for item in lanes.items)
    if placed:
        table.add_column("where", style="dim", overflow="fold")
    for item in lanes.items:
        place = lanes.names.index(item.lane)
        text = Text(
            one_line(item.label, 120), _LANE_STYLES[place % len(_LANE_STYLES)] if item.kind == "gate" else ""
        )
        if item.kind in ("call", "answer"):
            text.stylize("bold")
        if item.text:
            text.append(f" {one_line(item.text, 160)}", "dim" if item.kind != "answer" else "")
        cells = [Text() for _ in lanes.names]
        cells[place] = Text.assemble(_SIGNS[item.kind][ascii_only], text)
        window = ("┃", "|")[ascii_only] if lanes.in_window(item) else ""
        table.add_row(Text(window, "red"), *cells, *([Text(item.where or "")] if placed else []))
    return table


#: kind -> (sign, sign where the terminal has only ASCII)
_SIGNS: Final = {
    "call": ("→ ", "> "),
    "gate": ("• ", "* "),
    "answer": ("← ", "< "),
    "queue": ("⇢ ", "q "),
    "body": ("▶ ", "= "),
    "log": ("✎ ", "# "),
    "fault": ("⚡ ", "! "),
}


class _Log:
    """The event log as columns: the mark of a wrong event, its type and what it is about are never cut."""

    def __init__(self, evidence: Evidence, ascii_only: bool) -> None:
        self._shown = folded(evidence.events)
        self._mark = "✗X"[ascii_only]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        names = [
            " ".join(filter(None, (one_line(one.event.run, _ABOUT), one.event.type)))
            + (f" x{one.count}" if one.count > 1 else "")
            for one in self._shown
        ]
        abouts = [one_line(one.event.correlation_id or "", _ABOUT) for one in self._shown]
        widths = [1, max(len("event"), *map(len, names)), max(map(len, abouts))]
        widths[2] = max(widths[2], len("about")) if widths[2] else 0
        left = max(options.max_width - sum(widths) - 2 * (len(widths) + 1), 12)
        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
        for head, width in zip(("", "event", "about", "data"), (*widths, left), strict=True):
            if width:
                table.add_column(head, header_style="dim", width=width, min_width=width, no_wrap=True)
        for one, name, about in zip(self._shown, names, abouts, strict=True):
            event = one.event
            style = "bold red" if event.offending else ""
            data = "" if event.data is None else one_line(_brief(event.data), left)
            cells = [self._mark if event.offending else "", name, *([about] if widths[2] else [])]
            table.add_row(*(Text(cell, style) for cell in cells), Text(data, "dim"))
        yield table


def _brief(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
