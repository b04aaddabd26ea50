"""What the engine needs to open one world: the command of the host, its environment, the ``open`` message.

``launch`` makes a namespace on the service, sets it up, and fills in the templates of ``world.toml``.
Every host opened with the same plan sees the same store.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.core.closing import LeftBehind, close_all
from conformance.core.content import HOSTS
from conformance.core.deadline import Deadline
from conformance.core.environment import child_environment
from conformance.core.errors import CannotInstall, ConnectionRefused, NoService
from conformance.core.redact import know_named
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.connections import allowed, guarded, refusal, said_refused
from conformance.provision.catalog.descriptor import Descriptor, Reference
from conformance.provision.catalog.install import Progress, silent
from conformance.provision.catalog.node import find_node
from conformance.provision.catalog.templates import Context, Value, fill, fill_all
from conformance.provision.services.command import CommandTimeout, run_command
from conformance.provision.services.kinds import Preparation, Waits, kind_of
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.scratch import Scratch
from conformance.provision.services.service import Namespace, Service, namespace_name

_SETUP_TIMEOUT = 120.0
_numbers = itertools.count()


@dataclass(slots=True)
class LaunchPlan:
    """How to open instances of one world that share one store.

    ``command`` starts a host (empty for the memory world), with ``env`` added to the environment and in
    ``directory``; ``world`` is the object of the ``open`` message. ``shared_process``: all actors are
    opened in one host. ``locks``: a call may wait in the service for another actor.
    """

    code: Code
    command: tuple[str, ...]
    env: dict[str, str]
    directory: Path
    world: dict[str, Any]
    shared_process: bool
    locks: bool
    service: Service | None
    namespace: Namespace | None
    #: what the world may connect to; its hosts refuse the rest
    connects: tuple[str, ...] = ()
    #: the connection that a host of this plan refused: no other host is started then
    refused: ConnectionRefused | None = None
    _close: list[Callable[[], None]] = field(default_factory=list, repr=False)

    @property
    def descriptor(self) -> Descriptor:
        return self.code.target.descriptor

    def waits(self) -> Waits | None:
        """Asks the service who waits for a lock; None when the world takes none, or nobody can be asked.

        Closed with the plan. ``count`` fits the ``waiting`` of a :class:`HostedDriver`.
        """
        if not self.locks or self.service is None or self.namespace is None:
            return None
        asks = kind_of(self.service.kind).waits(self.namespace.url)
        if asks is not None:
            self._close.append(asks.close)
        return asks

    def host_environment(self) -> dict[str, str]:
        """The environment of a host. Raises :class:`ConnectionRefused` when one refused a connection."""
        if self.refused is not None:
            raise self.refused
        return guarded(self.env, self.connects)

    def refuse(self, message: dict[str, Any]) -> ConnectionRefused:
        """A host refused a connection: the error that says so, and that ends the use of this plan."""
        given = {**self.world.get("options", {}), **self.env}
        who = self.code.target.label
        self.refused = refusal(who, message, self.connects, given, _source_of(self.code))
        return self.refused

    def close(self) -> None:
        """Drop the namespace and the directory. Close the hosts first. Safe to repeat. Raises
        :class:`LeftBehind`, once all that can be dropped is."""
        closing, self._close = self._close[::-1], []
        close_all(*closing)


def launch(
    code: Code,
    service: Service | None,
    name: str = "main",
    *,
    progress: Progress = silent,
    deadline: Deadline | None = None,
) -> LaunchPlan:
    """A plan with a fresh store. ``name`` tells namespaces of one service apart (worker, scenario).

    Raises :class:`NoService` when the world needs a service and none is given, :class:`CannotInstall`
    when its set-up fails, and :class:`OutOfTime` when that takes longer than ``deadline``.
    """
    descriptor = code.target.descriptor
    if descriptor.service is not None and service is None:
        raise NoService(f"World {descriptor.name!r} needs a {descriptor.service.kind}.", "See `doctor`.")
    scratch = Scratch(descriptor.name)
    closing: list[Callable[[], None]] = [scratch.remove]
    try:
        set_up = _SetUp(code, progress, deadline or Deadline())
        return _launch(code, service, name, scratch.path, set_up, closing)
    except BaseException:
        with suppress(LeftBehind):  # the first failure is reported
            close_all(*closing[::-1])
        raise


def _launch(
    code: Code,
    service: Service | None,
    name: str,
    directory: Path,
    set_up: _SetUp,
    closing: list[Callable[[], None]],
) -> LaunchPlan:
    """The plan, which is to close ``closing``, and what it made itself."""
    descriptor = code.target.descriptor
    # The label keeps two implementations apart on one service, the number two plans of one process.
    words = f"{code.target.label}_{name}_{next(_numbers)}"
    own = namespace_name(service.run if service else new_run_id(), words)
    namespace = None
    reference = _reference(code)
    if service is not None:
        prepare = _preparation(code, service, directory, set_up)
        fixed = descriptor.isolation.fixed if reference is None else ()
        isolation = descriptor.isolation.kind
        with service.asking():
            namespace = kind_of(service.kind).namespace(service.url, own, isolation, prepare, fixed)
        closing.append(namespace.drop)
    context = Context(own, directory, code.root, service, namespace.url if namespace else "")
    if service is None and descriptor.setup is not None and code.engine == "node":
        set_up.run(context)
    options = {
        **fill_all(reference.options if reference else descriptor.options, context),
        **fill_all(code.target.options, context),
    }
    for key, value in options.items():
        know_named(key, value)
    # No options at all: a factory then reads its own environment, which an empty object would prevent.
    world: dict[str, Any] = {"options": options} if options or code.engine != "node" else {}
    world["ports"] = [service.port] if service and service.port else []
    command: tuple[str, ...] = ()
    shared_process = shares_process(code)
    if code.engine == "node":
        world |= _for_node(code, service)
        command = node_host_command()
    elif code.engine == "python":
        world |= {"class": code.module, "root": str(code.root) if code.root else None}
        world["shared"] = shared_process
        if reference is not None and reference.gates is not None:
            world["gates"] = list(reference.gates)
        command = python_host_command()
    env = _filled(descriptor.env, context)
    return LaunchPlan(
        code=code,
        command=command,
        env=env,
        directory=directory,
        world=world,
        shared_process=shared_process,
        locks=reference.locks if reference else descriptor.host.locks,
        service=service,
        namespace=namespace,
        connects=tuple(_connects(descriptor, service, context, options, env)),
        _close=closing,
    )


def _reference(code: Code) -> Reference | None:
    """What the descriptor says of the class that runs, if a class does."""
    descriptor = code.target.descriptor
    of_python = code.implementation == "reference" or descriptor.is_class(code.target.cls)
    return descriptor.reference if of_python else None


def shares_process(code: Code) -> bool:
    """Whether all actors of a world are in one process anyway."""
    reference = _reference(code)
    own = reference.shared_process if reference else code.target.descriptor.host.shared_process
    return own or code.engine == "memory"


def node_host_command() -> tuple[str, ...]:
    """What starts the Node host. Raises :class:`CannotInstall` without Node."""
    return (find_node(), str(HOSTS / "node" / "main.mjs"))


def _connects(
    descriptor: Descriptor,
    service: Service | None,
    context: Context,
    options: Mapping[str, Value],
    env: Mapping[str, Value],
) -> list[str]:
    urls: list[str] = []
    if service is not None:
        urls = [service.url, context.url or service.url]
        if service.how == "url":  # one of the user's may be a cluster
            urls += kind_of(service.kind).members(service.url)
    return allowed(urls, options, env, [fill(each, context) for each in descriptor.host.connects])


def _source_of(code: Code) -> Path | None:
    """Where the names that a world knows are written."""
    if code.engine == "python" and code.root is not None:
        return code.root / f"{code.module.partition(':')[0].replace('.', '/')}.py"
    return code.root


def python_host_command() -> tuple[str, ...]:
    """What starts the Python host, in the environment that this process runs in."""
    return (sys.executable, str(HOSTS / "python" / "main.py"))


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


def _preparation(code: Code, service: Service, directory: Path, set_up: _SetUp) -> Preparation | None:
    """The world's set-up as something a service can run on a database, once for many of them."""
    descriptor = code.target.descriptor
    if descriptor.setup is None or code.engine != "node":
        return None

    def prepare(url: str) -> None:
        set_up.run(Context("setup", directory, code.root, service, url))

    label = namespace_name(service.run, f"t_{descriptor.name}_{code.version}")
    return Preparation(label, prepare)


