"""``world-conformance findings``: a page for each defect of a record, with a script that shows it."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.core.errors import ConformanceError
from conformance.core.output import write_whole
from conformance.core.redact import shown
from conformance.record.file import read
from conformance.record.lines import WorldLine
from conformance.record.recorded import select_recorded
from conformance.record.replays import replayed_of
from conformance.report.findings import Defect, defects, index, page
from conformance.report.matrix import build

_IN = click.Path(path_type=Path, exists=True)


@click.command(name="findings")
@click.argument("records", nargs=-1, required=True, type=_IN)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("findings"),
    show_default=True,
    help="The folder of the pages.",
)
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
@click.option(
    "--scripts",
    is_flag=True,
    help="Also write a script beside each page that shows the defect with only the package, and run it.",
)
def command(records: tuple[Path, ...], folder: Path, worlds: tuple[str, ...], scripts: bool) -> None:
    """Write the defects in RECORDS as pages: README.md, and one page for each.

    Failures are one defect when one version of a package breaks one rule in one way. A page has what happens,
    lane by lane, where in the package, how to fix it, and how to see it again; it can be filed as an issue as
    it is.
    """
    record = read(records)
    matrix = build(record)
    if worlds:
        matrix.rows = [row for row in matrix.rows if row.key.world in worlds]
    found = defects(matrix)
    if not found:
        click.echo("no failure in it is red: there is nothing to write")
        return
    made: dict[str, str] = {}
    for defect in found:
        if scripts and (name := _script(defect, record.worlds, folder, records[0])):
            made[defect.slug] = name
        text = page(defect, matrix.rules, script=made.get(defect.slug, ""))
        write_whole(folder / f"{defect.slug}.md", text)
        click.echo(folder / f"{defect.slug}.md")
    write_whole(folder / "README.md", index(found, matrix.rules, made))
    click.echo(folder / "README.md")


def _script(defect: Defect, worlds: list[WorldLine], folder: Path, source: Path) -> str:
    """The name of a script that was written, run, and showed the defect; empty, and why is said, when there
    is none."""
    from conformance.repro.export import export  # noqa: PLC0415 (only when asked for)

    why = "it has no schedule"
    for place in defect.places:
        verdict = place.verdict
        if verdict.evidence is None or not verdict.evidence.schedule:
            continue
        file = folder / f"{defect.slug}.mjs"
        try:
            replayed = replayed_of(verdict, worlds, place.seed, source)
            [(target, _)] = select_recorded([replayed], str(source), (), url_given=False)
            exported = export(replayed, target, url=target.asked.service_url or None, check=file)
        except ConformanceError as error:
            why = error.what
            break
        if exported.status == 1:
            return file.name
        why = f"the script did not show it (exit status {exported.status})"
        file.unlink(missing_ok=True)
        break
    click.echo(shown(f"{defect.slug}: no script: {why}"), err=True)
    return ""
