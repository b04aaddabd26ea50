"""``promote``: a race of the map, or a generated program, as a scenario of your own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import click

from conformance.core.errors import ConformanceError
from conformance.core.output import write_whole
from conformance.core.scenario import Level
from conformance.core.scenarios import scenarios
from conformance.racemap.find import by_id, variant_of
from conformance.racemap.source import recipe_of, source
from conformance.record.replays import Replayed, read_replays, spec

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@click.command(name="promote")
@click.argument("failure", metavar="SPEC|FILE")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write the file into DIR, such as scenarios (default: print it).")  # fmt: skip
@click.option("--name", default="found", show_default=True, help="The id of the scenario.")
@click.option("--number", type=click.IntRange(1, 899), help="Its number (default: the next one).")
def promote(failure: str, into: Path | None, name: str, number: int | None) -> None:
    """Write a failure of the race map, or of a generated program, as the Python source of a scenario.

    SPEC is what its replay command says (map/storage/…, programs/storage/…); of a FILE the first such failure
    is taken. The file stands in scenarios/ as it is.
    """
    if not _NAME.fullmatch(name):
        raise ConformanceError(f"--name={name[:60]}: give lower-case letters, digits and underscores.")
    for replayed in read_replays(failure):
        text = _source(replayed, name, number or 1 + max(one.number for one in scenarios()))
        if text is None:
            continue
        if into is None:
            click.echo(text, nl=False)
            return
        number = number or 1 + max(one.number for one in scenarios())
        path = into / f"s{number}_{name}.py"
        if path.exists():
            raise ConformanceError(f"{path} exists already.", "Give another --name or --number.")
        into.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
        click.echo(path)
        return
    raise ConformanceError(
        f"{failure[:200]}: no failure of the race map or of a generated program.",
        "The variants of the scenarios are files in scenarios/ already.",
    )


def _source(replayed: Replayed, name: str, number: int) -> str | None:
    scenario = by_id(replayed.scenario)
    variant = variant_of(scenario, cast(Level, replayed.level), replayed.variant)
    assert variant is not None, "read_replays has found it"
    recipe = recipe_of(scenario, variant, replayed.case)
    if recipe is None:
        return None
    token = spec(scenario.id, replayed.level, replayed.variant, replayed.case, replayed.token)
    about = variant.about[:1].upper() + variant.about[1:] + "."
    return source(recipe, number=number, name=name, about=about, origin=f"--world-replay={token}")
