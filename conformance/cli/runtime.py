"""``world-conformance runtime``: does a release of the runtime keep its runs alive over a sound World?"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.core.errors import ConformanceError, NotSupported
from conformance.core.exits import FAILED, INCONCLUSIVE
from conformance.core.flows import SHAPES
from conformance.core.output import write_whole
from conformance.core.scenario import Case, Variant
from conformance.provision.catalog.runtimes import PACKAGE, RuntimeWanted, checked
from conformance.provision.catalog.target import Target, parse
from conformance.provision.catalog.versions import choose, order
from conformance.provision.open import open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from conformance.racemap.find import by_id, variant_of
from conformance.record.replays import spec
from conformance.report.runtime_matrix import RuntimeCell, RuntimeMatrix, data, render_html, render_markdown
from conformance.search.budget import Limits
from conformance.search.flow_hunt import Hunted, hunt
from conformance.search.judge import Judge
from conformance.search.strategies.stale_reads import StaleReads
from conformance.spec.lines import SLOTS_SINCE

if TYPE_CHECKING:
    from conformance.drivers.driver import Driver
    from conformance.search.failure import Failure
    from conformance.search.verdict import Verdict

_SCENARIO: Final = "step_created"
_VARIANT: Final = "flow"
#: The name of what has no name of its own.
_DRAWN: Final = "drawn"
_REPLAYS: Final = 20
_FILE: Final = click.Path(path_type=Path, dir_okay=False)
#: From this line on releases want a World whose event ids are positions.
_LINE_5: Final = 5
#: The first release that knows a refusal by its name, as references say it; to those before it is translated.
_BY_NAME_SINCE: Final = "4.2.0-beta.72"
#: What is broken, the worst first, and how it is called.
_WORDS: Final = {
    "run.no-divergence": "dies",
    "run.output-agrees": "wrong output",
    "run.ends-as-control": "ends otherwise",
    "run.no-hang": "hangs",
    "id.one-thing": "one id, two things",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one shape under one release."""

    version: str
    shape: str
    word: str
    schedules: int
    worst: Failure | None = None
    why: str = ""
    #: how often of ``_REPLAYS`` it showed again
    again: int = 0
    world: str = "memory"


@dataclass(frozen=True, slots=True)
class Over:
    """A World that is right, and its database when it has one."""

    target: Target
    service: Service | None = None


@click.command(name="runtime")
@click.argument("versions", nargs=-1, required=True, metavar="VERSION...")
@click.option(
    "--schedules", type=click.IntRange(1), default=60, show_default=True, help="At most, for each shape."
)
@click.option("--shape", "wanted", multiple=True, metavar="NAME", help="May be repeated (default: all).")
@click.option(
    "--world",
    default="memory",
    show_default=True,
    metavar="NAME",
    help="memory, or a reference: redis:reference.",
)
@click.option("--drawn", type=click.IntRange(0), default=0, metavar="N", help="Draw N other flows, too.")
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats what was drawn.")
@click.option("--json", "json_out", type=_FILE, help="Write the runtime matrix for programs to FILE.")
@click.option("--markdown", type=_FILE, help="Write it as a table to FILE.")
@click.option("--html", type=_FILE, help="Write it as a page to FILE.")
def command(
    versions: tuple[str, ...],
    schedules: int,
    wanted: tuple[str, ...],
    world: str,
    drawn: int,
    seed: int,
    json_out: Path | None,
    markdown: Path | None,
    html: Path | None,
) -> None:
    """Judge releases of @workflow/core over a World that is right, which gives every reader a true log.

    Shapes are workflows in which several branches go on by themselves. Two handlers replay one run from logs
    of different age, and both are right. A run that dies then is the runtime's fault. VERSION is a release,
    or last:N for the newest N on the registry.

    Exit status 0: every run lived; 1: one died, or ended otherwise; 6: something could not be judged.
    """

    shapes = _shapes(wanted)
    chosen = _chosen(versions)
    target = _right(world)
    spec = target.descriptor.service
    service = start_service(spec) if spec is not None else None
    cells: list[Cell] = []
    try:
        for version in chosen:
            for cell in judge_release(version, shapes, schedules, drawn, seed, over=Over(target, service)):
                cells.append(replace(cell, world=target.label))
                click.echo(f"{cell.version:16} {cell.shape:18} {cell.word}{_after(cell)}")
    finally:
        if service is not None:
            service.stop()
    for cell in cells:
        if cell.worst is not None:
            click.echo("\n" + "\n".join(_story(cell, cell.worst)))
        elif cell.why:
            click.echo(f"\n{cell.version} {cell.shape}: {cell.why}")
    matrix = _matrix(chosen, shapes, cells, target.label)
    for path, render in ((json_out, _as_json), (markdown, render_markdown), (html, render_html)):
        if path is not None:
            write_whole(path, render(matrix))
    for change in matrix.changes() if len(chosen) > 1 else []:
        click.echo(f"\n{change}" if change == matrix.changes()[0] else change)
    sys.exit(
        FAILED if any(cell.worst for cell in cells) else INCONCLUSIVE if any(c.why for c in cells) else 0
    )


