"""A few lines around HostProcess: make a call, and step it from gate to gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.drivers.process.host import HostProcess
from conformance.provision.catalog.plan import node_host_command

CLOCK = 1_800_000_000_000
TOY = str(Path(__file__).parent / "toys" / "world.mjs")


class Driven:
    """A host with a world open."""

    def __init__(
        self,
        world: dict[str, Any],
        *,
        actors: str = "A",
        seed: int = 1,
        clock: int = CLOCK,
        command: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.actor = actors[0]
        self.host = HostProcess.start(command or node_host_command(), env or {}, actors)
        self.opened = self.host.open(world, list(actors), seed, clock, 30)

    def start(
        self,
        op: str,
        *args: Any,
        actor: str | None = None,
        gated: bool = True,
        stacks: bool = False,
        **more: Any,
    ) -> int:
        ident = self.host.next_id()
        call = {"id": ident, "actor": actor or self.actor, "op": op, "args": args, "gated": gated}
        self.host.send({"type": "call", **call, "stacks": stacks, **more})
        return ident

    def next(self, timeout: float = 10) -> dict[str, Any]:
        message = self.host.receive(timeout)
        assert message is not None, "the host says nothing"
        return message

    def silent(self, seconds: float = 0.05) -> bool:
        """Whether the host has nothing to say for a while."""
        return self.host.receive(seconds) is None

    def go(self, gate: dict[str, Any], **more: Any) -> None:
        assert gate["type"] == "gate", gate
        self.host.send({"type": "go", "gate": gate["gate"], **more})

    def run(self, op: str, *args: Any, **how: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """All gates of a call, each released at once, and its answer."""
        ident, gates = self.start(op, *args, **how), []
        while (message := self.next())["type"] == "gate":
            gates.append(message)
            self.go(message)
        assert message["id"] == ident
        return gates, message

    def value(self, op: str, *args: Any) -> Any:
        """The value of a call without gates."""
        gates, answer = self.run(op, *args, gated=False)
        assert not gates
        assert answer["type"] == "result", answer
        return answer["value"]

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self.host.close()


def labels(gates: Sequence[dict[str, Any]]) -> list[str]:
    return [gate["label"] for gate in gates]
