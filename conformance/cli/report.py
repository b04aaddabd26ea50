"""``report``: merge records, look at them, compare them, follow them over time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from conformance.core.output import check_apart, distinct, file_name, folder_paths, write_whole
from conformance.core.text import one_line
from conformance.record.file import as_bytes, lines_of, read, refuse_locked
from conformance.record.runs import Record
from conformance.record.schema import schema
from conformance.report import badges, upstream
from conformance.report.baseline import Gate, judge, load_baseline
from conformance.report.compare import KINDS, MEANING, Comparison, compare
from conformance.report.ctrf import render_ctrf
from conformance.report.depth import depth_markdown, depth_rows
from conformance.report.html import render_html
from conformance.report.issue import issues
from conformance.report.json_matrix import render_json
from conformance.report.judgements import ASPECTS
from conformance.report.junit import render_junit
from conformance.report.markdown import render_comment, render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.previous import before_last
from conformance.report.publish import published, with_table
from conformance.report.racemap import pair_view, world_maps
from conformance.report.racemap_html import render_map
from conformance.report.racemap_text import maps_markdown, pair_markdown, print_maps, print_pair
from conformance.report.runtime_matrix import read_matrix
from conformance.report.runtimes import compare_runtimes
from conformance.report.runtimes_view import print_runtimes, runtimes_data
from conformance.report.same import Sameness, same
from conformance.report.sarif import render_sarif
from conformance.report.terminal import print_matrix
from conformance.report.trend import trend
from conformance.report.trend_view import trend_data, trend_table
from conformance.report.words import spaced

_EXITS = """\b
Exit status of a gate:
  0  clean
  1  regressions: a failure that no baseline declares, or something broke
  6  could not judge: inconclusive or not reached, and nothing worse
  4  a mistake, such as a file that cannot be read or written
