"""``world-conformance findings``: a page for each defect of a record, with a script that shows it."""

from __future__ import annotations

import re
import tomllib
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from conformance.cli._finding_scripts import with_scripts
from conformance.cli._kept import Kept
from conformance.cli._versions import Said, Source, on_versions
from conformance.core.output import write_whole
from conformance.record.file import read
from conformance.record.lines import Verdict
from conformance.report.defects import Defect, defects
from conformance.report.finding_index import Index
from conformance.report.findings import More, Shown, page
from conformance.report.matrix import build
from conformance.report.runtime_findings import page as page_of_runtime
from conformance.report.runtime_findings import runtime_defects
from conformance.report.runtime_matrix import read_matrix
from conformance.report.told import told_of
from conformance.report.words import rule_help

_IN = click.Path(path_type=Path, exists=True)
_KNOWN = Path(__file__).parents[1] / "known_defects.toml"
_REPORT = "https://github.com/{0}/issues/{1}"
#: The kind of a service -> how a fix is written for it.
_STORES = {"postgres": "sql", "mysql": "sql", "redis": "redis", "mongodb": "mongodb"}


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
@click.option(
    "--world",
    "worlds",
    multiple=True,
    help="Only this world; may be given again. Pages of others stay, and so do their lines in the index.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="PATTERN",
    help="Only failures of this variant, such as 'move-and-read-on*'; may be given again. Pages of other "
    "names stay as they are, and so do their lines in the index.",
)
@click.option("--packages", is_flag=True, help="Only packages: no reference, and no checkout.")
@click.option(
    "--scripts",
    is_flag=True,
    help="Also write a script beside each page that shows the defect with only the package, and run it.",
)
@click.option(
    "--versions",
    multiple=True,
    metavar="VERSION",
    help="Also judge the variant that shows each defect on this version of its package; last:N: the newest N "
    "of its line, and the newest of all. May be given again.",
)
@click.option(
    "--kept",
    "kept_at",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder that keeps what was run, script by script and version by version: after a stop the same "
    "command goes on from there. Remove it when the suite has changed.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="So many scripts are made and run at once.",
)
@click.option(
    "--more",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A TOML file with links to public reports ([[link]] world, operation, name, address) and with what "
    "somebody says who read the source ([[told]] world, version, subject, title, says, line, change).",
)
@click.option(
    "--runtimes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Also pages for releases of the runtime, by what `world-conformance runtime --json` wrote.",
)
@click.option("--rules-at", default="", metavar="URL", help="Where the pages of the rules are, to be linked.")
def command(
    records: tuple[Path, ...],
    folder: Path,
    worlds: tuple[str, ...],
    variants: tuple[str, ...],
    packages: bool,
    scripts: bool,
    versions: tuple[str, ...],
    kept_at: Path | None,
    jobs: int,
    more: Path | None,
    rules_at: str,
    runtimes: Path | None,
) -> None:
    """Write the defects in RECORDS as pages: README.md, and one page for each.

    Failures are one defect when one version of a package loses a race with one operation at one line. A page
    has what happens, lane by lane, where in the package, what to change, how to see it again, and the text of
    an issue. The pages of a package are written as soon as all of it is done.
    """
    record = read(records)
    matrix = build(record)
    rows = [row for row in matrix.rows if not worlds or row.key.world in worlds]
    matrix.rows = [row for row in rows if not packages or row.key.implementation == "package"]
    found = defects(matrix, variants or ("*",))
    releases = runtime_defects(read_matrix(runtimes)) if runtimes is not None else []
    if not found and not releases:
        click.echo("no failure in it is red: there is nothing to write")
        return
    beside = tomllib.loads(more.read_text(encoding="utf-8")) if more is not None else {}
    links = beside.get("link", [])
    before = _index_of(folder)
    old = _generated(before)
    kept = Kept(kept_at)
    source = Source(record.worlds, records[0])
    index = Index()
    did: dict[str, Shown] = {}
    ran: dict[str, Said] = {}
    for _, same in groupby(found, key=lambda one: one.first.package):
        some = [*same]
        if scripts:
            some, shown_of = with_scripts(some, source, folder, jobs, kept)
            did |= shown_of
        ran |= on_versions(some, source, versions, jobs, kept) if versions else {}
        for defect in some:
            key = defect.first.row.key
            known = More(
                versions=ran.get(defect.slug, ()),
                fix=_fix(defect),
                example=_example(defect, rules_at),
                links=(*_reports(defect), *_named(links, key.world, defect.subject)),
                told=told_of(beside.get("told", ()), key.world, key.version, defect.subject),
            )
            index.add(defect, did.get(defect.slug), known)
            _write(folder / f"{defect.slug}.md", page(defect, matrix.rules, did.get(defect.slug), known))
    for release in releases:
        index.rows[release.slug] = release.row
        _write(
            folder / f"{release.slug}.md",
            page_of_runtime(release, _named(links, "core", release.cell.shape)),
        )
    if worlds or variants:
        whole = [] if variants else [one.about for one in found]
        index = index.keep(Index.read(before), whole)
    _write(folder / "README.md", str(index))
    for gone in sorted(old - _generated(_index_of(folder))):
        (folder / gone).unlink(missing_ok=True)
        click.echo(f"{folder / gone}: removed, these records do not have it")


