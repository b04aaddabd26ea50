"""``report show``, ``publish``, ``issue``, ``map``, ``schema``: records for people to read."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from conformance.cli._report_files import DIR, IN, OUT, PAGE, dump, in_folder, records_in, write_all
from conformance.core.output import distinct, file_name
from conformance.record.file import read
from conformance.record.schema import schema
from conformance.report.baseline import judge, load_baseline
from conformance.report.issue import issues
from conformance.report.matrix import build
from conformance.report.publish import published, with_table
from conformance.report.racemap import pair_view, world_maps
from conformance.report.racemap_html import render_map
from conformance.report.racemap_text import maps_markdown, pair_markdown, print_maps, print_pair
from conformance.report.runtime_matrix import read_matrix
from conformance.report.terminal import print_matrix


@click.command("publish")
@click.argument("folder", type=DIR)
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option(
    "--runtimes",
    type=IN,
    help="A runtime matrix, as world-conformance runtime --json writes it: a page too.",
)
@click.option(
    "--readme",
    type=PAGE,
    metavar="FILE",
    help="A page that shows the table, between two comments: made anew.",
)
def publish_(folder: Path, records: tuple[Path, ...], runtimes: Path | None, readme: Path | None) -> None:
    """Write the matrix of RECORDS into FOLDER: README.md, and a page for each level and runtime."""
    releases = read_matrix(runtimes) if runtimes is not None else None
    matrix = build(read(records_in(records)))
    outputs = in_folder(folder, published(matrix, releases))
    if readme is not None:
        outputs.append((readme, with_table(readme.read_text(encoding="utf-8"), matrix)))
    write_all(outputs, [*records_in(records), *([runtimes] if runtimes is not None else [])])
    for path, _ in outputs:
        click.echo(path)


@click.command()
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("-v", "--verbose", is_flag=True, help="Every failure in full, notes and log lines too.")
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option("--baseline", type=IN, metavar="TOML", help="Declared known failures.")
def show(records: tuple[Path, ...], verbose: bool, worlds: tuple[str, ...], baseline: Path | None) -> None:
    """Print the matrix of RECORDS and its failures."""
    matrix = build(read(records_in(records)))
    if worlds:
        matrix.rows = [row for row in matrix.rows if row.key.world in worlds]
    judge(matrix, load_baseline(baseline) if baseline else None)
    print_matrix(matrix, Console(markup=False), verbose)


@click.command()
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option("--level", help="Only this level.")
@click.option("--scenario", type=click.IntRange(1), help="Only this scenario.")
@click.option("--probe", help="Only this probe of a queue, or workflow over it.")
@click.option("--into", type=DIR, metavar="DIR", help="One file an issue, instead of stdout.")
def issue(
    records: tuple[Path, ...],
    worlds: tuple[str, ...],
    level: str | None,
    scenario: int | None,
    probe: str | None,
    into: Path | None,
) -> None:
    """The text of an issue for each failing cell of RECORDS, ready to be filed with the World."""
    matrix = build(read(records_in(records)))
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
        write_all(in_folder(into, files), records_in(records))
    else:
        for text in texts:
            click.echo(text)


@click.command(name="map")
@click.argument("records", nargs=-1, required=True, type=IN)
@click.option("--html", type=OUT, help="The maps as one self-contained page: a cell opens its races.")
@click.option("--markdown", type=OUT, help="The maps as Markdown.")
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
    matrix = build(read(records_in(records)))
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
    write_all(outputs, records_in(records))
    if pair is not None:
        print_pair(maps, pair, console)
    if not outputs and pair is None:
        print_maps(maps, console, verbose)


@click.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of a line of a record."""
    click.echo(dump(schema()), nl=False)
