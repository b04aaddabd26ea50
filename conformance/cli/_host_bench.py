"""The bench on which ``world-conformance check-host`` looks at a host: start it, call it, step it, end it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.drivers.process.host import HostProcess

CLOCK: Final = 1_800_000_000_000
#: How long nothing has to happen before we believe that nothing will, in seconds.
SILENCE: Final = 0.3


class BrokenError(Exception):
    """The requirement is not met."""


class NotShownError(Exception):
    """This world cannot show whether it is met."""


@dataclass(slots=True)
class Bench:
    """How to start the host under test, and what was started. ``call_limit`` in seconds."""

    command: Sequence[str]
    world: dict[str, Any]
    env: Mapping[str, str]
    call_limit: float = 30.0
    #: every line that any of the hosts wrote
    said: list[bytes] = field(default_factory=list)
    _hosts: list[Subject] = field(default_factory=list)
    #: on a store that all hosts share, each needs ids of its own, and so does the next check of it
    _seed: int = field(default_factory=lambda: secrets.randbits(40))

    def seed(self) -> int:
        """One that was not used before."""
        self._seed += 1
        return self._seed

    def start(self) -> Subject:
        """A host process, nothing open in it."""
        host = HostProcess.start(self.command, self.env, self.command[0], on_line=self.said.append)
        subject = Subject(host, self)
        self._hosts.append(subject)
        return subject

    def open(self, actors: str = "A", seed: int | None = None) -> Subject:
        """A host process with a world open."""
        subject = self.start()
        seed = self.seed() if seed is None else seed
        subject.opened = subject.host.open(self.world, list(actors), seed, CLOCK, self.call_limit)
        return subject

    def finish(self) -> None:
        """End all processes that are left."""
        for subject in self._hosts:
            subject.host.kill()
        self._hosts.clear()


class Subject:
    """One host process under test."""

    def __init__(self, host: HostProcess, bench: Bench) -> None:
        self.host = host
        self.opened: Any = None
        self._call_limit = bench.call_limit

    def send(self, **message: Any) -> int:
        ident = self.host.next_id()
        self.host.send({"id": ident, **message})
        return ident

    def call(self, op: str, *args: Any, actor: str = "A", gated: bool = False) -> int:
        return self.send(type="call", actor=actor, op=op, args=list(args), gated=gated)

    def next(self) -> dict[str, Any]:
        message = self.host.receive(self._call_limit)
        if message is None:
            raise BrokenError(f"no message for {self._call_limit:g} s")
        return message

    def quiet(self) -> None:
        """Nothing is said for a while."""
        message = self.host.receive(SILENCE)
        if message is not None:
            raise BrokenError(f"a {message['type']!r} came where nothing may")

    def go(self, gate: dict[str, Any], **more: Any) -> None:
        self.host.send({"type": "go", "gate": gate["gate"], **more})

    def finish(self, ident: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Release every gate of a call: the gates, and the answer."""
        gates = []
        while True:
            message = self.next()
            if message["type"] == "gate":
                gates.append(message)
                self.go(message)
            elif message.get("id") == ident:
                return gates, message
            else:
                raise BrokenError(f"a {message['type']!r} for {message.get('id')} while call {ident} runs")

    def free(self, op: str, *args: Any, actor: str = "A") -> dict[str, Any]:
        """A call that is not gated, and its answer."""
        gates, answer = self.finish(self.call(op, *args, actor=actor))
        if gates:
            raise BrokenError(f"{op} was held at {gates[0]['label']!r}, and it was not gated")
        return answer

    def run(self, payload: Any = None) -> dict[str, Any]:
        """A new run. Its entity."""
        answer = self.free("events.create", None, created(payload))
        if answer["type"] != "result":
            raise BrokenError(f"run_created was refused: {answer['error']}")
        run: dict[str, Any] = answer["value"]["run"]
        return run


def created(payload: Any) -> dict[str, Any]:
    """An event that makes a run."""
    data = {"deploymentId": "conformance", "workflowName": "check", "input": payload}
    return {"eventType": "run_created", "specVersion": 2, "eventData": data}
