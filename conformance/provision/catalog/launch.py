"""From a launch plan to a store of its own, and to hosts over it.

A namespace is made on the service and set up, and the templates of ``world.toml`` are filled in. Every host
that is started over it sees the same store.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.core.closing import LeftBehind, close_all
from conformance.core.deadline import Deadline
from conformance.core.environment import child_environment
from conformance.core.errors import CannotInstall, ConnectionRefused, NoService
from conformance.core.redact import know_named
from conformance.drivers.process.host import HostProcess, Refused
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.connections import allowed, guarded, refusal, said_refused
from conformance.provision.catalog.install import Progress, cache_dir, silent
from conformance.provision.catalog.plan import HostPlan, LaunchPlan
from conformance.provision.catalog.templates import TemplateValues, Value, fill, fill_all
from conformance.provision.node import find_node
from conformance.provision.services.command import CommandTimeout, run_command
from conformance.provision.services.kinds import Preparation, Waits, kind_of
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.scratch import Scratch
from conformance.provision.services.service import Namespace, Service, namespace_name

_SETUP_TIMEOUT = 120.0
_numbers = itertools.count()


@dataclass(slots=True)
class Launch:
    """A store that was made after ``plan``, and how hosts over it are started.

    ``env`` is added to the environment of a host, ``world`` is the object of its ``open`` message, and it may
    connect to what ``connects`` names. ``directory`` is a folder of its own.
    """

    plan: LaunchPlan
    host: HostPlan
    env: dict[str, str]
    directory: Path
    world: dict[str, Any]
    namespace: Namespace | None
    connects: tuple[str, ...]
    #: the connection that a host refused: no other host is started then
    refused: ConnectionRefused | None = None
    _close: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def waits(self) -> Waits | None:
        """Asks the service who waits for a lock; None when the world takes none, or nobody can be asked.

        Closed with the store. ``count`` fits the ``waiting`` of a :class:`HostedDriver`.
        """
        service = self.plan.service
        if not self.plan.locks or service is None or self.namespace is None:
            return None
        with service.asking():
            asks = kind_of(service.kind).waits(self.namespace.url)
        if asks is not None:
            self._close.append(asks.close)
        return asks

    def start_host(
        self, actors: Sequence[str], seed: int, clock: int, *, shared: bool = False, zone: str = ""
    ) -> HostProcess:
        """A host that was asked to open its world for these actors; ``shared``: they call one instance.
        ``zone``: its time zone, where it is not that of all.

        Raises :class:`HostFailed`, and :class:`ConnectionRefused` when an earlier host refused a connection.
        """
        if self.refused is not None:
            raise self.refused
        name = f"{self.plan.code.target.label} {''.join(actors)}"
        world = self.world | {"shared": True} if shared else self.world
        env = guarded(self.env, self.connects) | ({"TZ": zone} if zone else {})
        return begin_host(self.host.command, env, name, world, actors, seed, clock, self._refuse)

    def _refuse(self, message: dict[str, Any]) -> ConnectionRefused:
        """A host refused a connection: the error that says so, and that ends the use of this store."""
        given = {**self.world.get("options", {}), **self.env}
        code = self.plan.code
        self.refused = refusal(code.target.label, message, self.connects, given, _source_of(code))
        return self.refused

    def close(self) -> None:
        """Drop the namespace and the directory. Close the hosts first. Safe to repeat. Raises
        :class:`LeftBehind`, once all that can be dropped is."""
        closing, self._close = self._close[::-1], []
        close_all(*closing)


def begin_host(
    command: Sequence[str],
    env: Mapping[str, str],
    name: str,
    world: Mapping[str, Any],
    actors: Sequence[str],
    seed: int,
    clock: int,
    refused: Refused | None = None,
) -> HostProcess:
    """A host that was started and asked to open its world; ``refused`` as in :meth:`HostProcess.start`.

    Node keeps what it compiles in the cache of installed worlds, by its own version and the text of a module.
    """
    compiled = {"NODE_COMPILE_CACHE": str(cache_dir() / "compiled")}
    host = HostProcess.start(command, {**compiled, **env}, name, refused)
    try:
        host.begin_open(dict(world), actors, seed, clock)
    except BaseException:
        host.kill()
        raise
    return host


def launch(plan: LaunchPlan, *, progress: Progress = silent, deadline: Deadline | None = None) -> Launch:
    """Make a fresh store.

    Raises :class:`NoService` when the world needs a service and the plan has none, :class:`CannotInstall`
    when its set-up fails, and :class:`OutOfTime` when that takes longer than ``deadline``.
    """
    descriptor = plan.descriptor
    if descriptor.service is not None and plan.service is None:
        raise NoService(f"World {descriptor.name!r} needs a {descriptor.service.kind}.", "See `doctor`.")
    assert plan.host is not None, "a world in this process has no store to launch"
    scratch = Scratch(descriptor.name)
    closing: list[Callable[[], None]] = [scratch.remove]
    try:
        set_up = _SetUp(plan, progress, deadline or Deadline())
        return _launch(plan, plan.host, scratch.path, set_up, closing)
    except BaseException:
        with suppress(LeftBehind):  # the first failure is reported
            close_all(*closing[::-1])
        raise


def _launch(
    plan: LaunchPlan, host: HostPlan, directory: Path, set_up: _SetUp, closing: list[Callable[[], None]]
) -> Launch:
    """What is launched is to close ``closing``, and what it made itself."""
    code, service = plan.code, plan.service
    # The label keeps two implementations apart on one service, the number two stores of one process.
    words = f"{code.target.label}_{plan.name}_{next(_numbers)}"
    own = namespace_name(service.run if service else new_run_id(), words)
    namespace = None
    if service is not None:
        prepare = _preparation(plan, service, directory, set_up)
        with service.asking():
            kind = kind_of(service.kind)
            namespace = kind.namespace(service.url, own, plan.isolation, prepare, plan.fixed)
        closing.append(namespace.drop)
    context = TemplateValues(
        own, directory, code.root, service, namespace.url if namespace else "", folder=plan.descriptor.folder
    )
    if service is None and plan.setup is not None:
        set_up.run(context)
    options = fill_all(plan.options, context)
    for key, value in options.items():
        know_named(key, value)
    # No options at all: a factory then reads its own environment, which an empty object would prevent.
    world: dict[str, Any] = {"options": options} if options or code.engine != "node" else {}
    world["ports"] = [one.port for one in service.everything() if one.port] if service else []
    env = _filled(host.env, context)
    return Launch(
        plan=plan,
        host=host,
        env=env,
        directory=directory,
        world=world | dict(host.world),
        namespace=namespace,
        connects=tuple(_connects(plan, context, options, env)),
        _close=closing,
    )


def _connects(
    plan: LaunchPlan, context: TemplateValues, options: Mapping[str, Value], env: Mapping[str, Value]
) -> list[str]:
    service = plan.service
    urls: list[str] = []
    if service is not None:
        urls = [service.url, context.url or service.url]
        if service.how == "url":  # one of the user's may be a cluster
            urls += kind_of(service.kind).members(service.url)
    return allowed(urls, options, env, [fill(each, context) for each in plan.connects])


def _source_of(code: Code) -> Path | None:
    """Where the names that a world knows are written."""
    if code.engine == "python" and code.root is not None:
        return code.root / f"{code.module.partition(':')[0].replace('.', '/')}.py"
    return code.root


def _preparation(plan: LaunchPlan, service: Service, directory: Path, set_up: _SetUp) -> Preparation | None:
    """The world's set-up as something a service can run on a database, once for many of them."""
    if plan.setup is None:
        return None
    code = plan.code

    def prepare(url: str) -> None:
        set_up.run(TemplateValues("setup", directory, code.root, service, url, folder=plan.descriptor.folder))

    label = namespace_name(service.run, f"t_{plan.descriptor.name}_{code.version}")
    return Preparation(label, prepare)


