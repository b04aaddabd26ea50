"""What is known of one run of worlds, and what it holds: codes, services and drivers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.core.closing import LeftBehind, close_all
from conformance.core.content import content
from conformance.core.deadline import Deadline
from conformance.core.errors import CannotInstall, ConformanceError, NotSupported
from conformance.core.scenario import Level, Scenario
from conformance.plugin.drivers import Drivers
from conformance.plugin.options import budget, levels, runtimes
from conformance.plugin.outcome import Bad, bad
from conformance.plugin.progress import LiveLine, say
from conformance.plugin.selection import Selection
from conformance.plugin.signals import undisturbed
from conformance.plugin.time_left import TimeLeft
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.check_code import check_code
from conformance.provision.catalog.code import Code, given_code, resolve, unread
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld
from conformance.provision.services.service import Service, attach
from conformance.provision.services.start import Force, url_for
from conformance.provision.services.together import Wanted, start_together
from conformance.queues.open import OpenQueue
from conformance.record.again import Again
from conformance.record.file import Verdict
from conformance.search.budget import BUDGETS, Budget, BudgetName

#: what a worker is given
_SERVICES = "world_services"
_CODES = "world_codes"
_BROKEN = "world_broken"


class Session:
    """One run, in the controller or in a worker.

    The controller finds codes and starts services (:meth:`start`) and hands them to its workers
    (:meth:`hand_over`, :meth:`take`); each process opens drivers of its own.
    """

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self.config = config
        self.targets = selection.targets
        #: what is replayed instead of searched, each on its world
        self.replays = selection.replays
        self.baseline = selection.baseline
        self.levels = levels(config)
        #: the releases that level ``runtime`` runs
        self.runtimes = runtimes(config)
        name, seconds = budget(config)
        self.budget: Budget = BUDGETS[cast(BudgetName, name)]
        #: how long the tests of this process may search, all together
        self.time = TimeLeft(seconds)
        if config.option.world_time_limit is None:
            config.option.world_time_limit = 3600.0 if self.budget.name == "thorough" else 600.0
        self.seed: int = config.option.world_seed
        #: the World's own queue is judged, instead of scenarios
        self.queues = config.option.world_queue == "world"
        #: every pair of operations is raced, instead of scenarios
        self.race_map: bool = config.option.world_map
        self.folder: Path = content("scenarios")
        #: Ctrl-C ended the run, or a signal did
        self.interrupted = False
        #: what the user sees while a test runs
        self.live = LiveLine(config)
        self._services: dict[str, Service] = {}
        self._codes: dict[str, Code] = {}
        self._broken: dict[str, ConformanceError] = {}
        self._drivers = Drivers(self.worker, config.option.world_call_limit, self.say)

    @property
    def given(self) -> dict[str, Any]:
        """What xdist gives to a worker, with what was handed over; empty in the process that owns the run."""
        given: dict[str, Any] = getattr(self.config, "workerinput", {})
        return given

    @property
    def is_worker(self) -> bool:
        return bool(self.given)

    @property
    def worker(self) -> str:
        """What tells the processes of this run apart."""
        return str(self.given.get("workerid", "main"))

    @property
    def workers(self) -> int:
        """How many processes share the tests."""
        return int(self.given.get("workercount", 1))

    # -- codes and services ------------------------------------------------------------------------

    def start(self) -> None:
        """Have the code of every world, then start all their services, side by side.

        Raises ``pytest.UsageError`` where a run of one world cannot have it.
        """
        ready = [target for target in self.targets if self._has_code(target)]
        served = [target for target in ready if target.descriptor.service is not None]
        failed = start_together([self._wanted(target) for target in served], self._services, self.say)
        errors = {id(target): error for target, error in zip(served, failed, strict=True)}
        for target in ready:
            error = errors.get(id(target))
            if error is not None:
                self._fail(target, error)
                continue
            service = self.service_of(target)
            notes = [note for one in (service.everything() if service else ()) for note in one.notes]
            for note in (*self._codes[target.label].notes, *notes, *unread(self._codes[target.label])):
                self.say(f"{target.label}: {note}")
        if len(ready) == len(self.targets) == 1 and not self.is_broken(ready[0]) and not self.queues:
            self._make(ready[0])

    def _make(self, target: Target) -> None:
        """Make the only World of a run, before its first test: what keeps it from being made is said once."""
        runtime = self.runtimes[0] if self.levels == ["runtime"] and not self.replays else None
        try:
            self.driver(target, runtime, Deadline(self.config.option.world_time_limit))
        except NotSupported:
            return  # it is what its verdicts say
        except ConformanceError as error:
            self._fail(target, error)
        if self.config.pluginmanager.has_plugin("dsession"):
            self.drop(target, runtime)  # the workers make their own

    def _has_code(self, target: Target) -> bool:
        """Whether the code of a world could be had, and the runtimes that will run over it."""
        try:
            if not target.cannot:
                self._check(target)
            code = self._codes[target.label] = resolve(target, progress=self.say)
            if "runtime" in self.levels or (self.queues and code.engine == "node"):
                for runtime in self.runtimes:
                    runtime.install(code.engine, progress=self.say)
        except ConformanceError as error:
            self._fail(target, error)
            return False
        return True

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

    def _wanted(self, target: Target) -> Wanted:
        assert target.descriptor.service is not None
        force, url = self._behind(target)
        return Wanted(target.descriptor.service, url, force)

    def _behind(self, target: Target) -> tuple[Force | None, str | None]:
        """``--world-service`` and the user's own server, as said here or in the record that is replayed."""
        option, asked, spec = self.config.option, target.asked, target.descriptor.service
        urls = option.world_service_url or ([asked.service_url] if asked.service_url else [])
        force = cast("Force | None", option.world_service or asked.service or None)
        url = url_for(spec.kind, urls) if spec is not None else None
        return force, url if force in (None, "url") else None

    def hand_over(self) -> dict[str, Any]:
        """What was found and started, as plain data for a worker."""
        return {
            _SERVICES: {kind: service.hand_over() for kind, service in self._services.items()},
            _CODES: {label: code.hand_over() for label, code in self._codes.items()},
            _BROKEN: {
                label: (error.what, error.hint, isinstance(error, NotSupported))
                for label, error in self._broken.items()
            },
        }

    def take(self, given: dict[str, Any]) -> None:
        """In a worker: what the controller handed over."""
        self._services = {kind: attach(service) for kind, service in given[_SERVICES].items()}
        for target in self.targets:
            if target.label in given[_CODES]:
                try:
                    self._codes[target.label] = given_code(target, given[_CODES][target.label])
                except ConformanceError as error:
                    self._broken[target.label] = error
            if target.label in given[_BROKEN]:
                what, hint, unsupported = given[_BROKEN][target.label]
                kind = NotSupported if unsupported else ConformanceError
                self._broken[target.label] = kind(what, hint)

    def code(self, target: Target) -> Code | None:
        """What code a target runs; None when it could not be had."""
        return self._codes.get(target.label)

    def is_broken(self, target: Target) -> bool:
        """Whether the target, or what is behind it, could not be had."""
        return target.label in self._broken

    def service_of(self, target: Target) -> Service | None:
        """What is behind a target. Raises :class:`ConformanceError` for one that could not be had."""
        if target.label in self._broken:
            raise self._broken[target.label]
        spec = target.descriptor.service
        return self._services[spec.key] if spec is not None else None

    # -- drivers -----------------------------------------------------------------------------------

    def driver(self, target: Target, runtime: RuntimeWanted | None, deadline: Deadline) -> OpenWorld:
        """The driver of a target, opened at its first use and kept; one with each runtime. What is done on it
        ends at ``deadline``. Raises :class:`ConformanceError`."""
        return self._drivers.world(target, self.service_of(target), runtime, deadline)

    def drop(self, target: Target, runtime: RuntimeWanted | None) -> None:
        """End a driver, whatever it is doing, and what it stored. :meth:`driver` opens another."""
        self._drivers.drop_world(target, runtime)

    def queue(self, target: Target, runtime: RuntimeWanted | None, deadline: Deadline) -> OpenQueue:
        """As :meth:`driver`, of the World's own queue."""
        return self._drivers.queue(target, self.service_of(target), runtime, deadline)

    def drop_queue(self, target: Target, runtime: RuntimeWanted | None) -> None:
        """As :meth:`drop`, of the World's own queue."""
        self._drivers.drop_queue(target, runtime)

    def close(self) -> None:
        """End hosts, then services. Safe to repeat. Signals that end a process do not interrupt it.

        What cannot be removed is said; all else still is.
        """
        services, self._services = self._services, {}
        with undisturbed():
            try:
                close_all(
                    lambda: self._drivers.close(at_once=self.interrupted),
                    *(service.stop for service in services.values()),
                )
            except LeftBehind as left:
                for line in left.lines:
                    self.say(line)

    # -- names and verdicts ------------------------------------------------------------------------

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

    def test_name(self, scenario: Scenario, target: Target, level: str, runtime: str) -> str:
        """The id of a test: short, stable, and the same in every directory."""
        return f"{scenario.id}[{target.label}-{self.stage(level, runtime)}]"

    def again(self, target: Target, seed: int | None = None) -> Again:
        """How this run was asked for, beside its world; ``seed`` when it is not that of the run."""
        force, url = self._behind(target)
        own = force or "" if target.descriptor.service is not None else ""
        return Again(own, url or "", self.seed if seed is None else seed)

    def bad(self, verdict: Verdict) -> Bad | None:
        """Why a verdict fails its test in this run, if it does."""
        option = self.config.option
        return bad(verdict, option.world_fail_on, option.world_depth, self.baseline, date.today())

    def say(self, text: str) -> None:
        """One line for the user."""
        self.live.clear()
        say(self.config, text)