"""
#: how many regressions a gate lists
_LISTED = 30
_IN = click.Path(path_type=Path)
_OUT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_PAGE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DIR = click.Path(path_type=Path, file_okay=False)


@click.group(name="report")
def group() -> None:
    """Merge records into reports, compare them, follow them over time."""


@group.command(epilog=_EXITS)
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--record", "record_out", type=_OUT, help="All runs in one record.")
@click.option("--html", type=_OUT, help="The matrix as one self-contained page.")
@click.option("--markdown", type=_OUT, help="The matrix as Markdown, for a step summary.")
@click.option("--comment", type=_OUT, help="What changed, as Markdown, for a pull-request comment.")
@click.option("--json", "json_out", type=_OUT, help="The matrix as JSON.")
@click.option("--junit", type=_OUT, help="JUnit XML.")
@click.option("--ctrf", type=_OUT, help="CTRF JSON.")
@click.option("--sarif", type=_OUT, help="SARIF, at the source lines of the world's package.")
@click.option(
    "--sarif-prefix",
    metavar="DIR",
    help="Where the package lies in the repository (default: node_modules/…).",
)
@click.option("--vitest", type=_DIR, metavar="DIR", help="vitest's JSON, one file for each world.")
@click.option("--worlds-status", type=_OUT, help="The worlds-status file of the SDK's documentation.")
@click.option(
    "--badges",
    "badges_out",
    type=_DIR,
    metavar="DIR",
    help="Badges of all worlds, and a page to copy them from.",
)
@click.option("--badges-url", default="", metavar="URL", help="Where that folder will be published.")
@click.option("--baseline", type=_IN, metavar="TOML", help="Declared known failures.")
@click.option(
    "--previous", multiple=True, type=_IN, metavar="RECORD", help="The run to show changes against."
)
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
    read_here = [*_files(records), *(_files(previous) if previous else [])]
    record = read(_files(records))
    matrix = _only(build(record), options)
    gate = judge(matrix, load_baseline(options["baseline"]) if options["baseline"] else None)
    earlier = build(read(_files(previous))) if previous else before_last(record)
    if earlier is not None:
        earlier = _only(earlier, options)
    outputs: list[tuple[Path, str | bytes]] = []
    if options["record_out"]:
        refuse_locked(options["record_out"])
        outputs.append((options["record_out"], b"".join(map(as_bytes, lines_of(record)))))
    outputs += [(path, render()) for path, render in _renderings(record, matrix, gate, earlier, options)]
    outputs += _folders(matrix, options)
    _write_all(outputs, [*read_here, *([options["baseline"]] if options["baseline"] else [])])
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


@group.command("publish")
@click.argument("folder", type=_DIR)
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option(
    "--runtimes",
    type=_IN,
    help="A runtime matrix, as world-conformance runtime --json writes it: a page too.",
)
@click.option(
    "--readme",
    type=_PAGE,
    metavar="FILE",
    help="A page that shows the table, between two comments: made anew.",
)
def publish_(folder: Path, records: tuple[Path, ...], runtimes: Path | None, readme: Path | None) -> None:
    """Write the matrix of RECORDS into FOLDER: README.md, and a page for each level and runtime."""
    releases = read_matrix(runtimes) if runtimes is not None else None
    matrix = build(read(_files(records)))
    outputs = _in_folder(folder, published(matrix, releases))
    if readme is not None:
        outputs.append((readme, with_table(readme.read_text(encoding="utf-8"), matrix)))
    _write_all(outputs, [*_files(records), *([runtimes] if runtimes is not None else [])])
    for path, _ in outputs:
        click.echo(path)


@group.command()
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("-v", "--verbose", is_flag=True, help="Every failure in full, notes and log lines too.")
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option("--baseline", type=_IN, metavar="TOML", help="Declared known failures.")
def show(records: tuple[Path, ...], verbose: bool, worlds: tuple[str, ...], baseline: Path | None) -> None:
    """Print the matrix of RECORDS and its failures."""
    matrix = build(read(_files(records)))
    if worlds:
        matrix.rows = [row for row in matrix.rows if row.key.world in worlds]
    judge(matrix, load_baseline(baseline) if baseline else None)
    print_matrix(matrix, Console(markup=False), verbose)


@group.command()
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option("--level", help="Only this level.")
@click.option("--scenario", type=click.IntRange(1), help="Only this scenario.")
@click.option("--probe", help="Only this probe of a queue, or workflow over it.")
@click.option("--into", type=_DIR, metavar="DIR", help="One file an issue, instead of stdout.")
def issue(
    records: tuple[Path, ...],
    worlds: tuple[str, ...],
    level: str | None,
    scenario: int | None,
    probe: str | None,
    into: Path | None,
) -> None:
    """The text of an issue for each failing cell of RECORDS, ready to be filed with the World."""
    matrix = build(read(_files(records)))
    matrix.rows = [
        row
        for row in matrix.rows
        if (not worlds or row.key.world in worlds) and level in (None, row.key.level)
    ]
    for row in matrix.rows:
        wanted = [one for one in (scenario, probe) if one is not None]
        row.cells = {subject: cell for subject, cell in row.cells.items() if not wanted or subject in wanted}
    found = issues(matrix)
    texts = [f"# {title}\n\n{body}" for title, body in found]
    if into is not None:
        names = distinct(file_name(title, "issue") for title, _ in found)
        files = {f"{name}.md": text for name, text in zip(names, texts, strict=True)}
        _write_all(_in_folder(into, files), _files(records))
    else:
        for text in texts:
            click.echo(text)


@group.command(epilog=_EXITS)
@click.argument("old", type=_IN)
@click.argument("new", type=_IN)
@click.option("--markdown", type=_OUT, help="The same as Markdown.")
@click.option("--json", "json_out", type=_OUT, help="The same as JSON.")
def diff(old: Path, new: Path, markdown: Path | None, json_out: Path | None) -> None:
    """What changed from OLD to NEW: broken, unjudged, fixed, changed, new, gone."""
    matrix = build(read(_files([new])))
    comparison = compare(build(read(_files([old]))), matrix)
    outputs: list[tuple[Path, str | bytes]] = []
    if markdown:
        outputs.append((markdown, render_comment(matrix, comparison=comparison)))
    if json_out:
        outputs.append((json_out, _dump(_changes(comparison))))
    _write_all(outputs, _files([old, new]))
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


@group.command(name="trend")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--json", "json_out", type=_OUT, help="The same as JSON.")
def trend_command(records: tuple[Path, ...], json_out: Path | None) -> None:
    """How each world fared over the runs and versions in RECORDS."""
    series = trend(read(_files(records)))
    if json_out:
        _write_all([(json_out, _dump(trend_data(series)))], _files(records))
    else:
        Console(markup=False, highlight=False).print(trend_table(series))


@group.command(name="depth")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--markdown", type=_OUT, default="-", help="Where the table goes (default: printed).")
def depth_command(records: tuple[Path, ...], markdown: Path) -> None:
    """How deep each world was searched: conflicts both ways, orders, shallow variants, and how soon failures
    were found."""
    rows = depth_rows(build(read(_files(records))))
    if not rows:
        raise click.ClickException("no verdict in these records says how deep it was searched")
    _write_all([(markdown, depth_markdown(rows))], _files(records))


@group.command(name="runtimes")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--before", default="", metavar="VERSION", help="The release to compare with.")
@click.option("--after", default="", metavar="VERSION", help="The release that is compared.")
@click.option("--json", "json_out", type=_OUT, help="The same as JSON.")
def runtimes_command(records: tuple[Path, ...], before: str, after: str, json_out: Path | None) -> None:
    """What changed from one release of the runtime to another, in verdicts and in what is logged."""
    found = compare_runtimes(read(_files(records)), before, after)
    if json_out:
        _write_all([(json_out, _dump(runtimes_data(found)))], _files(records))
    else:
        print_runtimes(found, Console(markup=False, highlight=False))


@group.command(name="same")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--verdicts-only", is_flag=True, help="Rules and notes may differ.")
@click.option("--json", "json_out", type=_OUT, help="The same as JSON.")
def same_command(records: tuple[Path, ...], verdicts_only: bool, json_out: Path | None) -> None:
    """Whether RECORDS (two or more) came to the same verdicts, defects, rules and notes.

    Exit status 0: they did; 1: they did not. Each argument is one run: runs with other seeds, for example.
    """
    if len(records) < 2:
        raise click.UsageError("give two records or more: each is compared with the others")
    found = same([read(_files([path])) for path in records])
    if json_out:
        _write_all([(json_out, _dump(_differences(found)))], _files(records))
    else:
        for difference in found.differences:
            click.echo(f"{difference.kind}: {difference.title}")
            for path, said in zip(records, difference.said, strict=True):
                click.echo(f"  {path}: {said}")
        counts = ", ".join(f"{len(found.of(kind))} differ in {kind}" for kind in ASPECTS if found.of(kind))
        click.echo(f"{found.checks} checks in {len(records)} records: {counts or 'all the same'}")
    sys.exit(found.exit(("verdict", "defect") if verdicts_only else ASPECTS))


@group.command(name="map")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option("--html", type=_OUT, help="The maps as one self-contained page: a cell opens its races.")
@click.option("--markdown", type=_OUT, help="The maps as Markdown.")
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option("--pair", metavar="ONE~OTHER", help="This pair on all worlds, state by state.")
@click.option("--title", default="Race map", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="Every unsafe state, not one of each pair.")
def map_command(
    records: tuple[Path, ...],
    html: Path | None,
    markdown: Path | None,
    worlds: tuple[str, ...],
    pair: str | None,
    title: str,
    verbose: bool,
) -> None:
    """The race map of each world in RECORDS: operations by operations; versions of one world compared."""
    matrix = build(read(_files(records)))
    if worlds:
        matrix.rows = [row for row in matrix.rows if row.key.world in worlds]
    maps = world_maps(matrix)
    console = Console(markup=False, highlight=False)
    outputs: list[tuple[Path, str | bytes]] = []
    view = pair_view(maps, pair) if pair is not None else None
    if pair is not None and view is None:
        raise click.ClickException(f"no map in these records has the pair {pair!r}; give ONE~OTHER")
    outputs += [(html, render_map(matrix, title, view))] if html else []
    if markdown:
        outputs.append((markdown, maps_markdown(maps, title) if view is None else pair_markdown(view, title)))
    _write_all(outputs, _files(records))
    if pair is not None:
        print_pair(maps, pair, console)
    if not outputs and pair is None:
        print_maps(maps, console, verbose)


@group.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of a line of a record."""
    click.echo(_dump(schema()), nl=False)


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
        "json_out": lambda: _dump(render_json(matrix)),
        "junit": lambda: render_junit(matrix),
        "ctrf": lambda: _dump(render_ctrf(matrix)),
        "sarif": lambda: _dump(render_sarif(matrix, options["sarif_prefix"])),
        "worlds_status": lambda: _dump(upstream.render_status(matrix)),
    }
    return [(options[name], render) for name, render in all_of_them.items() if options[name]]


