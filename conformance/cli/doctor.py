"""``world-conformance doctor``: what this machine would use for a world, what is missing, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.cli._config import Configured
from conformance.core.errors import ConformanceError
from conformance.core.exits import NOT_READY, OK, USAGE
from conformance.core.redact import shown
from conformance.provision.catalog.check_code import DoctorLine
from conformance.provision.catalog.check_runtime import check_runtime
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.diagnose import is_ready, of_machine, of_target
from conformance.provision.catalog.find import names
from conformance.provision.catalog.plan import LaunchPlan, plan_for
from conformance.provision.catalog.runtimes import RuntimeWanted, which
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import Target
from conformance.provision.services.start import Force

#: A key of the file of options -> the parameter that it is.
_KEYS = {
    "world": "named",
    "path": "world_path",
    "package": "world_package",
    "class": "world_class",
    "manifest": "world_manifest",
    "option": "options",
    "env": "env",
    "setup": "world_setup",
    "service-url": "world_service_url",
    "service": "world_service",
    "runtime": "runtimes",
}
_MARKS = {"ok": "[green]✓[/]", "later": "[green]○[/]", "missing": "[red]✗[/]", "note": "[yellow]·[/]"}
_LEGEND = "✓ there  ○ had on first use  · not there, perhaps not needed  ✗ in the way"


@click.command(name="doctor", cls=Configured, keys=_KEYS)
@click.argument("worlds", nargs=-1, metavar="[WORLD]...")
@click.option("--world", "named", multiple=True, metavar="WORLD,…", help="The same as WORLD.")
@click.option("--world-path", type=click.Path(path_type=Path), help="A checkout of a world's package.")
@click.option("--world-package", metavar="NAME[@VERSION]", help="Any npm package that makes a world.")
@click.option("--world-class", metavar="MODULE:CLASS", help="A World written in Python.")
@click.option("--world-manifest", type=click.Path(path_type=Path), help="An upstream worlds-manifest.json.")
@click.option("--world-option", "options", multiple=True, metavar="KEY=VALUE", help="For the factory.")
@click.option("--world-env", "env", multiple=True, metavar="NAME=VALUE", help="A variable of its hosts.")
@click.option("--world-setup", metavar="WORDS", help="The command that sets up a fresh store.")
@click.option("--world-service-url", metavar="URL", help="A server of your own.")
@click.option("--world-service", type=click.Choice(["docker", "embedded", "url"]), help="Only this way.")
@click.option(
    "--world-runtime", "runtimes", multiple=True, metavar="VERSION", help="The runtime of level runtime."
)
@click.option("--try", "really", is_flag=True, help="Do it: install, start the service, make the world.")
@click.option("--clean", is_flag=True, help="Remove what killed runs of this machine left on that server.")
@click.option("--clean-all", is_flag=True, help="The same, and what runs of other machines left there.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    worlds: tuple[str, ...],
    named: tuple[str, ...],
    world_path: Path | None,
    world_package: str | None,
    world_class: str | None,
    world_manifest: Path | None,
    options: tuple[str, ...],
    env: tuple[str, ...],
    world_setup: str | None,
    world_service_url: str | None,
    world_service: Force | None,
    runtimes: tuple[str, ...],
    really: bool,
    clean: bool,
    clean_all: bool,
) -> None:
    """What would be used for each WORLD (or all), what is missing, what to do.

    Without a WORLD it is the one that world-conformance.toml names, or [tool.world-conformance] in
    pyproject.toml; what else the file says is used, too.
    A WORLD is written as in `pytest --world=…`: redis, redis@0.2.2, redis:reference, ./my-world. Nothing is
    installed or started, unless you say --try. The launch plan of a WORLD whose code is installed is
    shown: all that decides how it is opened, without secrets. Exit status 0: ready; 7: something is in the
    way; 4: there is no such world.
    """
    if clean or clean_all:
        from conformance.cli._clean import clean as remove_left  # noqa: PLC0415 (only when asked for)

        remove_left(world_service_url, everything=clean_all)
        return
    for word in runtimes:
        which(word)
    console = Console(highlight=False)
    worlds += tuple(word for words in named for word in words.split(",") if word)
    source = world_path or world_package or world_class
    worlds = worlds or (("all",) if world_manifest else ())
    overview, mistaken = not (worlds or source), False
    diagnosed: dict[str, list[DoctorLine]] = {}
    plans: dict[str, list[LaunchPlan]] = {}
    for word in [""] if source else (worlds or names()):
        chosen = [*worlds] if not word else [word]
        try:
            targets = select(
                chosen,
                path=world_path,
                package=world_package,
                cls=world_class,
                manifest=world_manifest,
                options=options,
                env=env,
                setup=world_setup or "",
                service_url=world_service_url,
            )
        except ConformanceError as error:
            if not word:
                raise
            mistaken = not overview
            diagnosed[word] = [DoctorLine("world", "missing", error.what, error.hint)]
            continue
        for target in targets:
            findings = [check_runtime(word, target, ask_registry=not overview) for word in runtimes]
            findings += of_target(
                target, url=world_service_url, force=world_service, ask_registry=not overview
            )
            if really and is_ready(findings):
                findings += [
                    _try(console, target, world_service_url, world_service, runtime)
                    for runtime in runtimes or [None]
                ]
            diagnosed[target.label] = findings
            if not overview and all(one.state == "ok" for one in findings if one.subject != "service"):
                with suppress(ConformanceError):  # what is in the way is a finding
                    plans[target.label] = _plans(target, runtimes)
    if overview:
        _section(console, "this machine", of_machine())
        _overview(console, diagnosed)
    else:
        for name, findings in diagnosed.items():
            _section(console, name, findings)
            for plan in plans.get(name, ()):
                _plan(console, plan)
    console.print(f"\n{_LEGEND}", style="dim")
    ready = all(is_ready(findings) for findings in diagnosed.values())
    context.exit(USAGE if mistaken else OK if ready else NOT_READY)


def _section(console: Console, name: str, findings: list[DoctorLine]) -> None:
    """A heading and a line for each finding, with what to do about it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=15)
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(_MARKS[finding.state], finding.subject, _words(finding))
    console.print(f"\n[bold]{escape(name)}[/]")
    console.print(table)


