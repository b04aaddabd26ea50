"""How long a run takes to begin, and what the plugin costs others: ``python -m benchmarks.start``.

CPU is of all processes that end within a command. Caches are warm: Python's own, whatever the environment
says of it, is filled by a run that does not count. Packages and servers are those that an earlier run
has kept.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import click

from conformance.plugin.progress import FIRST

_PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:anyio")
_OURS = "no:world_conformance"


@click.command(help=__doc__)
@click.option("--world", default="redis", show_default=True, help="The World of the first verdict.")
@click.option("--rounds", default=9, show_default=True, help="How often each is started, in turns.")
@click.option("--within", type=float, help="Exit with 1 when the first verdict takes longer, in seconds.")
@click.option("--plugin", type=float, help="Exit with 1 when the plugin costs more, in ms of CPU.")
def main(world: str, rounds: int, within: float | None, plugin: float | None) -> None:
    """Print both, and the modules that take longest to import."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        warm = [*_PYTEST, f"--world={world}", "--collect-only"]
        subprocess.run(warm, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        cost = plugin_cost(Path(folder), rounds)
        click.echo(f"pytest without --world: the plugin takes {cost:.0f} ms of CPU (median of {rounds})")
        seconds = first_verdict(world, Path(folder))
        click.echo(f"pytest --world={world} -k step_completed: the first verdict after {seconds:.1f} s")
        for module, milliseconds in slowest_imports(Path(folder)):
            click.echo(f"    {milliseconds:6.1f} ms  {module}")
    if (within is not None and seconds > within) or (plugin is not None and cost > plugin):
        raise SystemExit(1)


def plugin_cost(folder: Path, rounds: int) -> float:
    """Milliseconds of CPU that one test of a user's takes more with the plugin than without."""
    (folder / "test_mine.py").write_text("def test_mine(): pass\n", encoding="utf-8")
    more = []
    for _ in range(rounds):
        without = _cpu((*_PYTEST, "-p", _OURS), folder)
        more.append(_cpu(_PYTEST, folder) - without)
    return 1000 * median(more)


def first_verdict(world: str, folder: Path) -> float:
    """Seconds until the run says its first verdict. ``RuntimeError`` when it ends without one."""
    began = time.perf_counter()
    command = [*_PYTEST, f"--world={world}", "-k", "step_completed"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            if not any(FIRST in line for line in process.stdout):
                raise RuntimeError("pytest ended without a verdict")
            return time.perf_counter() - began
        finally:
            process.terminate()


def slowest_imports(folder: Path, count: int = 12) -> list[tuple[str, float]]:
    """The modules of a run of the memory World that take longest by themselves, in ms."""
    command = [sys.executable, "-X", "importtime", *_PYTEST[1:], "--world=memory", "--collect-only", "-q"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines = re.findall(r"^import time: *(\d+) \| *\d+ \| *(\S+)$", done.stderr, re.M)
    slowest = sorted(((name, int(micros) / 1000) for micros, name in lines), key=lambda each: -each[1])
    return slowest[:count]


def _cpu(command: Sequence[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
