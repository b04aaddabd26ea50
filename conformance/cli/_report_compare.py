"""``report diff``, ``same``, ``trend``, ``depth``, ``runtimes``: records beside each other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from conformance.cli._report_files import EXITS, IN, OUT, dump, records_in, write_all
from conformance.core.text import one_line
from conformance.record.file import read
from conformance.report.compare import KINDS, MEANING, Comparison, compare
from conformance.report.depth import depth_markdown, depth_rows
from conformance.report.judgements import ASPECTS
from conformance.report.markdown import render_comment
from conformance.report.matrix import build
from conformance.report.runtimes import compare_runtimes
from conformance.report.runtimes_view import print_runtimes, runtimes_data
from conformance.report.same import Sameness, same
from conformance.report.trend import trend
from conformance.report.trend_view import trend_data, trend_table


@click.command(epilog=EXITS)
@click.argument("old", type=IN)
@click.argument("new", type=IN)
@click.option("--markdown", type=OUT, help="The same as Markdown.")
@click.option("--json", "json_out", type=OUT, help="The same as JSON.")
def diff(old: Path, new: Path, markdown: Path | None, json_out: Path | None) -> None:
    """What changed from OLD to NEW: broken, unjudged, fixed, changed, new, gone."""
    matrix = build(read(records_in([new])))
    comparison = compare(build(read(records_in([old]))), matrix)
    outputs: list[tuple[Path, str | bytes]] = []
    if markdown:
        outputs.append((markdown, render_comment(matrix, comparison=comparison)))
    if json_out:
        outputs.append((json_out, dump(_changes(comparison))))
    write_all(outputs, records_in([old, new]))
    if not (markdown or json_out):
        for kind in KINDS:
            found = comparison.of(kind)
            if found:
                click.echo(f"{len(found)} {kind} ({MEANING[kind]})")
            for change in found:
                reason = f": {one_line(change.reason)}" if change.reason and kind != "fixed" else ""
                click.echo(f"  {change.title}, {change.states}{reason}")
        if not comparison.changes:
            click.echo("nothing changed")
    sys.exit(comparison.exit)


@click.command(name="trend")
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--json", "json_out", type=OUT, help="The same as JSON.")
def trend_command(records: tuple[Path, ...], json_out: Path | None) -> None:
    """How each world fared over the runs and versions in RECORDS."""
    series = trend(read(records_in(records)))
    if json_out:
        write_all([(json_out, dump(trend_data(series)))], records_in(records))
    else:
        Console(markup=False, highlight=False).print(trend_table(series))


@click.command(name="depth")
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--markdown", type=OUT, default="-", help="Where the table goes (default: printed).")
def depth_command(records: tuple[Path, ...], markdown: Path) -> None:
    """How deep each world was searched: conflicts both ways, orders, shallow variants, and how soon failures
    were found."""
    rows = depth_rows(build(read(records_in(records))))
    if not rows:
        raise click.ClickException("no verdict in these records says how deep it was searched")
    write_all([(markdown, depth_markdown(rows))], records_in(records))


@click.command(name="runtimes")
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--before", default="", metavar="VERSION", help="The release to compare with.")
@click.option("--after", default="", metavar="VERSION", help="The release that is compared.")
@click.option("--json", "json_out", type=OUT, help="The same as JSON.")
def runtimes_command(records: tuple[Path, ...], before: str, after: str, json_out: Path | None) -> None:
    """What changed from one release of the runtime to another, in verdicts and in what is logged."""
    found = compare_runtimes(read(records_in(records)), before, after)
    if json_out:
        write_all([(json_out, dump(runtimes_data(found)))], records_in(records))
    else:
        print_runtimes(found, Console(markup=False, highlight=False))


@click.command(name="same")
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--verdicts-only", is_flag=True, help="Rules and notes may differ.")
@click.option("--json", "json_out", type=OUT, help="The same as JSON.")
def same_command(records: tuple[Path, ...], verdicts_only: bool, json_out: Path | None) -> None:
    """Whether RECORDS (two or more) came to the same verdicts, defects, rules and notes.

    Exit status 0: they did; 1: they did not. Each argument is one run: runs with other seeds, for example.
    """
    if len(records) < 2:
        raise click.UsageError("give two records or more: each is compared with the others")
    found = same([read(records_in([path])) for path in records])
    if json_out:
        write_all([(json_out, dump(_differences(found)))], records_in(records))
    else:
        for difference in found.differences:
            click.echo(f"{difference.kind}: {difference.title}")
            for path, said in zip(records, difference.said, strict=True):
                click.echo(f"  {path}: {said}")
        counts = ", ".join(f"{len(found.of(kind))} differ in {kind}" for kind in ASPECTS if found.of(kind))
        click.echo(f"{found.checks} checks in {len(records)} records: {counts or 'all the same'}")
    sys.exit(found.exit(("verdict", "defect") if verdicts_only else ASPECTS))


def _changes(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "kind": change.kind,
            "world": change.row.world,
            "implementation": change.row.implementation,
            "version": change.row.version,
            "version_before": change.version_before,
            "level": change.row.level,
            "runtime": change.row.runtime,
            "scenario": change.cell.scenario,
            "probe": change.cell.probe,
            "check": change.check,
            "before": change.before.state if change.before else None,
            "after": change.after.state if change.after else None,
            "reason": change.reason,
        }
        for change in comparison.changes
    ]


def _differences(found: Sameness) -> dict[str, Any]:
    return {
        "checks": found.checks,
        "differences": [
            {
                "kind": one.kind,
                "world": one.row.world,
                "implementation": one.row.implementation,
                "version": one.row.version,
                "level": one.row.level,
                "runtime": one.row.runtime,
                "scenario": one.subject if isinstance(one.subject, int) else 0,
                "probe": one.subject if isinstance(one.subject, str) else "",
                "variant": one.variant,
                "check": one.check,
                "seen": one.said,
            }
            for one in found.differences
        ],
    }
