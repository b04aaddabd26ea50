"""One run of worlds inside pytest: what is judged, on which services, and where the record goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from conformance.core.closing import LeftBehind, close_all
from conformance.core.content import content
from conformance.core.deadline import Deadline
from conformance.core.errors import CannotInstall, ConformanceError, NoService
from conformance.core.exits import FAILED, INCONCLUSIVE, INTERNAL
from conformance.core.redact import know_environment, redact_command, shown
from conformance.core.scenario import Level, Scenario
from conformance.core.scenarios import scenarios
from conformance.core.text import one_line
from conformance.plugin.options import budget, levels, runtimes, shard
from conformance.plugin.outcome import Bad, bad, status
from conformance.plugin.signals import end_in_order, undisturbed
from conformance.plugin.time_left import TimeLeft
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.asked import Asked, refuse_hidden
from conformance.provision.catalog.check_code import check_code
from conformance.provision.catalog.code import Code, given_code, resolve
from conformance.provision.catalog.node import find_node
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld, RuntimeWanted, open_world
from conformance.provision.services.service import Service, attach
from conformance.provision.services.start import Force, start_service, url_for
from conformance.record.again import Again
from conformance.record.file import Footer, Line, Planned, RecordWriter, Verdict, WorldLine
from conformance.record.file import Service as ServiceLine
from conformance.record.header import new_header
from conformance.record.recorded import select_recorded
from conformance.record.replays import Replayed, read_replays
from conformance.record.seal import seal
from conformance.report.baseline import Baseline, load_baseline
from conformance.report.scenario_names import of_this_suite
from conformance.search.budget import BUDGETS, Budget, BudgetName

if TYPE_CHECKING:
    from conformance.plugin.items import Scenarios
    from conformance.plugin.queue_items import QueueDrivers

#: what a worker is given
#: a world, how it was asked for, and the runtime over it
DriverKey = tuple[str, Asked, RuntimeWanted | None]

_SERVICES = "world_services"
_CODES = "world_codes"
_BROKEN = "world_broken"
#: what the statuses say that pytest does not have, or that need a word
MEANING = {
    INCONCLUSIVE: "no rule was seen broken, but something could not be judged",
    INTERNAL: "a test ended without a verdict: a defect of the suite",
}


class WorldRun:
    """A pytest plugin object: registered only when ``--world`` is given, in controller and workers.

    The controller starts services and writes the record; workers get the services' addresses, judge,
    and send their verdicts home on the test reports.
    """

    def __init__(
        self,
        config: pytest.Config,
        targets: list[Target],
        replays: list[tuple[Target, Replayed]],
        baseline: Baseline,
    ) -> None:
        self.config = config
        self.targets = targets
        #: what is replayed instead of searched, each on its world
        self.replays = replays
        self.levels = levels(config)
        #: the releases that level ``runtime`` runs
        self.runtimes = runtimes(config)
        self.shard = shard(config)
        self.baseline = baseline
        name, seconds = budget(config)
        self.budget: Budget = BUDGETS[cast(BudgetName, name)]
        #: how long the tests of this process may search, all together
        self.time = TimeLeft(seconds)
        if config.option.world_time_limit is None:
            config.option.world_time_limit = 3600.0 if self.budget.name == "thorough" else 600.0
        self.seed: int = config.option.world_seed
        self.folder = content("scenarios")
        self.services: dict[str, Service] = {}
        self.verdicts: list[Verdict] = []
        #: the drivers of real queues, with ``--world-queue=world``
        self.queues: QueueDrivers | None = None
        if config.option.world_queue == "world":
            from conformance.plugin.queue_items import QueueDrivers  # noqa: PLC0415 - it imports this module

            self.queues = QueueDrivers(self)
        self._lines: list[tuple[WorldLine, Target]] = []
        self._drivers: dict[DriverKey, OpenWorld] = {}
        self._broken: dict[str, ConformanceError] = {}
        #: drivers that could not be opened
        self._unopened: dict[DriverKey, ConformanceError] = {}
        self._codes: dict[str, Code] = {}
        #: of each test that failed, why
        self._failed: list[set[Bad]] = []
        self._writer: RecordWriter | None = None
        #: why the record ends before the run does, if so
        self.cut_short = ""
        self._begun = False
        self._interrupted = False
        self._undo_signals = end_in_order()
        self.header = new_header(
            seed=self.seed,
            budget=config.option.world_budget,
            node=_node(targets),
            shard=config.option.world_shard or "",
            command=redact_command(["pytest", *sys.argv[1:]]),
        )
        self.header.scenarios = of_this_suite()

    @classmethod
    def of(cls, config: pytest.Config) -> WorldRun:
        """Read the options. Raises ``pytest.UsageError`` with what is wrong and what to do."""
        option = config.option
        know_environment(os.environ)
        try:
            replays = read_replays(option.world_replay) if option.world_replay else []
            baseline = load_baseline(option.world_baseline) if option.world_baseline else Baseline()
            given = option.world or option.world_path or option.world_package or option.world_class
            pairs: list[tuple[Target, Replayed]] = []
            for url in option.world_service_url:
                refuse_hidden("--world-service-url", url)
            if replays and replays[0].world and not given:
                pairs = select_recorded(
                    replays,
                    option.world_replay,
                    option.world_option,
                    url_given=bool(option.world_service_url),
                )
            targets = list({id(target): target for target, _ in pairs}.values()) or select(
                option.world,
                path=Path(option.world_path) if option.world_path else None,
                package=option.world_package,
                cls=option.world_class,
                manifest=Path(option.world_manifest) if option.world_manifest else None,
                options=option.world_option,
                service_url=next(iter(option.world_service_url), None),
                allow_shell=option.world_manifest_shell,
            )
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from None
        if replays and option.world_queue == "world":
            raise pytest.UsageError(
                "--world-queue=world and --world-replay exclude each other: what happens in real time "
                "cannot be replayed"
            )
        if not targets:
            raise pytest.UsageError("--world-replay: say which world, with --world=NAME")
        pairs = pairs or [
            (target, replayed)
            for target in targets
            for replayed in replays
            if replayed.world in ("", target.world, target.label)
        ]
        if replays and not pairs:
            found = ", ".join(dict.fromkeys(one_line(one.world, 60) for one in replays))
            names = ", ".join(target.label for target in targets)
            raise pytest.UsageError(
                f"--world-replay={option.world_replay}: no failure of {names} is in it, "
                f"there are some of {found}"
            )
        return cls(config, targets, pairs, baseline)

    @property
    def worlds(self) -> list[WorldLine]:
        """The worlds of this run, as the record names them."""
        return [line for line, _ in self._lines]

    @property
    def is_worker(self) -> bool:
        return hasattr(self.config, "workerinput")

    # -- services and drivers ----------------------------------------------------------------------

    def pytest_sessionstart(self) -> None:
        """Start what the worlds need, once; a worker is told where it is."""
        if self.is_worker:
            given: dict[str, Any] = self.config.workerinput  # type: ignore[attr-defined]
            self.services = {kind: attach(service) for kind, service in given[_SERVICES].items()}
            for target in self.targets:
                if target.label in given[_CODES]:
                    self._codes[target.label] = given_code(target, given[_CODES][target.label])
                if target.label in given[_BROKEN]:
                    self._broken[target.label] = ConformanceError(*given[_BROKEN][target.label])
            return
        if self.config.option.collectonly:
            return
        for target in self.targets:
            try:
                self._check(target)
                code = self._codes[target.label] = resolve(target, progress=self.say)
                if "runtime" in self.levels or (self.queues and code.engine == "node"):
                    for runtime in self.runtimes:
                        runtime.install(code, progress=self.say)
                service = self._service(target)
            except ConformanceError as error:
                self._fail(target, error)
                continue
            for note in (*code.notes, *(service.notes if service else ())):
                self.say(f"{target.label}: {note}")
            line = WorldLine(
                world=target.world,
                implementation=code.implementation,
                package=code.name,
                version=code.version,
                service=_service_line(service),
                notes=[note for note in (target.descriptor.notes, *code.notes) if note],
                asked=self.again(target).words(target, code),
            )
            line.seal = seal(line.asked)
            self._lines.append((line, target))

    def _check(self, target: Target) -> None:
        """What `doctor` checks of the code, before anything is installed. Raises :class:`CannotInstall`."""
        env: dict[str, str] = {}
        replayed = [RuntimeWanted.of(one.runtime) for _, one in self.replays if one.runtime]
        runtime = (replayed or self.runtimes)[0]
        if target.cls is not None and runtime.language == "python":
            env = python_runtime.environment(runtime.version, progress=self.say)
        for finding in check_code(target, env=env):
            if finding.state == "missing":
                raise CannotInstall(finding.what, finding.hint)

    def _fail(self, target: Target, error: ConformanceError) -> None:
        """One world that cannot be had ends a run of one, and is inconclusive in a run of several, or in one
        that only reports."""
        if len(self.targets) == 1 and self.config.option.world_fail_on != "never":
            self.close()
            raise pytest.UsageError(str(error))
        self._broken[target.label] = error
        self.say(f"{target.label}: {error}")
        line = WorldLine(
            world=target.world, implementation=target.implementation, version=target.version or ""
        )
        code = self.code(target)
        if code is not None:  # it is something else that is missing
            line.implementation, line.package, line.version = code.implementation, code.name, code.version
        self._lines.append((line, target))

    def _service(self, target: Target) -> Service | None:
        spec = target.descriptor.service
        if spec is None:
            return None
        force, url = self._behind(target)
        if spec.kind not in self.services:
            self.services[spec.kind] = start_service(spec, url=url, force=force, progress=self.say)
        elif url is not None and self.services[spec.kind].url != url:
            raise NoService(
                f"The record was made on several servers of kind {spec.kind}.", "Give --world-service-url."
            )
        return self.services[spec.kind]

    def _behind(self, target: Target) -> tuple[Force | None, str | None]:
        """``--world-service`` and the user's own server, as said here or in the record that is replayed."""
        option, asked, spec = self.config.option, target.asked, target.descriptor.service
        urls = option.world_service_url or ([asked.service_url] if asked.service_url else [])
        force = cast("Force | None", option.world_service or asked.service or None)
        url = url_for(spec.kind, urls) if spec is not None else None
        return force, url if force in (None, "url") else None

    def again(self, target: Target, seed: int | None = None) -> Again:
        """How this run was asked for, beside its world; ``seed`` when it is not that of the run."""
        force, url = self._behind(target)
        own = force or "" if target.descriptor.service is not None else ""
        return Again(own, url or "", self.seed if seed is None else seed)

    def pytest_configure_node(self, node: Any) -> None:
        """xdist: hand over to a worker what was found and started."""
        node.workerinput[_SERVICES] = {kind: service.hand_over() for kind, service in self.services.items()}
        node.workerinput[_CODES] = {label: code.hand_over() for label, code in self._codes.items()}
        node.workerinput[_BROKEN] = {label: (error.what, error.hint) for label, error in self._broken.items()}

    def driver(self, target: Target, runtime: RuntimeWanted | None, deadline: Deadline) -> OpenWorld:
        """The driver of a target, opened at its first use and kept; one with each runtime. What is done on it
        ends at ``deadline``. Raises :class:`ConformanceError`."""
        key = _driver_key(target, runtime)
        service = self.service_of(target)
        driver = self._drivers.get(key)
        if driver is None:
            if key in self._unopened:
                raise self._unopened[key]  # its set-up would fail again, after as long a wait
            try:
                driver = open_world(
                    target, service, self.worker, runtime=runtime, progress=self.say, deadline=deadline
                )
            except ConformanceError as error:
                self._unopened[key] = error
                raise
            for one in driver.drivers:
                one.call_limit = self.config.option.world_call_limit
            self._drivers[key] = driver
        for one in driver.drivers:
            one.deadline = deadline
        return driver

    def drop(self, target: Target, runtime: RuntimeWanted | None) -> None:
        """End a driver, whatever it is doing, and what it stored. :meth:`driver` opens another."""
        opened = self._drivers.pop(_driver_key(target, runtime), None)
        if opened is not None:
            for one in opened.drivers:
                one.revive()
            opened.close()

    def code(self, target: Target) -> Code | None:
        """What code a target runs; None when it could not be had."""
        return self._codes.get(target.label)

    @property
    def worker(self) -> str:
        """What tells the processes of this run apart."""
        return self.config.workerinput["workerid"] if self.is_worker else "main"  # type: ignore[attr-defined]

    def service_of(self, target: Target) -> Service | None:
        """What is behind a target. Raises :class:`ConformanceError` for one that could not be had."""
        if target.label in self._broken:
            raise self._broken[target.label]
        spec = target.descriptor.service
        return self.services[spec.kind] if spec is not None else None

    def close(self) -> None:
        """End hosts, then services. Safe to repeat. Signals that end a process do not interrupt it.

        What cannot be removed is said; all else still is.
        """
        drivers, self._drivers = self._drivers, {}
        services, self.services = self.services, {}
        with undisturbed():
            if self._interrupted:
                for opened in drivers.values():
                    for one in opened.drivers:
                        one.revive()  # nobody waits for a World that closes slowly
            try:
                close_all(
                    *([self.queues.close] if self.queues is not None else []),
                    *(opened.close for opened in drivers.values()),
                    *(service.stop for service in services.values()),
                )
            except LeftBehind as left:
                for line in left.lines:
                    self.say(line)

    def pytest_keyboard_interrupt(self) -> None:
        self._interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        self.close()
        if self._writer is not None:
            self._writer.close()
        self._undo_signals()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the part of the tests that this shard runs; the parts of all shards are all tests."""
        if self.shard is None:
            return
        part, parts = self.shard
        mine = items[part - 1 :: parts]
        config.hook.pytest_deselected(items=[item for item in items if item not in mine])
        items[:] = mine

    # -- collection -----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> Scenarios | None:
        """Our folder of scenarios gives our items; every other folder is not looked into."""
        if path != self.folder:
            return None
        from conformance.plugin.items import Scenarios  # noqa: PLC0415 - it imports this module

        return Scenarios.of(parent, self)

    def stages(self) -> list[tuple[Level, str]]:
        """The levels asked for, and at level ``runtime`` each release: ``("runtime", "4.8.9")``."""
        found: list[tuple[Level, str]] = []
        for level in cast(list[Level], self.levels):
            names = [runtime.label for runtime in self.runtimes] if level == "runtime" else [""]
            found += [(level, name) for name in names]
        return found

    def stage(self, level: str, runtime: str) -> str:
        """How a test's name says its level: with the release when there are several."""
        return f"{level}@{runtime.replace(' ', '-')}" if runtime and len(self.runtimes) > 1 else level

    # -- the record -----------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The tests are chosen: the record begins with what will be judged."""
        workers = self.config.workerinput["workercount"] if self.is_worker else 1  # type: ignore[attr-defined]
        self.time.plan(sum(getattr(item, "variants", 0) for item in session.items) / workers)
        if session.items:
            self._begin([item.name for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The same, when workers collect."""
        self._begin(ids)

    def _begin(self, tests: Sequence[str]) -> None:
        if self.is_worker or self._begun or self.config.option.collectonly:
            return
        self._begun = True
        chosen = set(tests)
        for world, target in self._lines:
            world.planned = [
                Planned(level=level, scenario=scenario.number, variant=variant.name, runtime=name)
                for scenario in scenarios()
                for level, name in self.stages()
                if test_name(scenario, target, self.stage(level, name)) in chosen
                for variant in scenario.at(level)
            ]
            if self.queues is not None:
                world.planned += self.queues.planned(target, chosen)
        self._open_record()

    def _open_record(self) -> None:
        path = self.config.option.world_record
        if path is None:
            return
        try:
            self._writer = RecordWriter(path)
            self._writer.write(self.header)
            for world in self.worlds:
                self._writer.write(world)
        except (ConformanceError, OSError) as error:
            self.close()
            said = error.strerror or error if isinstance(error, OSError) else error
            raise pytest.UsageError(f"--world-record={path}: {said}") from None

    def _record(self, line: Line) -> None:
        """Append a line to the record. When that cannot be done the tests go on, and the run ends with 4."""
        if self._writer is None:
            return
        try:
            self._writer.write(line)
        except OSError as error:
            self.cut_short = f"cut short, {error.strerror or error}: the lines before that can be read"
            self._writer.close()
            self._writer = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdicts of a test on its report, as plain data that can travel between processes."""
        report = yield
        if call.when == "call":
            verdicts: list[Verdict] = getattr(item, "verdicts", [])
            report.world_verdicts = [msgspec.to_builtins(verdict) for verdict in verdicts]  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Verdicts come home on the report of their test, from a worker too."""
        if self.is_worker:
            return
        verdicts = [msgspec.convert(line, Verdict) for line in getattr(report, "world_verdicts", ())]
        if report.failed:
            self._failed.append({why for why in map(self.bad, verdicts) if why is not None})
        for verdict in verdicts:
            self.verdicts.append(verdict)
            self._record(verdict)

    def bad(self, verdict: Verdict) -> Bad | None:
        """Why a verdict fails its test in this run, if it does."""
        option = self.config.option
        return bad(verdict, option.world_fail_on, option.world_depth, self.baseline, date.today())

    def status(self, exitstatus: int) -> int:
        """The exit status of a run that pytest ends with ``exitstatus``."""
        return status(self._failed) if exitstatus == FAILED and self._failed else int(exitstatus)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.is_worker:
            return
        session.exitstatus = exitstatus = self.status(exitstatus)
        if self.config.option.world_record is None:
            return
        counts = dict(Counter[str](verdict.verdict for verdict in self.verdicts))
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._record(Footer(finished=finished, counts=counts, exit=int(exitstatus)))
        if self.cut_short:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    # -- what the user sees ---------------------------------------------------------------------

    def say(self, text: str) -> None:
        """One line of progress."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(shown(text))

    def pytest_report_header(self) -> str:
        names = shown(", ".join(target.label for target in self.targets))
        budget = self.config.option.world_budget
        return f"worlds: {names} (levels {', '.join(self.levels)}; budget {budget}; seed {self.seed})"

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        """The matrix, and every failure with how to see it again."""
        if not self.is_worker and (meaning := MEANING.get(self.status(exitstatus))):
            self.say(f"exit status {self.status(exitstatus)}: {meaning}")
        if self.is_worker or not self.verdicts:
            return
        from conformance.plugin.summary import print_summary  # noqa: PLC0415 - rich is slow to import

        print_summary(self, terminalreporter)


def _driver_key(target: Target, runtime: RuntimeWanted | None) -> DriverKey:
    return target.label, target.asked, runtime


def test_name(scenario: Scenario, target: Target, level: str) -> str:
    """The id of a test: short, stable, and the same in every directory."""
    return f"{scenario.id}[{target.label}-{level}]"


def _service_line(service: Service | None) -> ServiceLine | None:
    if service is None:
        return None
    return ServiceLine(kind=service.kind, version=service.version, how=service.how, url=service.shown)


def _node(targets: list[Target]) -> str:
    """The version of the Node that hosts will run on; empty when none is needed."""
    if all(target.descriptor.engine != "node" for target in targets):
        return ""
    try:
        return subprocess.run(
            [find_node(), "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout.strip()
    except (ConformanceError, OSError, subprocess.TimeoutExpired):
        return ""  # a run that needs it says what is missing
