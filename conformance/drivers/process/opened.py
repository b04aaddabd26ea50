"""What a host says of the world it holds, once that is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Opened:
    """What a host says of the world it holds."""

    name: str
    version: str
    spec_version: int | None
    platform: str
    #: of the real runtime in it, if there is one: its version, and how it tells errors apart
    runtime: str = ""
    dialect: str = ""
    #: whether its handlers run steps and go on by themselves
    inline: bool = False
    #: what the world declares that it can do, by the names of the interface
    capabilities: frozenset[str] = frozenset()
    #: whether it lets operations go ahead unasked, as far as a call allows it
    goes_ahead: bool = False
    #: whether it makes calls that refer to the answers of earlier ones
    plays: bool = False
    #: whether it makes reads at once that are sent together
    reads_at_once: bool = False
    #: whether its world can die without its process, see ``HostProcess.die``
    dies: bool = False

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """From the message ``opened``."""
        runtime = answer.get("runtime") or {}
        return cls(
            answer["name"],
            answer["version"],
            answer.get("specVersion"),
            answer["platform"],
            runtime.get("version", ""),
            runtime.get("dialect", ""),
            runtime.get("inline", False),
            frozenset(answer.get("capabilities", ())),
            answer.get("goesAhead") is True,
            answer.get("plays") is True,
            answer.get("readsAtOnce") is True,
            answer.get("dies") is True,
        )