def _right(world: str) -> Target:
    """The World of that name, if it is one that is known to be right. Raises :class:`ConformanceError`."""
    target = parse(world)
    if target.implementation != "reference" and target.descriptor.engine != "memory":
        raise ConformanceError(
            f"--world={world}: not known to be right, so a run that dies there may be the World's fault.",
            "Take memory, or a reference such as redis:reference. pytest --world judges other Worlds.",
        )
    return target


def _chosen(versions: tuple[str, ...]) -> list[str]:
    """The releases that are named, each once, in the order in which they came out."""
    found: list[str] = []
    for version in versions:
        found += choose(version, PACKAGE) if version.startswith("last:") else [version]
    for version in found:
        checked(version)
    return sorted(dict.fromkeys(found), key=order)


def _matrix(versions: list[str], shapes: list[str], cells: list[Cell], world: str) -> RuntimeMatrix:
    names = [*shapes, *([_DRAWN] if any(cell.shape == _DRAWN for cell in cells) else [])]
    made = datetime.now(UTC).isoformat(timespec="seconds")
    flows = {name: SHAPES[name].text for name in shapes}
    return RuntimeMatrix(versions, names, [_written(cell) for cell in cells], made, flows, world=world)


def _written(cell: Cell) -> RuntimeCell:
    worst = cell.worst
    if worst is None:
        return RuntimeCell(cell.version, cell.shape, cell.word, cell.schedules, why=cell.why)
    return RuntimeCell(
        cell.version,
        cell.shape,
        cell.word,
        cell.schedules,
        worst.found_after,
        cell.again,
        _REPLAYS,
        [f"{finding.rule}: {' '.join(finding.text.split())[:200]}" for finding in worst.findings],
        _replay(cell, worst),
    )


def _as_json(matrix: RuntimeMatrix) -> str:
    return json.dumps(data(matrix), indent=1, ensure_ascii=False) + "\n"


def _shapes(wanted: tuple[str, ...]) -> list[str]:
    """The shapes of that name, or all. Raises :class:`ConformanceError`."""
    for name in wanted:
        if name not in SHAPES:
            raise ConformanceError(f"There is no shape {name!r}.", f"There are {', '.join(SHAPES)}.")
    return [name for name in SHAPES if not wanted or name in wanted]


def _variant() -> Variant:
    found = variant_of(by_id(_SCENARIO), "runtime", _VARIANT)
    assert found is not None, "scenario 8 has it"
    return found


def _options(version: str) -> dict[str, str | int | float | bool]:
    """The World in memory of the line that a release is of."""

    return {"spec": str(SLOTS_SINCE)} if int(version.partition(".")[0]) >= _LINE_5 else {}


def _by_status(version: str) -> bool:
    """Whether a release knows refusals by their status, which no World that is right for later ones has."""
    return order(version) < order(_BY_NAME_SINCE)


