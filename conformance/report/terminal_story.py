"""One failure in a terminal: what broke, the lanes, the log, the errors, how to see it again."""

from __future__ import annotations

import json
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.core.text import bound, one_line
from conformance.record.lines import Evidence, Verdict
from conformance.record.readable_log import folded
from conformance.report.lanes import Lanes, around_window, lay_out
from conformance.report.words import (
    again,
    cause_of,
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
#: Lines of a timeline that are shown unless verbose.
_TIMELINE: Final = 14


def told_failure(
    verdict: Verdict, *, verbose: bool = False, ascii_only: bool = False, same_as: str = ""
) -> list[RenderableType]:
    """All there is to say of one failure, as things rich can print.

    ``same_as`` names the check under which the same schedule was shown already.
    """
    head = Text()
    head.append(verdict.defect or "fail", "bold red")
    if verdict.rules:
        head.append("  breaks ").append(", ".join(main_rules(verdict)), "bold")
    if verdict.also:
        head.append(f", in generated cases also {', '.join(verdict.also)}")
    if verdict.variant:
        head.append(f"  variant {verdict.variant}", "dim")
    parts: list[RenderableType] = [head, Text(one_line(verdict.reason, 600))]
    parts += [
        Text(f"how to fix it: {help_}", "dim") for help_ in filter(None, map(rule_help, main_rules(verdict)))
    ]
    parts += [Text(one_line(cause, 300))] if (cause := cause_of(verdict)) else []
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
    command, exact = again(verdict)
    if command:
        words = "\nsee it again  " if exact else "\nlook for it again (there is no schedule to replay)  "
        line = Text(words, "dim", no_wrap=True, overflow="ignore")
        parts.append(line.append(command, "bold not dim"))
    return parts


def brief_failure(title: str, verdict: Verdict) -> list[RenderableType]:
    """A failure in a line, and how to see it again."""
    line = Text.assemble((verdict.defect or "fail", "bold red"), f"  {title}: {one_line(verdict.reason)}")
    parts: list[RenderableType] = [line]
    command, _ = again(verdict)
    if command:
        parts.append(Text("    ", no_wrap=True, overflow="ignore").append(command, "dim"))
    return parts


def same_evidence(verdict: Verdict) -> str:
    """What distinguishes the schedules of two failures."""
    evidence = verdict.evidence or Evidence()
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


def _evidence(evidence: Evidence, reason: str, *, verbose: bool, ascii_only: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if evidence.case:
        case = ", ".join(f"{key}={one_line(_brief(value), 60)}" for key, value in evidence.case.items())
        parts.append(Text(f"case {bound(case, 300)}", "dim"))
    if evidence.lanes:
        whole = lay_out(evidence, reason)
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
        parts.append(Padding(_log(evidence, ascii_only), (1, 0, 0, 0)))
    for error in evidence.errors[: None if verbose else 5]:
        status = f" {error.status}" if error.status is not None else ""
        parts.append(
            Text(f"{error.lane}  {error.op}: {error.name}{status}: {one_line(error.message)}", "red")
        )
    shown = evidence.logs if verbose else [line for line in evidence.logs if line.level == "error"][:5]
    for line in shown:
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


def _log(evidence: Evidence, ascii_only: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    shown = folded(evidence.events)
    names = [one.event.type + (f" x{one.count}" if one.count > 1 else "") for one in shown]
    about = any(one.event.correlation_id for one in shown)
    table.add_column("", width=1)
    table.add_column("event", header_style="dim", min_width=min(30, max(map(len, names))))
    if about:
        table.add_column("about", header_style="dim", overflow="fold")
    table.add_column("data", header_style="dim", no_wrap=True, overflow="ellipsis")
    for one, name in zip(shown, names, strict=True):
        event = one.event
        style = "bold red" if event.offending else ""
        cells = [Text("✗X"[ascii_only] if event.offending else "", style), Text(name, style)]
        if about:
            cells.append(Text(event.correlation_id or "", style))
        data = "" if event.data is None else one_line(_brief(event.data), 200)
        table.add_row(*cells, Text(data, "dim"))
    return table


def _brief(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
