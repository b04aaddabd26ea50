"""From a launch plan to a rig: hosts that are started when the engine first needs them."""

from __future__ import annotations

from conformance.catalog.launch import LaunchPlan
from conformance.engine.hosted import HostedRig
from conformance.errors import HostFailed
from conformance.hosts.process import HostProcess
from conformance.services.kinds import Waits, kind_of

#: seconds for a host to import its world and connect; a cold disk cache takes a while
OPEN_IN = 60.0


class WorldRig(HostedRig):
    """The hosted driver for one world. Closing it ends its hosts; the plan is closed by who made it."""

    def __init__(self, plan: LaunchPlan) -> None:
        self.plan = plan
        self._waits: Waits | None = None
        if plan.locks and plan.service is not None and plan.namespace is not None:
            self._waits = kind_of(plan.service.kind).waits(plan.namespace.url)
        super().__init__(
            self._open,
            shared=plan.shared_process,
            locks=plan.locks,
            waiting=self._waits.count if self._waits is not None else None,
        )

    def _open(self, actors: list[str], seed: int, clock: int) -> HostProcess:
        plan = self.plan
        if not plan.command:
            raise HostFailed(f"World {plan.descriptor.name!r} runs in this process: it has no host.")
        host = HostProcess.start(plan.command, plan.env, f"{plan.code.target.label} {'/'.join(actors)}")
        host.open(plan.world, actors, seed, clock, OPEN_IN)
        return host

    def close(self) -> None:
        super().close()
        waits, self._waits = self._waits, None
        if waits is not None:
            waits.close()
