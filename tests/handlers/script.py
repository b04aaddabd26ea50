"""A World that answers as a test says, and handlers over it."""

from __future__ import annotations

from typing import Any

from conformance.core.actor import Actor
from conformance.core.gates import run_alone
from conformance.core.history import Delivery, History, Message
from conformance.handlers import (
    CapturedQueue,
    Policy,
    Runtime,
    deliver,
)
from conformance.handlers.ids import Ids
from conformance.spec.vocabulary import WorldError

Answer = Any  # what to give; an error to raise; or a function of the event that gives either
RUN = {"runId": "wrun_1", "workflowName": "flow", "status": "running", "startedAt": 1000, "input": []}
STEP = {"stepId": "step_1", "status": "running", "attempt": 1, "startedAt": 2000, "input": [1]}
BOOM = WorldError("MongoServerError", "E11000 duplicate key")


class Script:
    """A world that answers as told: by event type, ``list`` for the log. Everything else succeeds."""

    def __init__(
        self, workflow: str = "empty", *, args: tuple[Any, ...] = (), policy: Policy | None = None
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.run = {**RUN, "workflowName": workflow, "input": list(args)}
        self.log: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.history = History()
        self.time = 10_000.0
        self.actor = Actor("A", self.history, self.perform, lambda: self.time)
        self.runtime = Runtime(policy=policy or Policy())
        self.queue = CapturedQueue(self.history, lambda: self.runtime.now(self.actor))
        self.ids = Ids.of_run("wrun_1", workflow, 1000)

    async def perform(self, op: str, args: tuple[Any, ...]) -> Any:
        if op == "events.list":
            self.asked.append("list")
            answer = self.answers.get("list", {"data": list(self.log), "cursor": None, "hasMore": False})
        else:
            assert op == "events.create"
            kind = args[1]["eventType"]
            self.asked.append(kind)
            self.sent.append(args[1])
            usual = {"event": args[1], "run": self.run, "step": STEP}
            answer = self.answers.get(kind, usual)
        if callable(answer):
            answer = answer(args[-1])
        if isinstance(answer, WorldError):
            raise answer
        return answer

    def event(self, kind: str, about: str | None = None, **data: Any) -> None:
        self.log.append(
            {"eventType": kind, "correlationId": about, "eventData": data, "eventId": f"e{len(self.log)}"}
        )

    def workflow(self, attempt: int = 1, **body: Any) -> Delivery:
        payload = {"runId": "wrun_1", "workflowName": self.run["workflowName"], **body}
        return self._deliver(Message("", "workflow", "wrun_1", attempt=attempt, body=payload))

    def step(self, name: str = "work", attempt: int = 1) -> Delivery:
        payload = {"workflowName": "sequence", "stepName": name}
        return self._deliver(
            Message("", "step", "wrun_1", "step_1", key="step_1", attempt=attempt, body=payload)
        )

    def _deliver(self, message: Message) -> Delivery:
        sent = self.queue.send(message)
        return run_alone(deliver(self.actor, sent, self.queue, self.runtime))

    @property
    def queued(self) -> list[tuple[str, str | None]]:
        """Origin and subject of what the handler queued."""
        return [(message.origin, message.about) for message in self.history.messages[1:]]

    @property
    def levels(self) -> list[str]:
        return [line.level for line in self.history.logs]