def _plans(target: Target, runtimes: Sequence[str]) -> list[LaunchPlan]:
    """How the world would be opened, with each of these runtimes, or with none."""
    code = resolve(target)
    if not runtimes:
        return [plan_for(code)]
    return [plan_for(code, runtime=RuntimeWanted.parse(word)) for word in runtimes]


def _plan(console: Console, plan: LaunchPlan) -> None:
    """How the world would be opened, a line for each thing that decides it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, min_width=17)
    table.add_column(overflow="fold")
    for subject, text in plan.lines():
        table.add_row(f"  {subject}", escape(shown(text)))
    console.print("  [bold]launch plan[/]")
    console.print(table)


def _overview(console: Console, diagnosed: dict[str, list[DoctorLine]]) -> None:
    """A line for each world."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=15)
    table.add_column(overflow="fold")
    for name, findings in diagnosed.items():
        states = {finding.state for finding in findings}
        worst = "missing" if "missing" in states else "later" if "later" in states else "ok"
        words = "; ".join(escape(finding.what) for finding in findings if finding.state != "missing")
        why_not = "\n".join(_words(finding) for finding in findings if finding.state == "missing")
        table.add_row(_MARKS[worst], name, why_not or words)
    console.print("\n[bold]worlds[/]")
    console.print(table)


def _words(finding: DoctorLine) -> str:
    hint = f"\n[dim]→ {escape(finding.hint)}[/]" if finding.hint and finding.state != "ok" else ""
    return escape(finding.what) + hint


def _try(
    console: Console, target: Target, url: str | None, force: Force | None, runtime: str | None
) -> DoctorLine:
    """Do what a test run would do before its first test."""
    from conformance.cli._trial import attempt  # noqa: PLC0415 (only when asked for)

    try:
        said = attempt(
            target,
            url=url,
            force=force,
            runtime=runtime,
            progress=lambda line: console.print(escape(shown(line)), style="dim"),
        )
    except ConformanceError as error:
        return DoctorLine("trial", "missing", error.what, error.hint)
    return DoctorLine("trial", "ok", said)