@dataclass(frozen=True, slots=True)
class _SetUp:
    """The set-up command of a world. It is a list of words; the word ``node`` is the Node we found."""

    code: Code
    progress: Progress
    deadline: Deadline

    def run(self, context: Context) -> None:
        """Run it. Raises :class:`CannotInstall`, :class:`ConnectionRefused` and :class:`OutOfTime`."""
        descriptor = self.code.target.descriptor
        assert descriptor.setup is not None
        self.progress(f"setting up {descriptor.name} …")
        words = [fill(word, context) for word in descriptor.setup.command]
        words[0] = find_node() if words[0] == "node" else words[0]
        env = _filled(descriptor.setup.env, context)
        connects = _connects(descriptor, context.service, context, {}, env)
        try:
            status, said = run_command(
                words,
                cwd=context.directory,  # a set-up may read a .env file: not the user's
                env=child_environment(guarded(env, connects)),
                limit=_SETUP_TIMEOUT,
                deadline=self.deadline,
            )
        except (OSError, ValueError, CommandTimeout) as error:
            raise CannotInstall(f"The set-up of {descriptor.name} did not run: {error}.") from error
        refused = said_refused(said)
        if refused is not None:
            raise refusal(f"The set-up of {descriptor.name}", refused, connects, env, _source_of(self.code))
        if status != 0:
            tail = "\n  ".join(said.splitlines()[-10:])
            raise CannotInstall(
                f"The set-up of {descriptor.name} ended with {status}:\n  {tail}",
                "Its command is in [setup] of world.toml.",
            )


def _filled(variables: Mapping[str, Value], context: Context) -> dict[str, str]:
    """An ``env`` of ``world.toml``; what is named like a secret in it is known as one from now on."""
    filled = {name: str(value) for name, value in fill_all(variables, context).items()}
    for name, value in filled.items():
        know_named(name, value)
    return filled
