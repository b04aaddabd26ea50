"""From a target to a rig: get the code, plan the launch, choose the driver.

The one place that knows both the catalogue and the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.catalog.code import Code, resolve
from conformance.catalog.launch import LaunchPlan, launch
from conformance.catalog.target import Target
from conformance.engine.hosted import Host, HostedRig
from conformance.engine.inprocess import InProcessRig
from conformance.engine.rig import Rig
from conformance.hosts.process import HostProcess
from conformance.model import Policy
from conformance.services.kinds import Waits, kind_of
from conformance.services.service import Service

#: Booting Node and warming a pool under load, in seconds.
_OPEN_TIMEOUT = 60.0

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """No progress wanted."""


@dataclass(slots=True)
class OpenRig:
    """A rig, what code it runs, and how to let go of both."""

    rig: Rig
    code: Code
    plan: LaunchPlan | None = None
    #: which handlers run over it at level ``handlers``; None: the real runtime's decisions
    policy: Policy | None = None
    waits: Waits | None = None

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
    target: Target, service: Service | None, name: str = "main", *, progress: Progress = _silent
) -> OpenRig:
    """A rig on a fresh store of a target. ``name`` keeps the workers of one test run apart.

    Raises the :class:`ConformanceError` that says what is missing. Hosts start when first used.
    """
    code = resolve(target, progress=progress)
    if code.engine == "memory":
        return OpenRig(InProcessRig(), code)
    plan = launch(code, service, name, progress=progress)

    def open_host(actors: list[str], seed: int, clock: int) -> Host:
        label = f"{target.label} {''.join(actors)}"
        host = HostProcess.start(plan.command, plan.env, label)
        host.open(plan.world, actors, seed, clock, _OPEN_TIMEOUT)
        return host

    waits = None
    if plan.locks and plan.service is not None and plan.namespace is not None:
        waits = kind_of(plan.service.kind).waits(plan.namespace.url)
    rig = HostedRig(
        open_host,
        shared=plan.shared_process,
        locks=plan.locks,
        waiting=waits.count if waits is not None else None,
    )
    return OpenRig(rig, code, plan, waits=waits)
