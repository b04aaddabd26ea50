"""The launch plan of a world: all that decides how it is opened, before anything is made or started.

:func:`plan_for` makes it of code on disk, :func:`~conformance.provision.open.open_plan` opens it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.content import HOSTS
from conformance.core.errors import NotSupported
from conformance.core.redact import redact, redact_command, redact_value
from conformance.drivers.driver import CALL_LIMIT
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.descriptor import Descriptor, IsolationKind, Level, Reference, Setup
from conformance.provision.catalog.install import Progress, silent
from conformance.provision.catalog.runtimes import RuntimeWanted, runtime_code
from conformance.provision.catalog.templates import Value, literal
from conformance.provision.node import find_node
from conformance.provision.services.service import Service


@dataclass(frozen=True, slots=True)
class HostPlan:
    """How the hosts of a plan are started.

    ``env``: variables beside those that every child process has, as templates. ``world``: what the ``open``
    message says, without the options and the port of the service, which are known when the store is made.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    world: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """How to open a world. Instances that are opened after one plan share one store.

    ``name`` keeps the workers of one test run apart. ``service`` is the running one. ``host``: the hosts that
    hold the world; None: it is in this process. ``runtime``: the real runtime over it, in these hosts, or in
    one of its own (``relay``). ``options`` and ``connects`` (what it may connect to beside its service) are
    templates. ``shared_process``: all actors are opened in one host. ``locks``: a call may wait in the
    service for another actor. ``call_limit``: how long an actor that no lock explains may give no sign, in
    seconds.
    """

    code: Code
    name: str
    service: Service | None
    host: HostPlan | None
    options: Mapping[str, Value]
    connects: tuple[str, ...]
    isolation: IsolationKind
    shared_process: bool
    locks: bool
    runtime: RuntimeWanted | None = None
    relay: HostPlan | None = None
    call_limit: float = CALL_LIMIT
    #: patterns of names on the service that begin with no prefix
    fixed: tuple[str, ...] = ()

    @property
    def descriptor(self) -> Descriptor:
        return self.code.target.descriptor

    @property
    def setup(self) -> Setup | None:
        """The command that sets up a store, if one does, with what the command line says of it."""
        target, own = self.code.target, self.descriptor.setup if self.code.engine == "node" else None
        if target.setup:
            return Setup(command=target.setup, env={**self.descriptor.env, **target.env})
        return own and Setup(command=own.command, env={**own.env, **target.env})

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that can be judged on what this plan opens."""
        return ("storage", "handlers") if self.runtime is None else ("runtime",)

    def lines(self) -> Iterator[tuple[str, str]]:
        """What it says, as ``(subject, text)``. Values of options that name a secret, and those of variables,
        are redacted."""
        code = self.code
        yield "code", f"{code.name} {code.version} ({code.implementation})"
        if code.root is not None:
            yield "folder", str(code.root)
        yield "levels", ", ".join(self.levels)
        if self.runtime is not None:
            where = "in the hosts of the world" if self.relay is None else _started(self.relay)
            yield "runtime", f"{self.runtime.label}, {where}"
        yield "runs in", "this process" if self.host is None else _started(self.host)
        yield "actors", "all in one process" if self.shared_process else "each in a process of its own"
        if self.host is not None and self.host.env:
            yield "environment", ", ".join(f"{name}=***" for name in sorted(self.host.env))
        if self.options:
            shown = (f"{name}={redact_value(name, value)}" for name, value in self.options.items())
            yield "options", redact(", ".join(shown))
        yield "service", self._service()
        yield "isolation", ", ".join((self.isolation, *self.fixed))
        if self.setup is not None:
            yield "set-up", redact_command(self.setup.command)
        if self.host is not None:
            allowed = ["its service"] if self.descriptor.service is not None else []
            allowed += ["addresses in its options and variables", *self.connects]
            yield "may connect to", redact(", ".join(allowed))
        yield "locks", "a call may wait for another actor" if self.locks else "no call waits for another"
        yield "call limit", f"{self.call_limit:g} s"

    def _service(self) -> str:
        if self.service is not None:
            return f"{self.service.kind} {self.service.version} ({self.service.how}) at {self.service.shown}"
        wanted = self.descriptor.service
        return "none" if wanted is None else f"{wanted.kind}, not started yet"


def _started(host: HostPlan) -> str:
    return f"hosts: {redact_command(host.command)}"


def plan_for(
    code: Code,
    service: Service | None = None,
    name: str = "main",
    *,
    runtime: RuntimeWanted | None = None,
    call_limit: float = CALL_LIMIT,
    progress: Progress = silent,
) -> LaunchPlan:
    """The plan of a world on its service, with the real runtime over it where one is wanted.

    The runtime is in the world's own hosts, or in one beside a world that cannot hold it. It is installed now
    if it was not. Raises :class:`CannotInstall`, and :class:`NotSupported` for two that do not go together.
    """
    descriptor, reference = code.target.descriptor, _reference(code)
    host = _host(code, service, reference)
    relay = None
    if runtime is not None:
        host, relay = _with_runtime(code, host, runtime, progress)
    return LaunchPlan(
        code=code,
        name=name,
        service=service,
        host=host,
        options={**(reference.options if reference else descriptor.options), **code.target.options},
        connects=descriptor.host.connects,
        isolation=descriptor.isolation.kind,
        shared_process=shares_process(code),
        locks=reference.locks if reference else descriptor.host.locks,
        runtime=runtime,
        relay=relay,
        call_limit=call_limit,
        fixed=descriptor.isolation.fixed if reference is None else (),
    )


def shares_process(code: Code) -> bool:
    """Whether all actors of a world are in one process anyway."""
    reference = _reference(code)
    own = reference.shared_process if reference else code.target.descriptor.host.shared_process
    return own or code.engine == "memory"


def can_kill(code: Code) -> bool:
    """Whether one caller of a world can die while the others go on."""
    return code.engine == "memory" or not shares_process(code)


def node_host_command() -> tuple[str, ...]:
    """What starts the Node host. Raises :class:`CannotInstall` without Node."""
    return (find_node(), str(HOSTS / "node" / "main.mjs"))


def python_host_command() -> tuple[str, ...]:
    """What starts the Python host, in the environment that this process runs in."""
    return (sys.executable, str(HOSTS / "python" / "main.py"))


def _reference(code: Code) -> Reference | None:
    """What the descriptor says of the class that runs, if a class does."""
    descriptor = code.target.descriptor
    of_python = code.implementation == "reference" or descriptor.is_class(code.target.cls)
    return descriptor.reference if of_python else None


def _host(code: Code, service: Service | None, reference: Reference | None) -> HostPlan | None:
    env = {**code.target.descriptor.env, **code.target.env}
    match code.engine:
        case "memory":
            return None
        case "node":
            return HostPlan(node_host_command(), env, _for_node(code, service))
        case "python":
            world: dict[str, Any] = {
                "class": code.module,
                "root": str(code.root) if code.root else None,
                "shared": shares_process(code),
            }
            if reference is not None and reference.gates is not None:
                world["gates"] = list(reference.gates)
            return HostPlan(python_host_command(), env, world)


def _for_node(code: Code, service: Service | None) -> dict[str, Any]:
    """The Node host's part of the ``open`` message."""
    descriptor = code.target.descriptor
    host = descriptor.host
    world: dict[str, Any] = {
        "module": code.module,
        "root": str(code.root),
        "gates": list(host.gates),
        "shared": host.shared_process,
    }
    if host.warm is not None:
        world["warm"] = host.warm
    protocol = host.protocol or (service.kind if service else None)
    if protocol is not None:
        world["protocol"] = protocol
    if descriptor.package is not None and descriptor.package.factory is not None:
        world["factory"] = descriptor.package.factory
    return world