def _write(file: Path, text: str) -> None:
    write_whole(file, text)
    click.echo(file)


def _index_of(folder: Path) -> str:
    """The text of the index of a folder; empty if there is none."""
    readme = folder / "README.md"
    return readme.read_text(encoding="utf-8") if readme.is_file() else ""


def _generated(index: str) -> set[str]:
    """The pages and scripts that an index names."""
    return set(re.findall(r"\]\(([\w.-]+\.(?:md|mjs))\)", index))


def _fix(defect: Defect) -> str:
    """How the rule is kept on the store of the package, in words."""
    from conformance.rulebook.book import STORES, words  # noqa: PLC0415 (reads files)

    if defect.rule not in words():
        return ""
    store = _store(defect)
    [recipe, *_] = words()[defect.rule].recipes
    on = recipe.stores[store][0] if store else ""
    said = f"{recipe.says} " + (f"On {STORES[store]}: {on}" if on else "")
    return said.strip()


def _example(defect: Defect, rules_at: str) -> str:
    """Where code is that keeps the rule, in Markdown."""
    from conformance.rulebook.book import words  # noqa: PLC0415 (reads files)

    if defect.rule not in words():
        return ""
    [recipe, *_] = words()[defect.rule].recipes
    if not any(code for _, code in recipe.stores.values()):
        return ""
    page_of_rule = f"[its page]({rules_at}{defect.rule}.md)" if rules_at else f"`{rule_help(defect.rule)}`"
    return f"The rule has code that does so: {page_of_rule}."


def _store(defect: Defect) -> str:
    """``sql``, ``redis``, …; without a service files, if its operations on files were seen."""
    service = defect.first.row.service
    if service is not None:
        return _STORES.get(service.kind, "")
    lanes = defect.verdict.evidence.lanes if defect.verdict.evidence is not None else []
    return "files" if any(item.access in ("read", "write") for item in lanes) else ""


def _reports(defect: Defect) -> list[tuple[str, str]]:
    """Public reports of the same, by the list of known defects."""
    found = []
    for known in tomllib.loads(_KNOWN.read_text(encoding="utf-8"))["defect"]:
        seen = any(
            (known.get("scenario"), known.get("variant")) == (_scenario(place.verdict), place.verdict.variant)
            for place in defect.places
        )
        rules = set(known.get("rules", ())) & set(defect.rules)
        if seen and rules and known["world"] == defect.first.row.key.world and "fixed" not in known:
            repository, _, number = known["report"].partition("#")
            found.append((f"{known['report']}: {known['about']}", _REPORT.format(repository, number)))
    return found


def _scenario(verdict: Verdict) -> str:
    from conformance.core.scenarios import all_scenarios  # noqa: PLC0415 (imports all of them)

    return next((one.id for one in all_scenarios() if one.number == verdict.scenario), "")


def _named(links: list[dict[str, Any]], world: str, operation: str) -> list[tuple[str, str]]:
    """The links of a file that are about an operation of a world."""
    about = (world, operation)
    return [
        (str(one["name"]), str(one["address"])) for one in links if (one["world"], one["operation"]) == about
    ]
