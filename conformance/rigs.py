"""From a target to a rig: get the code, plan the launch, choose the driver.

The one place that knows both the catalogue and the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.catalog.code import Code, resolve
from conformance.catalog.launch import LaunchPlan, launch
from conformance.catalog.runtimes import runtime_code
from conformance.catalog.target import Target
from conformance.engine.hosted import Host, HostedRig
from conformance.engine.inprocess import InProcessRig
from conformance.engine.rig import Rig
from conformance.errors import NotSupported
from conformance.hosts.process import HostProcess
from conformance.model import Policy
from conformance.mutants import asked_for
from conformance.services.kinds import Waits, kind_of
from conformance.services.service import Service

#: Booting Node and warming a pool under load, in seconds.
_OPEN_TIMEOUT = 60.0

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """No progress wanted."""


@dataclass(frozen=True, slots=True)
class RuntimeWanted:
    """A release of the real runtime; ``translate``: the world's errors are said in its dialect."""

    version: str
    translate: bool = False

    @property
    def label(self) -> str:
        """How records name it: verdicts with translated errors are no verdicts of that release alone."""
        return f"{self.version} translated" if self.translate else self.version

    @classmethod
    def of(cls, label: str) -> RuntimeWanted:
        """The inverse of :attr:`label`."""
        version, _, translated = label.partition(" ")
        return cls(version, translated == "translated")


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


@dataclass(slots=True)
class OpenRig:
    """A rig, what code it runs, and how to let go of both."""

    rig: Rig
    code: Code
    plan: LaunchPlan | None = None
    #: which handlers run over it at level ``handlers``; None: the real runtime's decisions
    policy: Policy | None = None
    waits: Waits | None = None
    #: the real runtime in its hosts, if there is one
    runtime: RuntimeWanted | None = None

    @property
    def namespace(self) -> str:
        """What the names of this rig's store begin with, when it shares a service with others."""
        return self.plan.namespace.name if self.plan is not None and self.plan.namespace is not None else ""

    def close(self) -> None:
        """End the hosts, then drop what they stored. Safe to repeat."""
        self.rig.close()
        if self.waits is not None:
            self.waits.close()
        if self.plan is not None:
            self.plan.close()


def open_rig(
    target: Target,
    service: Service | None,
    name: str = "main",
    *,
    runtime: RuntimeWanted | None = None,
    progress: Progress = _silent,
) -> OpenRig:
    """A rig on a fresh store of a target. ``name`` keeps the workers of one test run apart.

    With ``runtime`` its hosts run that release of the real runtime too. Raises the :class:`ConformanceError`
    that says what is missing, and :class:`NotSupported` for a runtime on a world that is not of Node. Hosts
    start when first used.
    """
    code = resolve(target, progress=progress)
    if runtime is not None and code.engine != "node":
        raise NotSupported(
            f"the real runtime runs in Node, and {target.label} does not.",
            "Level handlers models it, on any world.",
        )
    if code.engine == "memory":
        mutant = asked_for(target.options)
        if mutant is None:
            return OpenRig(InProcessRig(), code)
        return OpenRig(InProcessRig(mutant.world), code, policy=mutant.policy)
    core = runtime_code(runtime.version, progress=progress) if runtime is not None else None
    plan = launch(code, service, name, progress=progress)
    if runtime is not None and core is not None:
        plan.world["runtime"] = {"root": str(core.root), "translate": runtime.translate}

    def open_host(actors: list[str], seed: int, clock: int) -> Host:
        label = f"{target.label} {''.join(actors)}"
        host = HostProcess.start(plan.command, plan.env, label)
        rig.dialect = host.open(plan.world, actors, seed, clock, _OPEN_TIMEOUT).dialect
        return host

    waits = None
    if plan.locks and plan.service is not None and plan.namespace is not None:
        waits = kind_of(plan.service.kind).waits(plan.namespace.url)
    rig = HostedRig(
        open_host,
        shared=plan.shared_process,
        locks=plan.locks,
        waiting=waits.count if waits is not None else None,
        tidy=Tidy(plan.directory) if target.descriptor.isolation.kind == "directory" else None,
        runtime=runtime is not None,
    )
    return OpenRig(rig, code, plan, waits=waits, runtime=runtime)
