"""From a launch plan to a driver: the one place that knows both the catalogue and the engine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from conformance.core.closing import LeftBehind, close_all
from conformance.core.deadline import Deadline
from conformance.core.environment import ELSEWHERE, has_elsewhere
from conformance.core.scenario import Variant
from conformance.drivers.driver import CALL_LIMIT, Driver
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.drivers.messages import HostConnection
from conformance.drivers.relay import RelayDriver
from conformance.handlers import Policy
from conformance.memory.mutants import asked_for, world_of
from conformance.provision.catalog.code import Code, resolve
from conformance.provision.catalog.connections import guarded
from conformance.provision.catalog.install import Progress, silent
from conformance.provision.catalog.launch import Launch, begin_host, launch
from conformance.provision.catalog.plan import HostPlan, LaunchPlan, plan_for
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.rows import RowKeys, Tables, sqlite
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.service import Namespace, Service
from conformance.spec.batch import BATCHES


class Tidy:
    """Takes files out of a world's directory that were not there when its hosts had started.

    A world that keeps a file for each event reads them all; without this each schedule would be slower
    than the one before it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._kept: set[Path] | None = None

    def __call__(self) -> None:
        files = {path for path in self.directory.rglob("*") if path.is_file()}
        if self._kept is None:
            self._kept = files
        for path in files - self._kept:
            path.unlink(missing_ok=True)


def _waiting_for_files(directory: Path) -> int:
    """How many hosts wait for a lock that is a file: each leaves a note beside the data."""
    return sum(1 for _ in directory.glob(".waiting-*"))


@dataclass(slots=True)
class OpenWorld:
    """A driver, the plan that it was opened after, and how to let go of it."""

    plan: LaunchPlan
    driver: Driver
    #: its store and hosts; None: the world is in this process
    launch: Launch | None = None
    #: which handlers run over it at level ``handlers``; None: the real runtime's decisions
    policy: Policy | None = None
    #: the same store, with all actors in one instance of the world; None: on ``driver`` they are
    instance: Driver | None = None
    #: finds the rows that its statements touch, and says why keys are tables, when they are
    rows: RowKeys | None = None

    @property
    def code(self) -> Code:
        """What code it runs."""
        return self.plan.code

    @property
    def drivers(self) -> list[Driver]:
        """Both drivers, or the one that there is."""
        return [self.driver] if self.instance is None else [self.driver, self.instance]

    def driver_of(self, variant: Variant) -> Driver:
        """The driver on which a variant is raced: its actors may be callers of one instance."""
        return self.instance if variant.instance and self.instance is not None else self.driver

    @property
    def namespace(self) -> str:
        """What the names of this driver's store begin with, when it shares a service with others."""
        namespace = self.launch.namespace if self.launch is not None else None
        return namespace.name if namespace is not None else ""

    def close(self) -> None:
        """End the hosts, then drop what they stored. Safe to repeat. Raises :class:`LeftBehind`."""
        steps = [driver.close for driver in self.drivers]
        if self.launch is not None:
            steps.append(self.launch.close)
        close_all(*steps)


def _tables(service: Service, namespace: Namespace) -> Tables | None:
    with service.asking():
        return kind_of(service.kind).tables(namespace.url, namespace.name)


def _database_file(launched: Launch) -> Path | None:
    """The file of an embedded database whose statements are seen."""
    if "libsql" not in launched.world.get("gates", ()):
        return None
    return sqlite.file_of(launched.world.get("options", {}).values())


def open_world(
    target: Target,
    service: Service | None,
    name: str = "main",
    *,
    runtime: RuntimeWanted | None = None,
    progress: Progress = silent,
    deadline: Deadline | None = None,
    call_limit: float = CALL_LIMIT,
) -> OpenWorld:
    """Get the code of a target, and open it; parameters as of :func:`plan_for` and :func:`open_plan`."""
    code = resolve(target, progress=progress)
    plan = plan_for(code, service, name, runtime=runtime, call_limit=call_limit, progress=progress)
    return open_plan(plan, progress=progress, deadline=deadline)


