"""``report merge``: records into one, rendered in the forms that are asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from conformance.cli._report_files import DIR, EXITS, IN, OUT, dump, in_folder, records_in, write_all
from conformance.core.text import one_line
from conformance.record.file import as_bytes, lines_of, read, refuse_locked
from conformance.record.runs import Record
from conformance.report import badges, upstream
from conformance.report.baseline import Gate, judge, load_baseline
from conformance.report.compare import compare
from conformance.report.ctrf import render_ctrf
from conformance.report.html import render_html
from conformance.report.json_matrix import render_json
from conformance.report.junit import render_junit
from conformance.report.markdown import render_comment, render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.previous import before_last
from conformance.report.sarif import render_sarif
from conformance.report.trend import trend
from conformance.report.words import spaced

#: how many regressions a gate lists
_LISTED = 30


@click.command(epilog=EXITS)
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--record", "record_out", type=OUT, help="All runs in one record.")
@click.option("--html", type=OUT, help="The matrix as one self-contained page.")
@click.option("--markdown", type=OUT, help="The matrix as Markdown, for a step summary.")
@click.option("--comment", type=OUT, help="What changed, as Markdown, for a pull-request comment.")
@click.option("--json", "json_out", type=OUT, help="The matrix as JSON.")
@click.option("--junit", type=OUT, help="JUnit XML.")
@click.option("--ctrf", type=OUT, help="CTRF JSON.")
@click.option("--sarif", type=OUT, help="SARIF, at the source lines of the world's package.")
@click.option(
    "--sarif-prefix",
    metavar="DIR",
    help="Where the package lies in the repository (default: node_modules/…).",
)
@click.option("--vitest", type=DIR, metavar="DIR", help="vitest's JSON, one file for each world.")
@click.option("--worlds-status", type=OUT, help="The worlds-status file of the SDK's documentation.")
@click.option(
    "--badges",
    "badges_out",
    type=DIR,
    metavar="DIR",
    help="Badges of all worlds, and a page to copy them from.",
)
@click.option("--badges-url", default="", metavar="URL", help="Where that folder will be published.")
@click.option("--baseline", type=IN, metavar="TOML", help="Declared known failures.")
@click.option("--previous", multiple=True, type=IN, metavar="RECORD", help="The run to show changes against.")
@click.option("--world", "worlds", multiple=True, help="Only rows of this world; may be given again.")
@click.option("--level", "levels", multiple=True, help="Only rows of this level; may be given again.")
@click.option("--title", default="World compatibility matrix", show_default=True)
@click.option(
    "--link", default="", metavar="URL", help="Where the whole report can be read, for the comment."
)
@click.option(
    "--gate",
    is_flag=True,
    help="List regressions, and exit with 1 for them; with 6 when it could not be judged.",
)
def merge(records: tuple[Path, ...], previous: tuple[Path, ...], **options: Any) -> None:
    """Merge RECORDS (files, or folders of them) and render what is asked for; - writes to stdout."""
    read_here = [*records_in(records), *(records_in(previous) if previous else [])]
    record = read(records_in(records))
    matrix = _only(build(record), options)
    gate = judge(matrix, load_baseline(options["baseline"]) if options["baseline"] else None)
    earlier = build(read(records_in(previous))) if previous else before_last(record)
    if earlier is not None:
        earlier = _only(earlier, options)
    outputs: list[tuple[Path, str | bytes]] = []
    if options["record_out"]:
        refuse_locked(options["record_out"])
        outputs.append((options["record_out"], b"".join(map(as_bytes, lines_of(record)))))
    outputs += [(path, render()) for path, render in _renderings(record, matrix, gate, earlier, options)]
    outputs += _folders(matrix, options)
    write_all(outputs, [*read_here, *([options["baseline"]] if options["baseline"] else [])])
    _say(matrix, gate)
    if options["gate"]:
        for line in _regressions(gate):
            click.echo(line, err=True)
        sys.exit(gate.exit)


def _only(matrix: Matrix, options: dict[str, Any]) -> Matrix:
    """The rows that are wanted: a page of fewer rows has room for more of each."""
    for field in ("world", "level"):
        if wanted := options[f"{field}s"]:
            matrix.rows = [row for row in matrix.rows if getattr(row.key, field) in wanted]
    return matrix


def _renderings(
    record: Record, matrix: Matrix, gate: Gate, earlier: Matrix | None, options: dict[str, Any]
) -> list[tuple[Path, Callable[[], str]]]:
    """What is to be rendered where; nothing that was not asked for is rendered."""
    title = options["title"]
    comparison = compare(earlier, matrix) if earlier is not None else None
    all_of_them: dict[str, Callable[[], str]] = {
        "html": lambda: render_html(matrix, previous=earlier, series=trend(record), title=title),
        "markdown": lambda: render_summary(matrix, gate=gate, comparison=comparison, title=title),
        "comment": lambda: render_comment(matrix, gate=gate, comparison=comparison, link=options["link"]),
        "json_out": lambda: dump(render_json(matrix)),
        "junit": lambda: render_junit(matrix),
        "ctrf": lambda: dump(render_ctrf(matrix)),
        "sarif": lambda: dump(render_sarif(matrix, options["sarif_prefix"])),
        "worlds_status": lambda: dump(upstream.render_status(matrix)),
    }
    return [(options[name], render) for name, render in all_of_them.items() if options[name]]


def _folders(matrix: Matrix, options: dict[str, Any]) -> list[tuple[Path, str | bytes]]:
    outputs: list[tuple[Path, str | bytes]] = []
    if options["vitest"]:
        files = {name: dump(data) for name, data in upstream.vitest_files(matrix).items()}
        outputs += in_folder(options["vitest"], files)
    if options["badges_out"]:
        outputs += in_folder(options["badges_out"], badges.badge_files(matrix, options["badges_url"]))
    return outputs


def _say(matrix: Matrix, gate: Gate) -> None:
    """One screen on stderr of what was merged, and what a person should do about the baseline."""
    runs, rows = len(matrix.headers), len(matrix.rows)
    click.echo(
        f"{runs} run{'s' * (runs != 1)}, {rows} row{'s' * (rows != 1)}: {len(gate.regressions)} failed, "
        f"{len(gate.known)} known to fail, {len(gate.unjudged)} could not be judged",
        err=True,
    )
    for problem in matrix.problems:
        click.echo(f"! {problem}", err=True)
    for entry in gate.expired:
        click.echo(f"! known failure past its day: {entry.title} (until {entry.until})", err=True)
    for entry in gate.fixed:
        click.echo(f"! known failure that passes now, take it out: {entry.title}", err=True)
    for entry in gate.unused:
        click.echo(f"! known failure that matches nothing: {entry.title}", err=True)


def _regressions(gate: Gate) -> Iterator[str]:
    """A line for each failure that no baseline declares, and for what could not be judged."""
    found = [("✗", place) for place in gate.regressions] + [("?", place) for place in gate.unjudged]
    for sign, (row, cell, mark) in found[:_LISTED]:
        worst = mark.worst
        words = f"{row.key.title} · {cell.title} · {mark.check}"
        reason = (
            f"{spaced(mark.defect)}, {worst.reason}"
            if worst and mark.defect
            else worst.reason
            if worst
            else ""
        )
        yield f"{sign} {one_line(words)}: {one_line(reason or 'planned, and not judged', 200)}"
    if len(found) > _LISTED:
        yield f"… and {len(found) - _LISTED} more: --markdown and --html have all"
