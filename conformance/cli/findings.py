"""``world-conformance findings``: a page for each defect of a record, with a script that shows it."""

from __future__ import annotations

import re
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from conformance.cli._versions import each, on_versions
from conformance.core.errors import ConformanceError
from conformance.core.output import write_whole
from conformance.core.redact import shown
from conformance.core.text import one_line
from conformance.record.file import Service, read
from conformance.record.lines import Verdict, WorldLine
from conformance.record.recorded import select_recorded
from conformance.record.replays import replayed_of
from conformance.report.defects import Defect, defects, merge, name
from conformance.report.findings import More, Shown, index, page
from conformance.report.matrix import build
from conformance.report.runtime_findings import page as page_of_runtime
from conformance.report.runtime_findings import runtime_defects
from conformance.report.runtime_matrix import read_matrix
from conformance.report.words import rule_help

#: So many failures of one defect are tried, until the script of one shows it.
_TRIES = 3
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
@click.option("--world", "worlds", multiple=True, help="Only this world; may be given again.")
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
    help="Run each script against this version of its package, too; last:N: the newest N of its line, and "
    "the newest of all. Where it shows nothing, its races are searched there. May be given again.",
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
    help="A TOML file with links to public reports: [[link]] world, operation, name, address.",
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
    packages: bool,
    scripts: bool,
    versions: tuple[str, ...],
    jobs: int,
    more: Path | None,
    rules_at: str,
    runtimes: Path | None,
) -> None:
    """Write the defects in RECORDS as pages: README.md, and one page for each.

    Failures are one defect when one version of a package loses a race with one operation at one line. A page
    has what happens, lane by lane, where in the package, what to change, how to see it again, and the text of
    an issue.
    """
    record = read(records)
    matrix = build(record)
    rows = [row for row in matrix.rows if not worlds or row.key.world in worlds]
    matrix.rows = [row for row in rows if not packages or row.key.implementation == "package"]
    found = defects(matrix)
    releases = runtime_defects(read_matrix(runtimes)) if runtimes is not None else []
    if not found and not releases:
        click.echo("no failure in it is red: there is nothing to write")
        return
    links = tomllib.loads(more.read_text(encoding="utf-8")).get("link", []) if more is not None else []
    old = _generated(folder)
    did: dict[str, Shown] = {}
    if scripts:
        with tempfile.TemporaryDirectory() as made:
            jobs_of = [(one, record.worlds, Path(made), records[0]) for one in found]
            exported = {}
            for defect, script in zip(found, each(_script, jobs_of, jobs), strict=True):
                exported[id(defect)] = script
                if script.seen is not None:
                    defect.seen_again(script.seen)
            found = merge(found)
            name(found)
            did = {defect.slug: _beside(defect, exported, folder) for defect in found}
    scripted = [one for one in found if one.slug in did and did[one.slug].file] if versions else []
    ran = on_versions([(one, folder / did[one.slug].file) for one in scripted], versions, jobs)
    for defect in found:
        known = More(
            versions=ran.get(defect.slug, ()),
            fix=_fix(defect),
            example=_example(defect, rules_at),
            links=(*_reports(defect), *_named(links, defect.first.row.key.world, defect.subject)),
        )
        text = page(defect, matrix.rules, did.get(defect.slug), known)
        write_whole(folder / f"{defect.slug}.md", text)
        click.echo(folder / f"{defect.slug}.md")
    for release in releases:
        text = page_of_runtime(release, _named(links, "core", release.cell.shape))
        write_whole(folder / f"{release.slug}.md", text)
        click.echo(folder / f"{release.slug}.md")
    write_whole(folder / "README.md", index(found, did, [release.row for release in releases]))
    click.echo(folder / "README.md")
    for gone in sorted(old - _generated(folder)):
        (folder / gone).unlink(missing_ok=True)
        click.echo(f"{folder / gone}: removed, these records do not have it")


def _generated(folder: Path) -> set[str]:
    """The pages and scripts of a folder that its index names."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    return set(re.findall(r"\]\(([\w.-]+\.(?:md|mjs))\)", text))


class _Script(NamedTuple):
    """What became of a script: its file and what its replay saw; without a file ``said`` is why."""

    said: str
    file: Path | None = None
    seen: Verdict | None = None


def _beside(defect: Defect, exported: dict[int, _Script], folder: Path) -> Shown:
    """Put the script of a defect beside its page: its own, or that of a failure which turned out to be it."""
    tried = [exported[id(one)] for one in (defect, *defect.merged)]
    script = next((one for one in tried if one.file is not None), tried[0])
    if script.file is None:
        click.echo(shown(f"{defect.slug}: no script: {script.said}"), err=True)
        return Shown("", f"There is no script: {one_line(script.said, 300).rstrip('.')}.")
    target = folder / f"{defect.slug}.mjs"
    write_whole(target, script.file.read_text(encoding="utf-8"))
    return Shown(target.name, script.said)


def _script(defect: Defect, worlds: list[WorldLine], folder: Path, source: Path) -> _Script:
    """Write a script and run it."""
    from conformance.repro.export import export  # noqa: PLC0415 (only when asked for)

    day = datetime.now(UTC).date().isoformat()
    why = "it has no schedule"
    tried = 0
    for place in defect.places:
        verdict = place.verdict
        if verdict.evidence is None or not verdict.evidence.schedule or tried == _TRIES:
            continue
        if verdict.level == "runtime":
            if tried:
                continue
            why = "it shows at level runtime only, and a script has no runtime"
            continue
        tried += 1
        file = folder / f"{defect.slug}.mjs"
        try:
            replayed = replayed_of(verdict, worlds, place.seed, source)
            [(target, _)] = select_recorded([replayed], str(source), (), url_given=False)
            exported = export(replayed, target, url=target.asked.service_url or None, check=file)
        except ConformanceError as error:
            why = error.what.partition("\n")[0]
            continue
        if exported.status == 1:
            result = (
                f"The script was run on {day} against {defect.about.replace(' ', '@')}: it failed as it says."
            )
            click.echo(f"{file.name}: run, and failed as it says")
            seen = next((one for one in exported.seen if one.check == verdict.check), None)
            return _Script(result, file, seen)
        [*_, last] = [line for line in exported.said.splitlines() if line.strip()] or [""]
        ended = "could not be made" if exported.status == 2 else "did not show the defect"
        why = f"its run on {day} {ended} (exit status {exported.status}: {one_line(last, 160)})"
    return _Script(why)


def _fix(defect: Defect) -> str:
    """How the rule is kept on the store of the package, in words."""
    from conformance.rulebook.book import STORES, words  # noqa: PLC0415 (reads files)

    if defect.rule not in words():
        return ""
    store = _store(defect.first.row.service)
    [recipe, *_] = words()[defect.rule].recipes
    on = recipe.stores[store][0] if store else ""
    said = f"{recipe.says} " + (f"On {STORES[store]}: {on}" if on else "")
    return said.strip()


def _example(defect: Defect, rules_at: str) -> str:
    """Where code is that keeps the rule, in Markdown."""
    from conformance.rulebook.book import words  # noqa: PLC0415 (reads files)

    if defect.rule not in words():
        return ""
    page_of_rule = f"[its page]({rules_at}{defect.rule}.md)" if rules_at else f"`{rule_help(defect.rule)}`"
    return f"The rule has code that does so: {page_of_rule}."


def _store(service: Service | None) -> str:
    """``sql``, ``redis``, …; files without a service."""
    return "files" if service is None else _STORES.get(service.kind, "")


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
