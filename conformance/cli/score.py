"""``world-conformance score``: how many broken Worlds the suite kills, and which survive."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from conformance.cli._known import judge_known, known_defects
from conformance.cli._known import page as known_page
from conformance.cli._score import all_mutants, score
from conformance.cli._score_page import page, survivors
from conformance.core.output import write_whole
from conformance.memory.mutants.operators import family


@click.command(name="score")
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only these operators.")
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to FILE.")
@click.option("--json", "as_json", is_flag=True, help="Every mutant, as JSON.")
@click.option(
    "--known", is_flag=True, help="Judge published packages with publicly reported defects instead."
)
@click.option(
    "--service", type=click.Choice(["docker", "embedded"]), help="With --known: databases this way."
)
@click.option("-n", "workers", type=click.IntRange(1), default=1, help="Mutants at once.")
def command(
    families: tuple[str, ...],
    markdown: Path | None,
    as_json: bool,
    known: bool,
    service: str | None,
    workers: int,
) -> None:
    """Judge every mutant of the memory world and of the handlers, and say what kills it.

    Mutants are made by hand (docs/mutants.md) and by operators, each applied by machine to every place of the
    memory world. A mutant is killed when a must rule breaks, by a schedule that breaks it again.

    With --known each package of conformance/known_defects.toml is judged before its fix and after it.

    Exit status 1: a mutant survived that no line says is equivalent, or a known defect was missed.
    """
    if known:
        _known(service, as_json=as_json)
        return

    every: dict[str, str] = {name: family(mutant) for name, mutant in all_mutants().items()}
    unknown = sorted(set(families) - set(every.values()))
    if unknown:
        raise click.UsageError(
            f"No family {unknown[0]!r}. There are: {', '.join(sorted(set(every.values())))}."
        )
    wanted = [name for name, of in every.items() if not families or of in families]
    found = []
    for one in score(wanted, workers):
        found.append(one)
        if len(found) % 20 == 0 or len(found) == len(wanted):
            click.echo(f"{len(found)} of {len(wanted)} mutants", err=True)
    text = page(found, set(every.values()) - {one.family for one in found})
    click.echo(json.dumps([asdict(one) for one in found], indent=1) if as_json else text, nl=as_json)
    if markdown is not None:
        write_whole(markdown, text)
    if survivors(found):
        raise SystemExit(1)


def _known(service: str | None, *, as_json: bool) -> None:
    found = list(judge_known(known_defects(), service))
    click.echo(json.dumps(msgspec.to_builtins(found), indent=1) if as_json else known_page(found))
    if not all(one.found for one in found):
        raise SystemExit(1)
