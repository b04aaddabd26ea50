"""From a target to a driver: get the code, plan the launch, choose the driver.

The one place that knows both the catalogue and the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from conformance.core.closing import LeftBehind, close_all
from conformance.core.content import HOSTS
from conformance.core.deadline import Deadline
from conformance.core.errors import NotSupported
from conformance.drivers.driver import CALL_LIMIT, Driver
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.in_process import InProcessDriver
from conformance.drivers.messages import Host
from conformance.drivers.process.host import HostProcess, Refused
from conformance.drivers.relay import RelayDriver
from conformance.handlers import Policy
from conformance.memory.mutants import asked_for, world_of
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.code import Code, resolve
from conformance.provision.catalog.connections import guarded
from conformance.provision.catalog.launch import LaunchPlan, launch, node_host_command, python_host_command
from conformance.provision.catalog.runtimes import Language, runtime_code, which
from conformance.provision.catalog.target import Target
from conformance.provision.rows import RowKeys, Tables
from conformance.provision.services.kinds import Waits, kind_of
from conformance.provision.services.service import Namespace, Service

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """No progress wanted."""


@dataclass(frozen=True, slots=True)
class RuntimeWanted:
    """A release of a real runtime; ``translate``: the world's errors are said in its dialect.

    ``language`` is ``node`` for ``@workflow/core`` and ``python`` for ``vercel-workflow``.
    """

    version: str
    translate: bool = False
    language: Language = "node"

    @property
    def label(self) -> str:
        """How records name it: verdicts with translated errors are not verdicts of that release alone."""
        name = self.version if self.language == "node" else f"{self.language} {self.version}"
        return f"{name} translated" if self.translate else name

    @property
    def word(self) -> str:
        """How ``--world-runtime`` asks for it."""
        return self.version if self.language == "node" else f"{self.language}@{self.version}"

    @classmethod
    def of(cls, label: str) -> RuntimeWanted:
        """The inverse of :attr:`label`."""
        words = label.split(" ")
        language: Language = "node"
        if words[0] == "python":
            language = "python"
            del words[0]
        return cls(words[0], words[-1] == "translated", language)

    def install(self, code: Code, *, progress: Progress = _silent) -> None:
        """Have it on disk before a test waits for it. Raises :class:`CannotInstall`."""
        if self.language == "node":
            runtime_code(self.version, progress=progress)
        elif code.engine != "node":
            python_runtime.environment(self.version, progress=progress)

    @classmethod
    def parse(cls, word: str, *, translate: bool = False) -> RuntimeWanted:
        """What ``--world-runtime`` asks for. Raises :class:`ConformanceError` for what is not a version."""
        language, version = which(word)
        return cls(version, translate and language == "node", language)


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
    """A driver, what code it runs, and how to let go of both."""

    driver: Driver
    code: Code
    plan: LaunchPlan | None = None
    #: which handlers run over it at level ``handlers``; None: the real runtime's decisions
    policy: Policy | None = None
    waits: Waits | None = None
    #: the same store, with all actors in one instance of the world; None: on ``driver`` they are
    instance: Driver | None = None
    #: finds the rows that its statements touch, and says why keys are tables, when they are
    rows: RowKeys | None = None
    #: the real runtime in its hosts, if there is one
    runtime: RuntimeWanted | None = None

    @property
    def drivers(self) -> list[Driver]:
        """Both drivers, or the one that there is."""
        return [self.driver] if self.instance is None else [self.driver, self.instance]

    @property
    def namespace(self) -> str:
        """What the names of this driver's store begin with, when it shares a service with others."""
        return self.plan.namespace.name if self.plan is not None and self.plan.namespace is not None else ""

    def close(self) -> None:
        """End the hosts, then drop what they stored. Safe to repeat. Raises :class:`LeftBehind`."""
        steps = [driver.close for driver in self.drivers]
        if self.waits is not None:
            steps.append(self.waits.close)
        if self.plan is not None:
            steps.append(self.plan.close)
        close_all(*steps)


def _tables(service: Service, namespace: Namespace) -> Tables | None:
    with service.asking():
        return kind_of(service.kind).tables(namespace.url, namespace.name)


def open_world(
    target: Target,
    service: Service | None,
    name: str = "main",
    *,
    runtime: RuntimeWanted | None = None,
    progress: Progress = _silent,
    deadline: Deadline | None = None,
    call_limit: float = CALL_LIMIT,
) -> OpenWorld:
    """A driver on a fresh store of a target. ``name`` keeps the workers of one test run apart.

    With ``runtime`` the real runtime runs over it too: in the world's own hosts, or in one beside a world
    that is not of Node. ``call_limit``: how long an actor that no lock explains may give no sign, in seconds.
    Raises the :class:`ConformanceError` that says what is missing, and
    :class:`OutOfTime` when the world's set-up takes longer than ``deadline``. Hosts start when first used.
    """
    code = resolve(target, progress=progress)
    if runtime is None:
        return _open(target, code, service, name, None, progress, deadline, call_limit)
    if runtime.language == "python":
        opened = _with_python_runtime(
            target, code, service, name, runtime.version, progress, deadline, call_limit
        )
        opened.runtime = runtime
        return opened
    root = runtime_code(runtime.version, progress=progress).root
    core = {"root": str(root), "translate": runtime.translate}
    if code.engine == "node":
        opened = _open(target, code, service, name, core, progress, deadline, call_limit)
    else:
        opened = _open(target, code, service, name, None, progress, deadline, call_limit)
        declared = world_of(target.options)().spec_version if code.engine == "memory" else None
        opened.driver = _relayed(opened.driver, core, target.label, call_limit, declared)
    opened.runtime = runtime
    return opened