def _with_runtime(
    code: Code, host: HostPlan | None, runtime: RuntimeWanted, progress: Progress
) -> tuple[HostPlan | None, HostPlan | None]:
    """The hosts of the world with the runtime in them; or as they were, and the host of the runtime."""
    if runtime.language == "python":
        if code.engine == "node":
            raise NotSupported(
                "the Python runtime takes Worlds written in Python, and this one is a package for Node",
                "Judge it with a release of @workflow/core.",
            )
        found = python_runtime.environment(runtime.version, progress=progress)
        env = {name: literal(value) for name, value in found.items()}
        version = {"version": runtime.version}
        if host is not None:
            return HostPlan(host.command, {**host.env, **env}, {**host.world, "runtime": version}), None
        return None, HostPlan(
            python_host_command(), env, {"relayed": True, "shared": True, "runtime": version}
        )
    core = core_message(runtime, progress)
    if host is not None and code.engine == "node":
        return HostPlan(host.command, host.env, {**host.world, "runtime": core}), None
    world = {
        "module": str(HOSTS / "node" / "runtime" / "relay.mjs"),
        "gates": [],
        "shared": True,
        "warm": 0,
        "runtime": core,
    }
    return host, HostPlan(node_host_command(), {}, world)


def core_message(runtime: RuntimeWanted, progress: Progress = silent) -> dict[str, Any]:
    """What a Node host is told of the runtime in it. Raises :class:`CannotInstall`."""
    root = runtime_code(runtime.version, progress=progress).root
    return {"root": str(root), "translate": runtime.translate}
