"""From a target to hosts whose own queue delivers: the launch of ``world.toml``, with its ``[queue]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.core.content import HOSTS
from conformance.core.deadline import Deadline
from conformance.core.errors import NotSupported
from conformance.drivers.driver import CALL_LIMIT
from conformance.provision.catalog.code import Code, resolve
from conformance.provision.catalog.launch import launch
from conformance.provision.catalog.plan import HostPlan, core_message, plan_for
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.node import find_node
from conformance.provision.services.service import Service
from conformance.queues.driver import QueueDriver


@dataclass(slots=True)
class OpenQueue:
    """A driver, and what code it runs."""

    driver: QueueDriver
    code: Code

    def close(self) -> None:
        """End the hosts, then drop what they stored. Safe to repeat."""
        self.driver.close()


def supported(target: Target, code: Code) -> None:
    """Raises :class:`NotSupported`, with the reason, for a world that has no queue over HTTP."""
    if code.engine == "memory":
        raise NotSupported("it has no queue of its own: the suite's is the only one it knows")
    if code.engine != "node":
        raise NotSupported(
            f"{target.label} runs in Python: the suite serves deliveries over HTTP to worlds of Node only"
        )


def open_queue(
    target: Target,
    service: Service | None,
    name: str,
    *,
    runtime: RuntimeWanted | None = None,
    progress: Callable[[str], None],
    deadline: Deadline | None = None,
    call_limit: float = CALL_LIMIT,
) -> OpenQueue:
    """A driver on a fresh store and a queue of its own. ``runtime``: for stress races, that release in it.

    Two hosts; one for a world whose store lies in its process. Raises :class:`NotSupported` and the
    :class:`ConformanceError` that says what is missing, and :class:`OutOfTime` when the world's set-up takes
    longer than ``deadline``. Hosts start when first used.
    """
    code = resolve(target, progress=progress)
    supported(target, code)
    own = target.descriptor.queue
    plan = plan_for(code, service, f"{name}_queue", call_limit=call_limit)
    assert plan.host is not None, "a world of Node has hosts"
    world = {**plan.host.world, "queue": {"port": own.port}}
    if runtime is not None:
        if not runtime.version.startswith("4."):
            raise NotSupported(f"stress races run the 4.x line of the runtime, not {runtime.version}")
        world["runtime"] = core_message(runtime, progress)
    plan = replace(
        plan,
        host=HostPlan((find_node(), str(HOSTS / "node" / "queue" / "main.mjs")), plan.host.env, world),
        options={**plan.options, **own.options, **target.options},
        isolation=own.isolation or plan.isolation,
        runtime=runtime,
    )
    launched = launch(plan, progress=progress, deadline=deadline)
    return OpenQueue(QueueDriver(launched, ("A",) if plan.shared_process else ("A", "B")), code)
