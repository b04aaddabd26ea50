"""The runtime's operations: start a workflow, deliver a message, cancel a run, replay a log."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vercel.workflow._internal import core, runtime
from vercel.workflow._internal import run as runs
from vercel.workflow._internal import world as models

from ..calls import current_call
from ..failures import UnsupportedError
from ..gates import Gates
from ..vercel import VercelWorld
from ..wire import Channel
from .adapter import AdaptedWorld, whole
from .errors import alone, said
from .facade import Facade

#: How this runtime tells errors apart: by their classes.
DIALECT = "class"

_MODULE = "world_conformance_flows"
#: What the runtime says when a step was started more often than it may be tried.
_USED_UP = re.compile(r"exceeded max retries")


class Runtime:
    """The real runtime, over a World for each actor. Raises whatever importing it raises."""

    def __init__(self, channel: Channel, gates: Gates, worlds: dict[str, Any]) -> None:
        self.dialect = DIALECT
        self.version = importlib.metadata.version("vercel-workflow")
        self._channel = channel
        self._facade = Facade(channel, gates, {actor: _theirs(world) for actor, world in worlds.items()})
        # Before the workflows are imported: they register a handler with the World there is.
        models.set_world(self._facade)
        sys.path.append(str(Path(__file__).parent / "bundle"))
        self._flows = _imported(_MODULE)
        self._flows.report = self._body
        logging.getLogger("vercel.workflow").setLevel(logging.DEBUG)
        self._prove()
        self._operations: dict[str, Callable[..., Awaitable[Any]]] = {
            "runtime.start": self._start,
            "runtime.deliver": self._deliver,
            "runtime.resumeHook": self._resume_hook,
            "runtime.cancel": self._cancel,
            "runtime.replay": self._replay,
        }

    def _prove(self) -> None:
        """Replay a run that needs nothing: what a release of another build cannot do shows before any race.

        It fills the sandbox, too, which takes long the first time.
        """
        run: dict[str, Any] = {"runId": "wrun_0", "status": "running", "specVersion": 5, "input": b"devl[[]]"}
        run |= {"workflowName": self._flows.empty.workflow_id, "startedAt": datetime.now(UTC)}
        try:
            came_to = self._replayed(run, [])
        except (AttributeError, TypeError) as error:
            came_to = {"outcome": str(error)}
        if came_to["outcome"] != "completed":
            raise RuntimeError(
                f"this host drives vercel-workflow 0.11 and 0.12, not {self.version}: {came_to}"
            )

    def operation(self, op: str) -> Any:
        """The operation of that name, as an async function."""
        operation = self._operations.get(op)
        if operation is None:
            raise UnsupportedError(f"This runtime has no {op}.")

        async def perform(*args: Any) -> Any:
            try:
                return await operation(*args)
            except Exception as error:
                cause = alone(error)
                raise said(cause) from cause.__cause__

        return perform

    def is_by_design(self, level: str, text: str) -> bool:
        """Whether an error line reports what user code threw: our workflows throw where they should."""
        thrown = any(words in text for words in self._flows.THROWN)
        return level == "error" and (thrown or _USED_UP.search(text) is not None)

    # -- operations -----------------------------------------------------------------------------

    async def _start(self, workflow: str, args: list[Any]) -> dict[str, Any]:
        flow = getattr(self._flows, workflow, None)
        if not isinstance(flow, core.Workflow):
            raise UnsupportedError(f"vercel-workflow has no workflow {workflow} of the suite's.")
        started = await runs.start(flow, *args)
        return {"runId": started.run_id}

    async def _deliver(self, queue: str, payload: Any, metadata: dict[str, Any]) -> dict[str, Any]:
        handlers = self._facade.handlers
        prefix = next((each for each in handlers if queue.startswith(each)), None)
        if prefix is None:
            raise ValueError(f"the runtime has no handler for {queue}")
        again = await handlers[prefix](
            payload, attempt=metadata["attempt"], queue_name=queue, message_id=metadata["messageId"]
        )
        if again is None:
            return {}
        # Worlds of this line send the message once more, as a new one, and then acknowledge the old.
        resend = {"delaySeconds": again.delay_seconds}
        if again.idempotency_key is not None:
            resend["idempotencyKey"] = again.idempotency_key
        return {"resend": resend}

    async def _resume_hook(self, token: str, payload: Any) -> dict[str, Any]:
        hook = await runtime.resume_hook(token, payload)
        return {"runId": hook.run_id, "hookId": hook.hook_id}

    async def _cancel(self, run_id: str) -> dict[str, Any]:
        await runs.get_run(run_id).terminate()
        return {}

    async def _replay(self, run: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
        return self._replayed(run, events)

    def _replayed(self, run: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
        """What a replay of this log comes to, for a handler that was given this run."""
        entity = models.WorkflowRunAdaptor.from_wire(whole(run))
        log = [models.EventAdaptor.from_wire(event) for event in events]
        assert entity.started_at is not None
        # As ``runtime._workflow_replay_pass`` makes it, but for keys: nothing is encrypted here.
        context = runtime.WorkflowOrchestratorContext(
            log,
            run_id=entity.run_id,
            seed=entity.run_id,
            started_at=int(entity.started_at.timestamp() * 1000),
            registry=self._flows.flows,
            payload_encoder=entity.payload_encoder(),
        )
        try:
            output = context.run_workflow(entity)
        except runtime.NondeterminismError as error:
            return {"outcome": "diverged", "reason": str(error)}
        except Exception as error:
            return {"outcome": "threw", "name": type(error).__name__, "message": str(error)}
        if output is not None:
            return {"outcome": "completed", "output": output}
        open_sites = context.suspensions.values()
        return {
            "outcome": "suspended",
            "steps": [site.correlation_id for site in open_sites if isinstance(site, runtime.Suspension)],
            "waits": [site.correlation_id for site in open_sites if isinstance(site, runtime.Wait)],
            "hooks": [site.correlation_id for site in open_sites if isinstance(site, runtime.Hook)],
        }

    # -- reported to the engine -----------------------------------------------------------------

    def _body(self, run_id: str, step_id: str, name: str, attempt: int) -> None:
        call = current_call()
        if call is None or call.finished:
            return
        self._channel.send(
            {
                "type": "step_begun",
                "call": call.number,
                "actor": call.actor,
                "runId": run_id,
                "stepId": step_id,
                "name": name,
                "attempt": attempt,
            }
        )


def _imported(name: str) -> Any:
    return importlib.import_module(name)


def _theirs(world: Any) -> models.World:
    """The World as that runtime takes it."""
    if isinstance(world, VercelWorld):
        inner: models.World = world.inner
        return inner
    return AdaptedWorld(world)
