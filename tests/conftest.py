"""Tests that are left out: slow ones, unless asked for, and those that need what this machine lacks.

The last lines of the output say how many, why, and what brings them; ``--nothing-left-out`` fails then.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from conformance.plugin.options import wanted
from tests.needs import NEEDS, SKIPPED, require

WITH_SLOW = "pytest -n 2 -m 'slow or not slow'"
_OPTION = "--nothing-left-out"
_slow = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(_OPTION, action="store_true", help="fail when any test of this project was left out")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_slow] = 0
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # What a shell starts in the background ignores Ctrl-C, with all its children; tests send it to some.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        # The tests start hundreds of interpreters, and each would compile everything anew.
        kept = tempfile.TemporaryDirectory(prefix="bytecode-")
        os.environ["PYTHONPYCACHEPREFIX"] = kept.name
        config.add_cleanup(kept.cleanup)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow ones, unless ``-m`` says which are wanted. Those marked ``slow("minutes")`` come
    first: no worker has one of them left when the others have ended."""
    for item in items:
        for name in _needs(item):
            if name not in NEEDS:
                raise pytest.UsageError(f"{item.nodeid}: no such need: {name}; there are {', '.join(NEEDS)}")
    items.sort(key=_takes_minutes, reverse=True)
    if config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.stash[_slow] = len(slow)
    if slow:
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture is made: what the test needs is there, or the test is left out."""
    for name in _needs(item):
        require(name)


def _takes_minutes(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("slow")
    return marker is not None and "minutes" in marker.args


def _needs(item: pytest.Item) -> list[str]:
    return [name for marker in item.iter_markers("needs") for name in marker.args]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Under xdist only the workers collect; each collects all tests."""
    slow = getattr(node, "workeroutput", {}).get("slow", 0)
    node.config.stash[_slow] = max(slow, node.config.stash[_slow])


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["slow"] = config.stash[_slow]
    elif config.getoption(_OPTION) and left_out(config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Say what was left out, after everything else."""
    yield
    lines = left_out(config)
    if lines:
        fails = config.getoption(_OPTION)
        title = "left out: a failure" if fails else "left out"
        terminalreporter.section(title, red=fails, yellow=not fails)
        for line in lines:
            terminalreporter.line(line)


def left_out(config: pytest.Config) -> list[str]:
    """A line for each reason: how many tests, why, and the command that brings them."""
    if wanted(config):
        return []  # a run of worlds, not of this project's tests
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", ())
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    lines = []
    for reason, count in sorted(reasons.items()):
        name = reason.removeprefix(SKIPPED).partition(":")[0] if reason.startswith(SKIPPED) else ""
        bring = f". To run them: {NEEDS[name].bring}" if name in NEEDS else ""
        lines.append(f"{count} left out, {reason}{bring}")
    if slow := config.stash[_slow]:
        lines.append(f"{slow} left out, slow. To run them: {WITH_SLOW}")
    return lines
