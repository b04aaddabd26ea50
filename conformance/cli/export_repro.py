"""``world-conformance export-repro``: a failure as one Node script that needs only the world's package."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from conformance.core.errors import ConformanceError
from conformance.core.output import write_whole
from conformance.core.redact import shown
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import Target
from conformance.provision.services.start import Force
from conformance.record.recorded import select_recorded
from conformance.record.replays import Replayed, read_replays, spec
from conformance.repro.export import export

_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command(name="export-repro")
@click.argument("failure", metavar="FAILURE")
@click.option("--world", metavar="NAME", help="The world, as in `pytest --world=…`; a record says it itself.")
@click.option("--out", type=_OUT, help="The script's file (default: repro-WORLD-SCENARIO-VARIANT.mjs).")
@click.option("--issue", type=_OUT, metavar="FILE.md", help="Write the text of an issue, too.")
@click.option("--service-url", metavar="URL", help="A running database to use.")
@click.option("--service", type=click.Choice(["docker", "embedded", "url"]), help="Only this way.")
@click.option("--path", type=click.Path(path_type=Path), help="A checkout of the world's package.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the world's factory.")
@click.option("--world-env", "env", multiple=True, metavar="NAME=VALUE", help="A variable of its hosts.")
@click.option("--check/--no-check", default=True, help="Run the script once it is written (default).")
def command(
    failure: str,
    world: str | None,
    out: Path | None,
    issue: Path | None,
    service_url: str | None,
    service: Force | None,
    path: Path | None,
    options: tuple[str, ...],
    env: tuple[str, ...],
    check: bool,
) -> None:
    """Write FAILURE as a script that a maintainer of the world runs with `node repro.mjs`.

    FAILURE is what --world-replay takes: SCENARIO/LEVEL/VARIANT/SCHEDULE, or a record that holds one failure.
    The failure is replayed once, and every operation of the world is recorded. Exit status 0: written, and
    it shows the failure; 1: written, but its own run did not show it; 4: could not be written.
    """

    replayed = _one(read_replays(failure), world)
    if world is None and path is None and replayed.world:
        [(target, _)] = select_recorded([replayed], failure, options, env, url_given=service_url is not None)
        service_url = service_url or target.asked.service_url or None
    else:
        target = _target(replayed, world, path, options, env, service_url)
    file = out or Path(f"repro-{_plain(target.label)}-{replayed.scenario}-{_plain(replayed.variant)}.mjs")
    exported = export(
        replayed,
        target,
        url=service_url,
        force=service,
        check=file if check else None,
        progress=lambda line: click.echo(shown(line), err=True),
    )
    if not check:
        write_whole(file, exported.script)
    click.echo(f"{file}: written")
    if issue is not None:
        write_whole(issue, exported.issue)
        click.echo(f"{issue}: written")
    if exported.status is None:
        return
    if exported.status == 1:
        click.echo("It was run, and shows the failure: exit status 1.")
        return
    tail = "\n  ".join(exported.said.splitlines()[-12:])
    click.echo(
        f"It was run, and did not show the failure (exit status {exported.status}):\n  {tail}", err=True
    )
    sys.exit(1)


def _one(found: list[Replayed], world: str | None) -> Replayed:
    """The failure that is meant. Raises :class:`ConformanceError` when there are several."""
    mine = [one for one in found if world is None or one.world in ("", re.split("[@:]", world)[0])]
    if len(mine) == 1:
        return mine[0]
    if not mine:
        raise ConformanceError(f"No failure of {world} is in it.", "It is about other worlds.")
    specs = list(
        dict.fromkeys(spec(one.scenario, one.level, one.variant, one.case, one.token) for one in mine)
    )
    if len(specs) == 1 and len({one.world for one in mine}) == 1:
        return mine[0]
    some = "".join(f"\n    --world {one.world} {text}" for one, text in zip(mine, specs, strict=False))
    shown = "\n".join(some.splitlines()[:13])
    raise ConformanceError(f"There are {len(mine)} failures in it.", f"Name one of them, such as:{shown}")


def _target(
    replayed: Replayed,
    world: str | None,
    path: Path | None,
    options: tuple[str, ...],
    env: tuple[str, ...],
    url: str | None,
) -> Target:
    name = world or replayed.world
    if not name and path is None:
        raise ConformanceError("Which world is it about?", "Say it with --world NAME; see `list`.")
    targets = select([name] if name else [], path=path, options=options, env=env, service_url=url)
    if len(targets) != 1:
        raise ConformanceError(f"--world {name}: one world at a time.", "See `list`.")
    return targets[0]


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-")