@dataclass(frozen=True, slots=True)
class _SetUp:
    """The set-up command of a world. It is a list of words; the word ``node`` is the Node we found."""

    plan: LaunchPlan
    progress: Progress
    deadline: Deadline

    def run(self, context: TemplateValues) -> None:
        """Run it. Raises :class:`CannotInstall`, :class:`ConnectionRefused` and :class:`OutOfTime`."""
        name, setup = self.plan.descriptor.name, self.plan.setup
        assert setup is not None
        self.progress(f"setting up {name} …")
        words = [fill(word, context) for word in setup.command]
        words[0] = find_node() if words[0] == "node" else words[0]
        env = _filled(setup.env, context)
        connects = _connects(self.plan, context, {}, env)
        try:
            status, said = run_command(
                words,
                cwd=context.directory,  # a set-up may read a .env file: not the user's
                env=child_environment(guarded(env, connects)),
                limit=_SETUP_TIMEOUT,
                deadline=self.deadline,
            )
        except (OSError, ValueError, CommandTimeout) as error:
            raise CannotInstall(f"The set-up of {name} did not run: {error}.") from error
        refused = said_refused(said)
        if refused is not None:
            raise refusal(f"The set-up of {name}", refused, connects, env, _source_of(self.plan.code))
        if status != 0:
            tail = "\n  ".join(said.splitlines()[-10:])
            raise CannotInstall(
                f"The set-up of {name} ended with {status}:\n  {tail}",
                "Its command is in [setup] of world.toml, or in --world-setup.",
            )


def _filled(variables: Mapping[str, Value], context: TemplateValues) -> dict[str, str]:
    """An ``env`` of ``world.toml``; what is named like a secret in it is known as one from now on."""
    filled = {name: str(value) for name, value in fill_all(variables, context).items()}
    for name, value in filled.items():
        know_named(name, value)
    return filled
