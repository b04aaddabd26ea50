"""``world-conformance sweep``: judge many versions of a world, and say since when each rule holds."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from conformance.cli._suite import run_suite
from conformance.core.errors import ConformanceError
from conformance.core.scenarios import all_scenarios, by_id
from conformance.provision.catalog.runtimes import checked
from conformance.provision.catalog.target import parse
from conformance.provision.catalog.versions import choose
from conformance.record.file import RecordWriter, read
from conformance.report.sweep import sweep
from conformance.report.sweep_view import print_sweep, sweep_data

_LEVELS = ("storage", "handlers", "runtime")
#: for one scenario at one level, and once more for what comes before the first, in seconds
_LIMIT = 600.0


@click.command(name="sweep")
@click.option("--world", required=True, metavar="NAME", help="A world with a published package.")
@click.option(
    "--versions",
    required=True,
    metavar="LIST",
    help="Versions with commas, last:N for the newest N on the registry, or all.",
)
@click.option(
    "--scenario", "wanted", multiple=True, metavar="ID", help="Ids or numbers, with commas (default: all)."
)
@click.option(
    "--level", "levels", multiple=True, type=click.Choice(_LEVELS), help="May be repeated (default: storage)."
)
@click.option(
    "--budget", type=click.Choice(["quick", "default", "thorough"]), default="default", show_default=True
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything that is generated.")
@click.option("--runtime", metavar="VERSION", help="The release of @workflow/core, at level runtime.")
@click.option(
    "--translate-errors", is_flag=True, help="At level runtime: refusals in that release's dialect."
)
@click.option("--world-env", "env", multiple=True, metavar="NAME=VALUE", help="A variable of its hosts.")
@click.option("--service", type=click.Choice(["docker", "embedded", "url"]), help="Only this way.")
@click.option("--service-url", metavar="URL", help="A running database to use.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Append all runs to FILE.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
@click.option("-n", "workers", type=click.IntRange(1), default=1, help="Tests at once.")
def command(world: str, versions: str, wanted: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Judge many versions of a world's package, and say of each rule since when it holds.

    Each version is installed, given a fresh store and judged as `pytest --world=NAME@VERSION` does it. One
    that cannot be installed or judged is shown as unknown, with the reason, never as holding.

    Exit status 0: every version was judged, whatever came of it; 6: something could not be.
    """

    package = _package(world)
    if options["runtime"] is not None:
        checked(options["runtime"])
    scenarios = _scenarios(wanted)
    chosen = choose(versions, package)
    # Opened first: what is judged for an hour must have a place.
    keep = RecordWriter(options["record"]) if options["record"] is not None else nullcontext()
    unkept = ""
    with keep as kept, _stoppable(), tempfile.TemporaryDirectory(prefix="world-sweep-") as scratch:
        record = Path(scratch) / "sweep.jsonl"
        try:
            inconclusive = _judge_all(world, chosen, scenarios, record, options)
        finally:
            # What was judged before Ctrl-C is kept.
            if kept is not None and record.exists():
                try:
                    kept.write_bytes(record.read_bytes())
                except OSError as error:
                    unkept = f"cannot write the record {options['record']}: {error.strerror}"
        if not record.exists():
            why = next(iter(inconclusive.values()), "nothing was said")
            raise ConformanceError(
                f"Nothing of {world} could be judged: {why.rstrip('.')}.",
                f"`world-conformance doctor {world}@{chosen[-1]} --try` says more.",
            )
        found = sweep(read(record), world, chosen)
    for version, why_not in inconclusive.items():
        found.inconclusive.setdefault(version, []).append(why_not)
    if as_json:
        click.echo(json.dumps(sweep_data(found), indent=1, ensure_ascii=False))
    else:
        print_sweep(found, Console(highlight=False))
    if unkept:
        raise ConformanceError(unkept, "What was found is above; no run was kept.")
    raise click.exceptions.Exit(found.exit)


def _package(world: str) -> str:
    """The npm package of a world. Raises :class:`ConformanceError`."""

    target = parse(world)
    package = target.descriptor.package
    if target.version is not None or target.implementation != "package" or package is None:
        raise ConformanceError(
            f"{world!r} has no published versions to sweep.",
            "Give the name of a world with a package, and its versions with --versions.",
        )
    return package.name


def _scenarios(wanted: tuple[str, ...]) -> list[str]:
    """The ids of the scenarios asked for, by number. Raises :class:`ConformanceError`."""

    words = [word.strip() for value in wanted for word in value.split(",") if word.strip()]
    found: set[str] = set()
    for word in words:
        try:
            found.add(by_id(word).id)
        except KeyError:
            known = ", ".join(f"{one.number} {one.id}" for one in all_scenarios())
            raise ConformanceError(f"There is no scenario {word!r}.", f"There are {known}.") from None
    return [one.id for one in all_scenarios() if not found or one.id in found]


def _judge_all(
    world: str, versions: list[str], scenarios: list[str], record: Path, options: dict[str, Any]
) -> dict[str, str]:
    """Judge one version after the other into ``record``; why a run did not end well, by version."""

    levels = options["levels"] or ("storage",)
    limit = _LIMIT * (1 + len(scenarios) * len(levels))
    inconclusive: dict[str, str] = {}
    for number, version in enumerate(versions, 1):
        name = f"[{number}/{len(versions)}] {world} {version}"
        began = time.monotonic()
        with _progress(name) as told:
            why_not = run_suite(
                _arguments(f"{world}@{version}", scenarios, levels, options), record, limit=limit, told=told
            )
        if why_not:
            inconclusive[version] = why_not
        click.echo(f"{name}: {_outcome(record, world, version)}, {time.monotonic() - began:.0f} s", err=True)
    return inconclusive


def _arguments(
    label: str, scenarios: list[str], levels: tuple[str, ...], options: dict[str, Any]
) -> list[str]:
    words = [
        f"--world={label}",
        f"--world-level={','.join(levels)}",
        f"--world-budget={options['budget']}",
        f"--world-seed={options['seed']}",
        "--world-fail-on=never",
        "-k",
        " or ".join(scenarios),
    ]
    words += [f"--world-runtime={options['runtime']}"] if options["runtime"] else []
    words += ["--world-translate-errors"] if options["translate_errors"] else []
    words += [f"--world-env={pair}" for pair in options["env"]]
    words += [f"--world-service={options['service']}"] if options["service"] else []
    words += [f"--world-service-url={options['service_url']}"] if options["service_url"] else []
    words += ["-n", str(options["workers"])] if options["workers"] > 1 else []
    return words


def _outcome(record: Path, world: str, version: str) -> str:
    """``27 verdicts: 24 pass, 3 fail``."""

    if not record.exists():
        return "no verdict"
    counts = Counter[str](
        one.verdict for one in read(record).verdicts if (one.world, one.version) == (world, version)
    )
    order = ("pass", "fail", "inconclusive", "unsupported")
    said = ", ".join(f"{counts[word]} {word}" for word in order if counts[word])
    return f"{counts.total()} verdicts: {said}" if said else "no verdict"


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int], None]]:
    """A line on a terminal that says how far it is; nothing where nobody looks."""

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _count: None
        return
    began = time.monotonic()
    with console.status(f"{name}: starting …") as status:
        yield lambda count: status.update(f"{name}: {count} verdicts, {time.monotonic() - began:.0f} s")


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM as Ctrl-C: what was started is put away."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
