"""Messages of the probes: valid payloads of the SDK that mean nothing, distinguished by the ids in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.queues.driver import Asked, Delivery, QueueDriver

#: path of the endpoint -> what the name of its queue begins with
PREFIXES: Final = {"flow": "__wkf_workflow_", "step": "__wkf_step_"}


@dataclass(slots=True)
class Posted:
    """A message, the call that queued it, and its deliveries in the order in which they came."""

    name: str
    path: str
    queue: str
    payload: dict[str, Any]
    asked: list[Asked] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def id(self) -> str:
        return ident(self.payload)

    @property
    def wrong(self) -> str:
        """How a delivery differs from what was queued; empty when none does."""
        for delivery in self.deliveries:
            if delivery.path != self.path:
                return f"{self.name} was queued for /{self.path} and came to /{delivery.path}"
            if delivery.queue != self.queue:
                return f"{self.name} was queued as {self.queue} and came as {delivery.queue}"
            if delivery.payload != self.payload:
                return f"{self.name} came with another payload than it was queued with"
        return ""


def ident(payload: Any) -> str:
    """What identifies a message: its step's id, or its run's."""
    if not isinstance(payload, dict):
        return ""
    return str(payload.get("stepId") or payload.get("runId") or "")


#: Told of a delivery and of its message, which has it already.
Ending = Callable[[Delivery, Posted], None]


class Post:
    """Queues messages on a driver and sorts what is delivered; :meth:`end_by` says how deliveries end."""

    def __init__(self, driver: QueueDriver, names: Sequence[str] | None = None) -> None:
        """``names``: the hosts that are up (default: all of the driver)."""
        self.driver = driver
        self.names = tuple(names or driver.names)
        self.posted: dict[str, Posted] = {}
        self._ending: Ending = self._done
        driver.begin(self.names, self._came)

    def make(self, name: str, path: str, **more: Any) -> Posted:
        """A message, not queued yet. ``more`` goes into its payload."""
        run = self.driver.unique("wrun_PROBE")
        payload: dict[str, Any] = {"runId": run}
        if path == "step":
            payload = {
                "workflowName": "workflow//./probe//probe",
                "workflowRunId": run,
                "workflowStartedAt": 1700000000000,
                "stepId": self.driver.unique("step_PROBE"),
            }
        message = Posted(name, path, f"{PREFIXES[path]}probe", payload | more)
        self.posted[message.id] = message
        return message

    def end_by(self, ending: Ending) -> None:
        """From now on ``ending`` decides how a delivery of a message ends; until then it is done."""
        self._ending = ending

    def release(self) -> None:
        """From now on every delivery is done."""
        self._ending = self._done

    def send(self, message: Posted, host: str, **options: Any) -> Asked:
        """Begin to queue a message (again) from a host."""
        asked = self.driver.ask(host, "queue", message.queue, message.payload, options)
        with_ = "".join(f", {key} {value}" for key, value in options.items())
        self.driver.note(f"{host} queues {message.name} ({message.id}){with_}", asked.at)
        message.asked.append(asked)
        return asked

    def _done(self, delivery: Delivery, _: Posted) -> None:
        self.driver.finish(delivery)

    def hold(self, delivery: Delivery, _: Posted) -> None:
        """The handler goes on for as long as nobody ends it."""

    def _came(self, delivery: Delivery) -> None:
        message = self.posted.get(ident(delivery.payload))
        if message is None:
            self.driver.finish(delivery)  # left over from before
            return
        message.deliveries.append(delivery)
        self._ending(delivery, message)

    def refused(self) -> str:
        """What a call of ``queue()`` was refused with, if one was."""
        for message in self.posted.values():
            for asked in message.asked:
                if asked.error is not None:
                    return f"queue() refused {message.name}: {asked.error}"
        return ""

    def story(self, *messages: Posted) -> list[str]:
        """The lines of the timeline that are about these messages, by name."""
        names = {message.id: message.name for message in messages}
        names |= {
            delivery.message_id: message.name for message in messages for delivery in message.deliveries
        }
        found = []
        for line in sorted(self.driver.seen.timeline, key=lambda line: float(line.split()[0])):
            hits = [key for key in names if key and key in line]
            if hits:
                found.append(line.replace(f" ({hits[0]})", "").replace(hits[0], names[hits[0]]))
        return found