def _with_python_runtime(
    target: Target,
    code: Code,
    service: Service | None,
    name: str,
    version: str,
    progress: Progress,
    deadline: Deadline | None,
    call_limit: float,
) -> OpenWorld:
    """The runtime of ``vercel-workflow`` in the world's own hosts, or beside a world in this process."""
    if code.engine == "node":
        raise NotSupported(
            "the Python runtime takes Worlds written in Python, and this one is a package for Node",
            "Judge it with a release of @workflow/core.",
        )
    env = python_runtime.environment(version, progress=progress)
    asked = {"version": version}
    if code.engine == "python":
        opened = _open(target, code, service, name, asked, progress, deadline, call_limit)
        assert opened.plan is not None
        opened.plan.env |= env
        return opened
    opened = _open(target, code, service, name, None, progress, deadline, call_limit)

    def open_host(actors: list[str], seed: int, clock: int) -> Host:
        world = {"relayed": True, "shared": True, "runtime": asked}
        name = f"{target.label}, its runtime"
        return _begin(python_host_command(), env, name, world, actors, seed, clock)

    opened.driver = RelayDriver(open_host, opened.driver, call_limit=call_limit)
    return opened


def _relayed(
    inner: Driver, core: dict[str, Any], label: str, call_limit: float, declared: int | None
) -> RelayDriver:
    """The real runtime in a Node host of its own, over a world that is somewhere else.

    ``declared``: its spec version, if it says one.
    """
    relay = HOSTS / "node" / "runtime" / "relay.mjs"
    options = {"specVersion": declared} if declared is not None else {}
    world = {"module": str(relay), "options": options, "gates": [], "shared": True, "warm": 0}
    world["runtime"] = core

    def open_host(actors: list[str], seed: int, clock: int) -> Host:
        name = f"{label}, its runtime"
        return _begin(node_host_command(), guarded({}, ()), name, world, actors, seed, clock)

    return RelayDriver(open_host, inner, call_limit=call_limit)


def _begin(
    command: Sequence[str],
    env: Mapping[str, str],
    name: str,
    world: dict[str, Any],
    actors: list[str],
    seed: int,
    clock: int,
    refused: Refused | None = None,
) -> HostProcess:
    """A host that was started and asked to open its world; ``refused`` as in :meth:`HostProcess.start`."""
    host = HostProcess.start(command, env, name, refused)
    try:
        host.begin_open(world, actors, seed, clock)
    except BaseException:
        host.kill()
        raise
    return host


def _open(
    target: Target,
    code: Code,
    service: Service | None,
    name: str,
    core: dict[str, Any] | None,
    progress: Progress,
    deadline: Deadline | None,
    call_limit: float,
) -> OpenWorld:
    """The driver of a world; ``core``: with that runtime in its hosts."""
    if code.engine == "memory":
        mutant = asked_for(target.options)
        memory = InProcessDriver(world_of(target.options), call_limit=call_limit)
        return OpenWorld(memory, code, policy=mutant.policy if mutant is not None else None)
    plan = launch(code, service, name, progress=progress, deadline=deadline)
    if core is not None:
        plan.world["runtime"] = core

    def open_host(actors: list[str], seed: int, clock: int) -> Host:
        label = f"{target.label} {''.join(actors)}"
        env = plan.host_environment()
        # Several actors in one process are callers of one instance.
        world = plan.world | {"shared": True} if len(actors) > 1 else plan.world
        return _begin(plan.command, env, label, world, actors, seed, clock, plan.refuse)

    waits = files = None
    if target.descriptor.isolation.kind == "directory" and "fs" in plan.world.get("gates", ()):
        files = partial(_waiting_for_files, plan.directory)
    if plan.locks and plan.service is not None and plan.namespace is not None:
        try:
            with plan.service.asking():
                waits = kind_of(plan.service.kind).waits(plan.namespace.url)
        except BaseException:
            with suppress(LeftBehind):  # the first failure is reported
                plan.close()
            raise
    rows = None
    if plan.service is not None and plan.namespace is not None:
        rows = RowKeys(
            partial(_tables, plan.service, plan.namespace),
            lambda why: progress(f"{target.label}: {why}"),
        )
    hosted = partial(
        HostedDriver,
        open_host,
        locks=plan.locks or files is not None,
        waiting=waits.count if waits is not None else files,
        tidy=Tidy(plan.directory) if target.descriptor.isolation.kind == "directory" else None,
        runtime=core is not None,
        restart=service.restart if service is not None else None,
        call_limit=call_limit,
        rows_of=rows,
    )
    driver = hosted(shared=plan.shared_process)
    instance = None if plan.shared_process or core is not None else hosted(shared=True, nth=1)
    return OpenWorld(driver, code, plan, waits=waits, instance=instance, rows=rows)