def open_plan(
    plan: LaunchPlan, *, progress: Progress = silent, deadline: Deadline | None = None
) -> OpenWorld:
    """Drivers on a fresh store, as the plan says. Hosts start when first used.

    Raises the :class:`ConformanceError` that says what is missing, and :class:`OutOfTime` when the world's
    set-up takes longer than ``deadline``.
    """
    opened = _in_process(plan) if plan.host is None else _hosted(plan, progress, deadline)
    if plan.relay is None:
        return opened
    start = partial(_start_relay, plan.relay, f"{plan.code.target.label}, its runtime", opened.driver)
    relayed = RelayDriver(start, opened.driver, call_limit=plan.call_limit)
    return OpenWorld(plan, relayed, opened.launch, opened.policy, rows=opened.rows)


def _in_process(plan: LaunchPlan) -> OpenWorld:
    options = plan.code.target.options
    mutant = asked_for(options)
    driver = InProcessDriver(world_of(options), call_limit=plan.call_limit)
    return OpenWorld(plan, driver, policy=mutant.policy if mutant is not None else None)


def _start_relay(
    relay: HostPlan, name: str, world: Driver, actors: list[str], seed: int, clock: int
) -> HostConnection:
    """Start a host of the runtime. ``world`` was opened before, and the runtime is told what it declares."""
    declared: dict[str, Any] = {} if world.spec_version is None else {"specVersion": world.spec_version}
    if BATCHES in world.capabilities:
        declared["batches"] = True
    about = {**relay.world, **({"options": declared} if declared else {})}
    return begin_host(relay.command, guarded(relay.env, ()), name, about, actors, seed, clock)


def _hosted(plan: LaunchPlan, progress: Progress, deadline: Deadline | None) -> OpenWorld:
    launched = launch(plan, progress=progress, deadline=deadline)
    try:
        waits = launched.waits()
    except BaseException:
        with suppress(LeftBehind):  # the first failure is reported
            launched.close()
        raise
    has_folder = plan.isolation == "directory"
    files = None
    if has_folder and "fs" in launched.world.get("gates", ()):
        files = partial(_waiting_for_files, launched.directory)

    def open_host(actors: list[str], seed: int, clock: int) -> HostConnection:
        # Several actors in one process are callers of one instance.
        return launched.start_host(actors, seed, clock, shared=len(actors) > 1)

    def open_abroad(actors: list[str], seed: int, clock: int) -> HostConnection:
        return launched.start_host(actors, seed, clock, zone=ELSEWHERE)

    rows = None
    if plan.service is not None and launched.namespace is not None:
        rows = RowKeys(
            partial(_tables, plan.service, launched.namespace),
            lambda why: progress(f"{plan.code.target.label}: {why}"),
        )
    elif (file := _database_file(launched)) is not None:
        rows = RowKeys(
            partial(sqlite.tables_of, file), lambda why: progress(f"{plan.code.target.label}: {why}")
        )
    drivers: list[HostedDriver] = []
    empty = launched.namespace.empty if launched.namespace is not None else None

    def renew() -> None:
        # What a World keeps in its process (that a group was made, say) is of the store as it was.
        for each in drivers:
            each.revive()
        if empty is not None:
            empty()

    has_runtime = plan.runtime is not None and plan.relay is None
    hosted = partial(
        HostedDriver,
        open_host,
        locks=plan.locks or files is not None,
        waiting=waits.count if waits is not None else files,
        tidy=Tidy(launched.directory) if has_folder else None,
        runtime=has_runtime,
        restart=plan.service.restart if plan.service is not None else None,
        call_limit=plan.call_limit,
        rows_of=rows,
        renew=renew if empty is not None else None,
        open_abroad=open_abroad if plan.code.engine == "node" or has_elsewhere() else None,
        # Nothing but ids keeps runs apart there.
        salt=launched.namespace.name if plan.isolation == "runs" and launched.namespace is not None else "",
    )
    driver = hosted(shared=plan.shared_process)
    instance = None if plan.shared_process else hosted(shared=True, nth=1)
    drivers += [driver] if instance is None else [driver, instance]
    return OpenWorld(plan, driver, launched, instance=instance, rows=rows)
