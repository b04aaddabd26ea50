"""In which versions of its package a defect is: the variant that shows it is judged on each of them.

Its schedule is replayed first. A version that does its work in other steps may have the defect and be right
under this schedule: where that shows nothing, the variant is searched.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import click

from conformance.cli._kept import Kept
from conformance.cli._known_judge import Services, judge_variant, services
from conformance.core.closing import close_all
from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError
from conformance.core.redact import shown
from conformance.core.scenario import Level
from conformance.core.text import one_line
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target, parse
from conformance.provision.catalog.versions import choose, order
from conformance.provision.open import OpenWorld, open_world
from conformance.racemap.find import by_id, variant_of
from conformance.record.lines import WorldLine
from conformance.record.replays import Replayed, replayed_of, spec
from conformance.report.defects import Defect
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

_T = TypeVar("_T")
#: Seconds for one defect on one version.
_LIMIT: Final = 240.0

_OWN: Final = "wrong, as above"
_ONLY: Final = "wrong, as above; no other version is published"
_UNHELD: Final = "wrong, as above; it has no schedule, so no other version was judged"
_SHOWN: Final = "wrong, by the same schedule"
_FOUND: Final = "wrong, by another schedule"
_UNSEEN: Final = "not seen: its schedule and a search of its variant show nothing"
_UNSEARCHED: Final = "not seen by its schedule; nothing else was tried there"

#: What each version says, the oldest first: versions with their words.
Said = tuple[tuple[str, str], ...]


class Source(NamedTuple):
    """The record that defects were read from: the worlds of its runs, and its file."""

    worlds: list[WorldLine]
    file: Path


def on_versions(
    found: Sequence[Defect], source: Source, wanted: Sequence[str], jobs: int, kept: Kept
) -> dict[str, Said]:
    """What each version says of each defect, by the slug of the defect; without a schedule only its own does.

    ``wanted``: versions, or ``last:N``. What was judged before is taken from ``kept``.
    """
    said: dict[tuple[str, str], str] = {}
    groups: dict[tuple[str, str], list[tuple[Defect, Replayed]]] = {}
    for defect in found:
        evidence = defect.first.verdict.evidence
        if evidence is None or not evidence.schedule:
            said[defect.slug, defect.first.row.key.version] = _UNHELD
            continue
        try:
            replayed = replayed_of(defect.first.verdict, source.worlds, defect.first.seed, source.file)
        except ConformanceError as error:
            # An older record may name what this suite no longer has.
            click.echo(shown(f"{defect.slug}: {error.what}"), err=True)
            continue
        row = defect.first.row
        others = [one for word in wanted for one in _named(word, row.package, row.key.version)]
        chosen = set(others) - {row.key.version}
        said[defect.slug, row.key.version] = _OWN if chosen or not others else _ONLY
        for version in chosen:
            groups.setdefault((row.key.world, version), []).append((defect, replayed))
    work = [
        (f"[{number}/{len(groups)}] ", world, version, which, kept)
        for number, ((world, version), which) in enumerate(
            sorted(groups.items(), key=lambda one: (one[0][0], order(one[0][1]))), 1
        )
    ]
    for (_, _, version, which, _), results in zip(work, each(_on_version, work, jobs), strict=True):
        said.update({(one.slug, version): word for (one, _), word in zip(which, results, strict=True)})
    return {
        defect.slug: tuple(
            sorted(((at, word) for (slug, at), word in said.items() if slug == defect.slug), key=_by_version)
        )
        for defect in found
    }


def schedule_of(replayed: Replayed) -> str:
    """The schedule of a failure with its runtime, as it is known by."""
    name = spec(replayed.scenario, replayed.level, replayed.variant, replayed.case, replayed.token)
    return f"{name} {replayed.runtime}".rstrip()


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


def _on_version(
    number: str, world: str, version: str, which: Sequence[tuple[Defect, Replayed]], kept: Kept
) -> list[str]:
    """What a version says of some defects of a world."""
    result: list[str] = []
    with services(None) as started, closing(_Version(parse(f"{world}@{version}"), started)) as opened:
        for defect, replayed in which:
            about = ("version", world, version, defect.rule, replayed.seed, schedule_of(replayed))
            word = kept.get(*about)
            if word is None:
                try:
                    word = opened.judge(defect.rule, replayed)
                    kept.put(word, *about)
                except ConformanceError as error:
                    opened.close()  # its hosts may be in the middle of something
                    word = f"could not be judged: {one_line(error.what, 160)}"
            result.append(word)
    wrong = sum(word.startswith("wrong") for word in result)
    click.echo(f"{number}{world} {version}: {wrong} of {len(which)} defects are in it", err=True)
    return result


@dataclass(slots=True)
class _Version:
    """A version of a World, opened once for all that is judged on it."""

    target: Target
    started: Services
    _opened: dict[str, OpenWorld] = field(default_factory=dict)

    def judge(self, rule: str, replayed: Replayed) -> str:
        """Whether a variant breaks a rule: by the schedule, or where that does not show it by a search.

        Raises :class:`ConformanceError` when it cannot be judged.
        """
        variant = variant_of(by_id(replayed.scenario), cast(Level, replayed.level), replayed.variant)
        assert variant is not None, "the record of a failure was read"
        opened = self._world(replayed.runtime)
        for one in opened.drivers:
            one.work_until(Deadline(_LIMIT))
        driver = opened.driver_of(variant)
        driver.prepare()  # what it declares is known before the first schedule
        played = Judge(driver, replayed.seed or 0, opened.policy).replay(
            variant, replayed.case, replayed.token, 1
        )
        if _breaks(played, rule):
            return _SHOWN
        # Faults at handlers are tried at thousands of places, and a schedule of a real runtime takes long.
        if variant.level == "runtime" or (variant.faulty and variant.level != "storage"):
            return _UNSEARCHED
        searched = list(judge_variant(opened, variant, "default" if variant.faulty else "quick"))
        if _breaks(searched, rule):
            return _FOUND
        undecided = next((one for one in searched if one.outcome not in ("pass", "fail")), None)
        if undecided is not None:
            raise ConformanceError(undecided.reason)
        return _UNSEEN

    def _world(self, runtime: str) -> OpenWorld:
        if runtime not in self._opened:
            self._opened[runtime] = open_world(
                self.target,
                self.started.of(self.target),
                "versions",
                runtime=RuntimeWanted.of(runtime) if runtime else None,
            )
        return self._opened[runtime]

    def close(self) -> None:
        """End its hosts."""
        opened = [*self._opened.values()]
        self._opened.clear()
        close_all(*(one.close for one in opened))


def _breaks(verdicts: Iterable[Verdict], rule: str) -> bool:
    return any(one.outcome == "fail" and rule in (*one.rules, *one.also) for one in verdicts)


def each(do: Callable[..., _T], work: Iterable[tuple[Any, ...]], jobs: int) -> list[_T]:
    """Do all of it, in order, so many at once: each in a process of its own, as servers and hosts need."""
    todo = list(work)
    if jobs < 2 or len(todo) < 2:
        return [do(*one) for one in todo]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        return list(pool.map(do, *zip(*todo, strict=True)))