def _folders(matrix: Matrix, options: dict[str, Any]) -> list[tuple[Path, str | bytes]]:
    outputs: list[tuple[Path, str | bytes]] = []
    if options["vitest"]:
        files = {name: _dump(data) for name, data in upstream.vitest_files(matrix).items()}
        outputs += _in_folder(options["vitest"], files)
    if options["badges_out"]:
        outputs += _in_folder(options["badges_out"], badges.badge_files(matrix, options["badges_url"]))
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


def _files(paths: Iterable[Path]) -> list[Path]:
    """The records given, and all those in the folders given."""
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.rglob("*.jsonl"), *path.rglob("*.jsonl.gz")]) if path.is_dir() else [path]
    if not found:
        raise click.UsageError("no record (*.jsonl, *.jsonl.gz) in that folder")
    return found


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


def _dump(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _in_folder(folder: Path, files: Mapping[str, str]) -> list[tuple[Path, str | bytes]]:
    """Where the files of a folder will lie, and what is in them."""
    return list(zip(folder_paths(folder, files), files.values(), strict=True))


def _write_all(outputs: Sequence[tuple[Path, str | bytes]], inputs: Iterable[Path]) -> None:
    """Write all that was rendered; nothing when one of it would be written over an input, or over another."""
    check_apart([path for path, _ in outputs], inputs)
    for path, content in outputs:
        write_whole(path, content)
