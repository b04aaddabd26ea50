"""The suite's hands over the runtime of ``vercel-workflow``, where it differs from ``@workflow/core``.

Its correlation ids come from Python's generator, and its call sites come in the order of asyncio's tasks,
so the model cannot replay its logs: the runtime is asked to, in its host. And when a handler wants its
message again, worlds of that line send it anew, with a key of its own, where those of Node keep the old one.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.core.history import History, Message
from conformance.core.stored_values import plain
from conformance.drivers.messages import Request, RuntimeMessage
from conformance.handlers import Completed, Diverged, Outcome, Suspended, Threw
from conformance.handlers.outcome import HookItem, StepItem, WaitItem
from conformance.levels.log_replay import Outcomes, Reading, readings
from conformance.levels.runtime import RuntimeSuite, Work
from conformance.spec.shapes import read_answer
from conformance.spec.vocabulary import Entity, Event, WorldError

_ALL: Final = {"sortOrder": "asc", "limit": 1000}


class PythonRuntimeSuite(RuntimeSuite):
    """Starts the suite's workflows as that runtime has them, and decides who gets which message."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: logs as they came, by the ``id`` of their call: values that were read back are no longer the same
        self._logs: dict[int, list[Event]] = {}

    def handler_ended(self, message: Message, end: dict[str, Any], actor: str) -> None:
        again = end.get("resend")
        self.queue.finish(message)
        if again is not None:
            sent = Message("", message.queue, message.run_id, message.step_id, origin="timeout")
            sent.about, sent.actor, sent.body = message.step_id, actor, message.body
            sent.key, sent.delay = again.get("idempotencyKey"), float(again["delaySeconds"])
            self.queue.send(sent)

    def operation_ended(self, actor: str, work: Work, message: RuntimeMessage) -> None:
        call = work.open.get(message["number"])
        super().operation_ended(actor, work, message)
        if call is not None and call.op == "events.list" and call.done:
            self._logs[id(call)] = message["value"]["data"]

    async def first_ids(self, history: History) -> Outcomes:
        """What the runtime makes of every log that was read, asked of itself."""
        found = Outcomes()
        asked: dict[tuple[object, ...], Outcome] = {}
        for reading in readings(history, self.workflows):
            try:
                events = await self._as_stored(reading)
                run = await _asked("runs.get", reading.run_id)
            except WorldError:
                continue  # unreadable, which is reported as such
            if events is None:
                continue
            key = (reading.run_id, reading.run["startedAt"], *(event["eventId"] for event in events))
            if key not in asked:
                asked[key] = await _replay({**run, "startedAt": reading.run["startedAt"]}, events)
            found[id(reading.events)] = asked[key]
        return found

    async def _as_stored(self, reading: Reading) -> list[Event] | None:
        """The log with values in the runtime's form; None when a call of the suite's own gave it."""
        if reading.call is not None:
            return self._logs.get(id(reading.call))
        page = await _asked("events.list", {"runId": reading.run_id, "pagination": _ALL})
        events: list[Event] = page["data"]
        return events


async def _asked(op: str, *args: Any) -> Any:
    """What the World answers, with values in the runtime's form. Raises :class:`WorldError`."""
    return read_answer(op, args, await Request(op, args), [])


async def _replay(run: Entity, events: list[Event]) -> Outcome:
    last = events[-1] if events else {}
    try:
        said = await Request("runtime.replay", (run, events))
    except WorldError as error:
        # It cannot even be read as that runtime reads it.
        return Diverged(str(error), last)
    match said["outcome"]:
        case "completed":
            return Completed(plain(said["output"]))
        case "threw":
            return Threw(said["name"], said["message"])
        case "diverged":
            return Diverged(said["reason"], last)
    return Suspended(
        tuple([StepItem(each, "", []) for each in said["steps"]]),
        tuple([HookItem(each, "") for each in said["hooks"]]),
        tuple([WaitItem(each, 0.0) for each in said["waits"]]),
    )
