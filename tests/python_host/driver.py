"""A few lines around HostProcess: make a call, and step it from gate to gate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from conformance.core.content import HOSTS
from conformance.drivers.process.host import HostProcess

CLOCK = 1_800_000_000_000
TOYS = str(Path(__file__).parent / "toys.py")


class Driven:
    """A Python host with a world open."""

    def __init__(self, cls: str, *, actors: str = "A", seed: int = 1, **world: Any) -> None:
        main = HOSTS / "python" / "main.py"
        self.host = HostProcess.start([sys.executable, str(main)], {}, "python")
        self.opened = self.host.open({"class": cls, **world}, list(actors), seed, CLOCK, 20)

    def start(self, op: str, *args: Any, actor: str = "A", gated: bool = True, stacks: bool = False) -> int:
        ident = self.host.next_id()
        call = {"id": ident, "actor": actor, "op": op, "args": list(args), "gated": gated, "stacks": stacks}
        self.host.send({"type": "call", **call})
        return ident

    def next(self, timeout: float = 5) -> dict[str, Any]:
        message = self.host.receive(timeout)
        assert message is not None, "the host says nothing"
        return message

    def go(self, gate: dict[str, Any], **more: Any) -> None:
        assert gate["type"] == "gate"
        self.host.send({"type": "go", "gate": gate["gate"], **more})

    def run(self, op: str, *args: Any, **how: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """All gates of a call, each released at once, and its answer."""
        ident, gates = self.start(op, *args, **how), []
        while (message := self.next())["type"] == "gate":
            gates.append(message)
            self.go(message)
        assert message["id"] == ident
        return gates, message

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.host.close() in (0, None) or self.host.failed
