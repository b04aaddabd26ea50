"""``world-conformance score``: how many broken Worlds the suite kills, and which survive."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import click
import msgspec

from conformance.cli._known import add_known, known_defects, read_known
from conformance.cli._known import page as known_page
from conformance.cli._known_judge import judge_known
from conformance.cli._score import Open, Score, Subject, in_memory, memory_subjects, score, unjudged
from conformance.cli._score_equivalent import why_equivalent
from conformance.cli._score_file import add_score, read_scores, tidy
from conformance.cli._score_page import page, survivors
from conformance.cli._score_queues import QUEUES, queue_subjects, score_queues
from conformance.cli._score_worlds import opener, reference_subjects
from conformance.core.output import write_whole
from conformance.provision.services.start import Force


@click.command(name="score")
@click.option("--world", "worlds", multiple=True, metavar="NAME", help="Only mutants of memory, redis, ….")
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only these operators.")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append each result to FILE, and leave out what it has; the page is of all that it has.",
)
@click.option("--again", is_flag=True, help="With --file: judge also what the file has already.")
@click.option(
    "--open", "open_only", is_flag=True, help="With --file: judge those again that were not killed."
)
@click.option(
    "--deep", is_flag=True, help="On databases also at level handlers and with faults: minutes each."
)
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to FILE.")
@click.option("--json", "as_json", is_flag=True, help="Every mutant, as JSON.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["map", "0"]),
    help="Judge by the race map, or by scenario 0, and by nothing else. May be given twice.",
)
@click.option(
    "--every", "every_nth", type=click.IntRange(1), default=1, help="A sample: each Nth mutant, by its place."
)
@click.option(
    "--known", is_flag=True, help="Judge published packages with publicly reported defects instead."
)
@click.option(
    "--with-known",
    "known_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Add what FILE, made by --known with --file, says of known defects to the page.",
)
@click.option("--report", "reports", multiple=True, metavar="NUMBER", help="With --known: only these.")
@click.option("--service", type=click.Choice(["docker", "embedded"]), help="Databases this way.")
@click.option("-n", "workers", type=click.IntRange(1), default=1, help="Mutants at once.")
def command(
    worlds: tuple[str, ...],
    families: tuple[str, ...],
    file: Path | None,
    markdown: Path | None,
    service: Force | None,
    workers: int,
    reports: tuple[str, ...],
    known_file: Path | None,
    only: tuple[str, ...],
    every_nth: int,
    *,
    again: bool,
    open_only: bool,
    deep: bool,
    as_json: bool,
    known: bool,
) -> None:
    """Judge every mutant, and say what kills it.

    Mutants are made by hand (docs/mutants.md) and by operators, each applied by machine to every place of the
    memory world and of the reference worlds on their databases. A mutant is killed when a must rule
    breaks, by a schedule that breaks it again. Wrong queues are killed by the probes of real queues.

    With --file a score is made in parts: --world, --family and an interrupted run only add to the file.

    With --only a mutant that docs/power.md says is equivalent is not judged.

    With --known each package of conformance/known_defects.toml is judged before its fix and after it; --file
    keeps what was found.

    Exit status 1: a mutant survived that no line says is equivalent, or a known defect was missed.
    """
    if known:
        _known(service, reports, file, as_json=as_json)
        return
    every = [*memory_subjects(), *reference_subjects(), *queue_subjects()]
    _check("world", worlds, {one.world for one in every})
    _check("family", families, {one.family for one in every})
    wanted = [
        one
        for one in every
        if (not worlds or one.world in worlds) and (not families or one.family in families)
    ][::every_nth]
    had = read_scores(file) if file is not None else {}
    if not again:
        wanted = [one for one in wanted if one.key not in had or (open_only and not had[one.key].killed)]
    found = _judge(wanted, file, partial(opener, service=service, deep=deep), workers, frozenset(only))
    if file is not None:
        found = tidy(file, every)
    judged = {one.key for one in found}
    missing = [(one.world, one.family) for one in every if one.key not in judged]
    text = page(found, missing, known_page(read_known(known_file)) if known_file is not None else "")
    click.echo(json.dumps(msgspec.to_builtins(found), indent=1) if as_json else text, nl=as_json)
    if markdown is not None:
        write_whole(markdown, text)
    if survivors(found):
        raise SystemExit(1)


def _judge(
    wanted: list[Subject],
    file: Path | None,
    opens: Callable[[str], AbstractContextManager[Open]],
    workers: int,
    only: frozenset[str],
) -> list[Score]:
    """Judge world by world: a database is started once, and ends before the next."""
    found: list[Score] = []
    for world in dict.fromkeys(one.world for one in wanted):
        mine = [one for one in wanted if one.world == world]
        if only:
            # It takes long to see that nothing kills them, and all scenarios together have shown it.
            known = [unjudged(one) for one in mine if why_equivalent(one.key)]
            mine = [one for one in mine if not why_equivalent(one.key)]
            for each in known:
                found.append(each)
                if file is not None:
                    add_score(file, each)
        with opens(world) if world != QUEUES else nullcontext(in_memory) as open_:
            judged = score_queues(mine) if world == QUEUES else score(mine, open_, workers, only)
            for done, one in enumerate(judged, 1):
                found.append(one)
                if file is not None:
                    add_score(file, one)
                if done % 20 == 0 or done == len(mine):
                    click.echo(f"{world}: {done} of {len(mine)} mutants", err=True)
    order = {one.key: at for at, one in enumerate(wanted)}
    return sorted(found, key=lambda one: order[one.key])


def _check(what: str, asked: tuple[str, ...], there: set[str]) -> None:
    unknown = sorted(set(asked) - there)
    if unknown:
        raise click.UsageError(f"No {what} {unknown[0]!r}. There are: {', '.join(sorted(there))}.")


def _known(service: Force | None, reports: tuple[str, ...], file: Path | None, *, as_json: bool) -> None:
    every = known_defects()
    wanted = [one for one in every if not reports or one.report.rpartition("#")[2] in reports]
    if not wanted:
        numbers = ", ".join(dict.fromkeys(one.report.rpartition("#")[2] for one in every))
        raise click.UsageError(f"No report {reports[0]!r}. There are: {numbers}.")
    found = []
    for one in judge_known(wanted, service):
        found.append(one)
        click.echo(f"{one.defect.report}: {one.before}, then {one.after or 'not fixed'}", err=True)
        if file is not None:
            add_known(file, one)
    click.echo(json.dumps(msgspec.to_builtins(found), indent=1) if as_json else known_page(found))
    if not all(one.found for one in found if one.defect.shown):
        raise SystemExit(1)
