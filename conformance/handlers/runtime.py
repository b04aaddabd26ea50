"""The handlers' decisions, and the surroundings they run in.

``Policy`` holds every decision that a lost race turns on, with the real runtime's as the defaults. A
broken handler is a policy that differs in one field (:mod:`conformance.handlers.mutants`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from conformance.core.actor import Actor
from conformance.core.history import Level
from conformance.handlers.classify import Classify, either
from conformance.handlers.queue import MAX_DELIVERIES
from conformance.handlers.workflow import Workflow
from conformance.handlers.workflows import WORKFLOWS

__all__ = ["MAX_DELIVERIES", "MAX_RECOVERIES", "Policy", "Runtime"]

#: So many recovery replays in one chain of messages before a log counts as corrupted.
MAX_RECOVERIES: Final = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """What the handlers do when they lose. ``raise`` lets the error out: a failed delivery."""

    classify: Classify = either
    #: the level of the line that says a race was lost
    lost_race: Level = "info"
    # -- workflow handler (conflict or gone)
    on_run_started_conflict: Literal["stop", "fail_run", "raise"] = "stop"
    on_run_completed_conflict: Literal["stop", "raise"] = "stop"
    on_run_failed_conflict: Literal["stop", "raise"] = "stop"
    on_wait_completed_conflict: Literal["next", "raise"] = "next"
    # -- suspension
    on_created_conflict: Literal["next", "drop_rest", "raise"] = "next"
    step_key: bool = True
    hook_conflict_wakes: bool = True
    # -- step handler
    on_step_started_conflict: Literal["continue", "stop", "run_body"] = "continue"
    on_step_started_gone: Literal["stop", "run_body", "raise"] = "stop"
    on_step_finished_conflict: Literal["stop", "continue", "raise"] = "stop"
    #: how many continuations the handler queues that finished a step
    continuations: int = 1


@dataclass(slots=True)
class Runtime:
    """One deployment: its workflows, its policy, and its logical time.

    ``advance`` moves the driver's clock by so many ms; without it the model adds an offset of its own
    to what actors see (enough for a world that does not look at the time).
    """

    workflows: Mapping[str, Workflow] = field(default_factory=lambda: WORKFLOWS)
    policy: Policy = Policy()
    advance: Callable[[float], None] | None = None
    offset: float = 0.0

    def now(self, actor: Actor) -> float:
        """The time in ms that the handlers of this actor see."""
        return actor.now() + self.offset

    def jump(self, ms: float) -> None:
        """Let ``ms`` pass, because nothing happens before."""
        if self.advance is not None:
            self.advance(ms)
        else:
            self.offset += ms

    def workflow(self, name: str) -> Workflow | None:
        """The workflow of that name; the SDK's long form (``workflow//./file//name``) is understood."""
        return self.workflows.get(name.rpartition("//")[2])