def judge_release(
    version: str,
    shapes: list[str],
    schedules: int,
    drawn: int = 0,
    seed: int = 0,
    *,
    over: Over | None = None,
) -> Iterator[Cell]:
    """Judge a release of the runtime by workflows of these shapes, and by so many that are drawn, over the
    World in memory or over another one that is right."""
    variant = _variant()
    over = over or Over(parse("memory"))
    try:
        target = replace(over.target, options={**over.target.options, **_options(version)})
        wanted = RuntimeWanted(version, translate=_by_status(version))
        opened = open_world(target, over.service, f"runtime {version}", runtime=wanted)
    except NotSupported as error:
        yield from (Cell(version, shape, "unsupported", 0, why=error.what) for shape in shapes)
        return
    except ConformanceError as error:
        # One of several releases: what cannot be installed is not known, and the others are judged.
        yield from (Cell(version, shape, "inconclusive", 0, why=error.what) for shape in shapes)
        return
    try:
        for shape in shapes:
            try:
                limits = Limits((Case(flow=shape),), schedules, 0, 0, replays=1)
                verdicts = Judge(opened.driver, first=StaleReads()).judge(variant, limits)
                cell = _cell(version, shape, verdicts)
                if cell.worst is not None:
                    cell = replace(cell, again=_again(Judge(opened.driver), variant, cell.worst))
            except NotSupported as error:
                yield Cell(version, shape, "unsupported", 0, why=error.what)
            else:
                yield cell
        if drawn:
            yield from _of_drawn(version, hunt(opened.driver, variant, drawn, seed), opened.driver, variant)
    finally:
        opened.close()


def _of_drawn(version: str, hunted: Hunted, driver: Driver, variant: Variant) -> Iterator[Cell]:
    """A cell for each flow that broke something; one that is clean when none did."""
    found: dict[Case, list[Failure]] = {}
    for failure in hunted.failures:
        found.setdefault(failure.case, []).append(failure)
    for failures in found.values():
        word, worst = _worst(failures)
        again = _again(Judge(driver), variant, worst)
        yield Cell(version, _DRAWN, word, hunted.schedules, worst, again=again)
    if hunted.undecided:
        yield Cell(version, _DRAWN, "inconclusive", hunted.schedules, why=hunted.undecided)
    elif not found:
        yield Cell(version, _DRAWN, f"clean, {hunted.flows} flows", hunted.schedules)


def _again(judge: Judge, variant: Variant, worst: Failure) -> int:
    """How often a failure shows again when its schedule is replayed."""
    judge.replay(variant, worst.case, worst.played.token, _REPLAYS)
    return max((one.reproduced for one in judge.trials.failures.values() if _is(one, worst)), default=0)


def _is(one: Failure, other: Failure) -> bool:
    return one.finding.identity == other.finding.identity


def _cell(version: str, shape: str, verdicts: list[Verdict]) -> Cell:
    failures = [failure for one in verdicts for failure in one.shoulds if failure.finding.fault == "runtime"]
    # This World is right, so what it is blamed for is a defect of the suite, and shown as it is.
    failures += [one.failure for one in verdicts if one.outcome == "fail" and one.failure is not None]
    tried = verdicts[0].evidence.schedules
    if failures:
        word, worst = _worst(failures)
        return Cell(version, shape, word, tried, worst)
    undecided = next((one for one in verdicts if one.outcome == "inconclusive"), None)
    if undecided is not None:
        return Cell(version, shape, "inconclusive", tried, why=undecided.reason)
    return Cell(version, shape, "clean", tried)


def _worst(failures: list[Failure]) -> tuple[str, Failure]:
    """The worst of what is broken, and how it is called."""
    for rule, word in _WORDS.items():
        worst = next((failure for failure in failures if failure.finding.rule == rule), None)
        if worst is not None:
            return word, worst
    return "fails", failures[0]


def _after(cell: Cell) -> str:
    if cell.worst is not None:
        return f" (first in schedule {cell.worst.found_after})"
    return f" ({cell.schedules} schedules)" if cell.schedules else ""


def _story(cell: Cell, worst: Failure) -> Iterator[str]:
    yield f"{cell.version} {cell.shape}: {cell.word}, replayed {cell.again}/{_REPLAYS}"
    if cell.shape == _DRAWN:
        yield f"  {worst.case.flow}"
    for finding in worst.findings:
        yield f"  {finding.rule}: {' '.join(finding.text.split())[:200]}"
    yield f"  {_replay(cell, worst)}"


def _replay(cell: Cell, worst: Failure) -> str:
    """The command that shows it again."""
    options = "".join(f"--world-option={name}={value} " for name, value in _options(cell.version).items())
    options += "--world-translate-errors " if _by_status(cell.version) else ""
    named = shlex.quote(
        f"--world-replay={spec(_SCENARIO, 'runtime', _VARIANT, worst.case, worst.played.token)}"
    )
    return (
        f"pytest --world={cell.world} {options}--world-level=runtime --world-runtime={cell.version} {named}"
    )
