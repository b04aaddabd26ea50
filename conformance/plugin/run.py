"""The hooks of one run of worlds: pytest says when, the session and the recorder do."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import ConformanceError
from conformance.core.exits import INCONCLUSIVE, INTERNAL
from conformance.core.redact import know_environment, shown
from conformance.plugin.collect import Scenarios
from conformance.plugin.failures import PrintedOnce
from conformance.plugin.options import shard
from conformance.plugin.progress import WorkersLine
from conformance.plugin.recorder import Recorder, from_report, on_report
from conformance.plugin.selection import read_selection
from conformance.plugin.session import Session
from conformance.plugin.shards import part_of, seconds_of
from conformance.plugin.signals import end_in_order

#: what the statuses say that pytest does not have, or that need a word
MEANING = {
    INCONCLUSIVE: "no rule was seen broken, but something could not be judged",
    INTERNAL: "a test ended without a verdict: a defect of the suite",
}
#: The plugin of Hypothesis imports all of it for its summary, 0.4 s of CPU; no test here is its own.
_SUMMARY_OF_HYPOTHESIS = "hypothesispytest"


#: where a worker finds how long tests took before
_SECONDS = "world_durations"


class WorldRun:
    """A pytest plugin object: registered only when ``--world`` is given, in controller and workers.

    The controller starts services and writes the record; workers get the services' addresses, judge,
    and send their verdicts home on the test reports.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Read the options. Raises ``pytest.UsageError`` with what is wrong and what to do."""
        know_environment(os.environ)
        self.session = Session(config, read_selection(config.option))
        self.recorder = Recorder(self.session)
        self._shard = shard(config)
        self._seconds = self._durations(config.option.world_durations)
        self._undo_signals = end_in_order()
        self.printed_once = PrintedOnce(self.session)
        config.pluginmanager.register(self.printed_once, "world-conformance-failures")
        #: what the workers of xdist do, in the process that starts them
        self._workers = WorkersLine(config)

    def _durations(self, path: str | None) -> dict[str, float]:
        """How long tests took before; a worker is told, for the file may be on another machine."""
        if path is None:
            return {}
        if self.session.is_worker:
            return dict(self.session.given[_SECONDS])
        if self._shard is None:
            raise pytest.UsageError("--world-durations says how to cut a run: give --world-shard=K/N, too")
        try:
            return seconds_of(Path(path))
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from None

    # -- beginning and end -------------------------------------------------------------------------

    def pytest_sessionstart(self) -> None:
        """Start what the worlds need, once; a worker is told where it is."""
        if self.session.is_worker:
            self.session.take(self.session.given)
        elif not self.session.config.option.collectonly:
            self.session.start()

    def pytest_configure_node(self, node: Any) -> None:
        """xdist: hand over to a worker what was found and started."""
        node.workerinput.update({**self.session.hand_over(), _SECONDS: self._seconds})

    def pytest_keyboard_interrupt(self) -> None:
        self.session.interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.session.is_worker:
            return
        plugins = session.config.pluginmanager
        if "hypothesis" not in sys.modules and plugins.has_plugin(_SUMMARY_OF_HYPOTHESIS):
            plugins.unregister(name=_SUMMARY_OF_HYPOTHESIS)
        session.exitstatus = status = self.recorder.status(exitstatus)
        self.recorder.end(status)
        if self.recorder.cut_short:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        self.session.close()
        self.recorder.close()
        self._undo_signals()

    # -- collection --------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> Scenarios | None:
        """Our folder of scenarios gives our items; every other folder is not looked into."""
        return Scenarios.of(parent, self.session) if path == self.session.folder else None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the part of the tests that this shard runs; the parts of all shards are all tests."""
        if self._shard is None:
            return
        part, parts = self._shard
        mine = part_of([item.name for item in items], part, parts, self._seconds)
        others = set(range(len(items))).difference(mine)
        config.hook.pytest_deselected(items=[items[place] for place in sorted(others)])
        items[:] = [items[place] for place in mine]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The tests are chosen: the record begins with what will be judged."""
        variants = sum(getattr(item, "variants", 0) for item in session.items)
        self.session.time.plan(variants / self.session.workers)
        self.session.live.plan(variants)
        if session.items:
            self._begin([item.name for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The same, when workers collect."""
        self._workers.tests = len(ids)
        self._begin(ids)

    def _begin(self, tests: Sequence[str]) -> None:
        if not self.session.is_worker and not self.session.config.option.collectonly:
            self.recorder.begin(tests)

    # -- verdicts ----------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdicts of a test on its report, which may travel between processes."""
        report = yield
        if call.when == "call":
            report.world_verdicts = on_report(getattr(item, "verdicts", []))  # type: ignore[attr-defined] # ours
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Verdicts come home on the report of their test, from a worker too."""
        if not self.session.is_worker:
            self.recorder.add(from_report(getattr(report, "world_verdicts", ())), failed=report.failed)
            if report.when == "call":
                self._workers.finished(report.nodeid, failed=report.failed)

    # -- what the user sees ------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Where workers run the tests, say now and then what they do."""
        if not self.session.config.pluginmanager.has_plugin("dsession"):
            return (yield)
        with self._workers.shown():
            return (yield)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._workers.started(nodeid)

    def pytest_report_header(self) -> list[str]:
        names = shown(", ".join(target.label for target in self.session.targets))
        option, levels = self.session.config.option, ", ".join(self.session.levels)
        said = f"worlds: {names} (levels {levels}; budget {option.world_budget}; seed {self.session.seed})"
        return [said, *([f"options from {option.world_settings}"] if option.world_settings else [])]

    def _kept(self) -> str:
        """What there is of a run that was stopped."""
        judged = len({verdict.test for verdict in self.recorder.run.verdicts})
        path = self.session.config.option.world_record
        kept = f"; their verdicts are in {shown(str(path))}" if path is not None and judged else ""
        return f"stopped before the end: {judged} {'test was' if judged == 1 else 'tests were'} judged{kept}"

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        """The matrix, and every failure with how to see it again."""
        if self.session.is_worker:
            return
        status = self.recorder.status(exitstatus)
        if meaning := MEANING.get(status):
            self.session.say(f"exit status {status}: {meaning}")
        if self.session.interrupted:
            self.session.say(self._kept())
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            words = self.session.config.option.keyword
            chosen = f"-k {shown(words)!r} chose none of them" if words else "none of them was chosen"
            self.session.say(f"nothing was judged: {chosen}; pytest --collect-only lists the tests")
        if not self.recorder.run.verdicts:
            return
        from conformance.plugin.summary import print_summary  # noqa: PLC0415 - rich is slow to import

        failed = self.printed_once.failed
        print_summary(self.session, self.recorder.run, self.recorder.cut_short, terminalreporter, failed)
