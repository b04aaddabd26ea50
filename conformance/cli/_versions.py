"""In which versions of its package a defect is: its script is run on each, and its races are searched.

A script plays one schedule. A version of the package that does its work in other steps may have the defect
and be right under this schedule. So where the script shows nothing, the scenarios of the defect are judged.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli._suite import run_suite
from conformance.core.errors import ConformanceError
from conformance.core.scenarios import all_scenarios
from conformance.core.text import one_line
from conformance.provision.catalog.target import parse
from conformance.provision.catalog.versions import choose, order
from conformance.record.file import read
from conformance.report.defects import Defect, Place, defects
from conformance.report.matrix import build

_T = TypeVar("_T")
_Scripted = tuple[Defect, Path]
#: Seconds for one scenario at one level, and once more for what comes before the first.
_LIMIT = 300.0

_OWN = "wrong, as above"
_ONLY = "wrong, as above; no other version is published"
_SHOWN = "wrong"
_FOUND = "wrong, by another schedule"
_UNSEEN = "not seen: its schedule and a search of its races show nothing"
_UNJUDGED = "not seen by its schedule; no search says more"


def on_versions(
    scripted: Sequence[_Scripted], wanted: Sequence[str], jobs: int
) -> dict[str, tuple[tuple[str, str], ...]]:
    """What each version says of each defect, the oldest version first, by the slug of the defect.

    ``scripted``: the defects with their scripts. ``wanted``: versions, or ``last:N``.
    """
    said: dict[tuple[str, str], str] = {}
    groups: dict[tuple[str, str], list[_Scripted]] = {}
    for defect, file in scripted:
        row = defect.first.row
        others = [one for word in wanted for one in _named(word, row.package, row.key.version)]
        chosen = set(others) - {row.key.version}
        said[defect.slug, row.key.version] = _OWN if chosen or not others else _ONLY
        for version in chosen:
            groups.setdefault((row.key.world, version), []).append((defect, file))
    work = [(world, version, which) for (world, version), which in groups.items()]
    for (_, version, which), results in zip(work, each(_on_version, work, jobs), strict=True):
        said.update({(one.slug, version): word for (one, _), word in zip(which, results, strict=True)})
    return {
        defect.slug: tuple(
            sorted(((at, word) for (slug, at), word in said.items() if slug == defect.slug), key=_by_version)
        )
        for defect, _ in scripted
    }


def _by_version(one: tuple[str, str]) -> tuple[object, ...]:
    return order(one[0])


def _named(word: str, package: str, version: str) -> list[str]:
    """``last:3``: the newest three of the release line of ``version``, and the newest of all."""
    if not word.startswith("last:"):
        return choose(word, package)
    known = choose("all", package)
    line = [one for one in known if one.partition(".")[0] == version.partition(".")[0]]
    choose(word, package)  # refuses what is no number
    return [*line[-int(word.removeprefix("last:")) :], known[-1]]


def _on_version(world: str, version: str, which: Sequence[_Scripted]) -> list[str]:
    """What a version says of some defects of a world."""
    from conformance.repro.export import run_on  # noqa: PLC0415 (only when asked for)

    try:
        ran = run_on([file for _, file in which], parse(f"{world}@{version}"))
    except ConformanceError as error:
        return [f"could not be run: {one_line(error.what, 160)}"] * len(which)
    words = [_SHOWN if status == 1 else "" for status, _ in ran]
    unseen = [defect for (defect, _), word in zip(which, words, strict=True) if not word]
    searched = iter(_searched(world, version, unseen) if unseen else [])
    result = [word or next(searched) for word in words]
    wrong = sum(word.startswith("wrong") for word in result)
    click.echo(f"{world} {version}: {wrong} of {len(which)} defects are in it")
    return result


def _searched(world: str, version: str, unseen: Sequence[Defect]) -> list[str]:
    """What a search of their scenarios says of defects that their scripts do not show."""
    numbers = {place.verdict.scenario for one in unseen for place in _searchable(one)}
    scenarios = [one.id for one in all_scenarios() if one.number in numbers]
    levels = sorted({place.verdict.level for one in unseen for place in _searchable(one)})
    if not scenarios:
        return [_UNJUDGED] * len(unseen)
    with tempfile.TemporaryDirectory(prefix="world-findings-") as scratch:
        record = Path(scratch) / "found.jsonl"
        arguments = [
            f"--world={world}@{version}",
            f"--world-level={','.join(levels)}",
            "--world-budget=quick",
            "--world-fail-on=never",
            "-k",
            " or ".join(scenarios),
        ]
        limit = _LIMIT * (1 + len(scenarios) * len(levels))
        why_not = run_suite(arguments, record, limit=limit, told=lambda _: None)
        if not record.exists():
            click.echo(f"{world} {version}: {why_not}", err=True)
            return [_UNJUDGED] * len(unseen)
        judged = read(record)
    signs = {(one.rule, one.label, one.subject) for one in defects(build(judged))}
    decided = {
        (one.scenario, one.level, one.variant) for one in judged.verdicts if one.verdict in {"pass", "fail"}
    }
    return [
        _FOUND
        if (one.rule, one.label, one.subject) in signs
        else _UNSEEN
        if any(
            (place.verdict.scenario, place.verdict.level, place.verdict.variant) in decided
            for place in _searchable(one)
        )
        else _UNJUDGED
        for one in unseen
    ]


def _searchable(defect: Defect) -> list[Place]:
    """The place of a defect that is searched, or none: budget quick has no faults, a runtime takes long."""
    fit = (
        place
        for place in defect.places
        if place.verdict.level != "runtime"
        and "+faults" not in place.verdict.variant
        and not place.readability[1]
    )
    return [*fit][:1]


def each(do: Callable[..., _T], work: Iterable[tuple[Any, ...]], jobs: int) -> list[_T]:
    """Do all of it, in order, so many at once: each in a process of its own, as servers and hosts need."""
    todo = list(work)
    if jobs < 2 or len(todo) < 2:
        return [do(*one) for one in todo]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        return list(pool.map(do, *zip(*todo, strict=True)))
