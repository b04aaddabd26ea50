"""What a host says of the world it holds, once that is made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote

#: a line of a stack of Node: the file, as a path or an address, and its line
_FRAME: Final = re.compile(r"\bat .*?(?:file://)?(/[^\s()?]+)(?:\?[^\s():]*)?:(\d+):\d+")


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
    #: whether its clock can stand still for a schedule
    stands_still: bool = False
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
            answer.get("standsStill") is True,
            answer.get("dies") is True,
        )


def thrown_at(stack: str, root: str) -> str:
    """``src/index.mjs:12``: the innermost line of a World's own files in the stack of an error of Node. Empty
    when there is none in ``root``, the folder of its package or of what it is installed in."""
    folder = os.path.realpath(root) if root else ""
    for file, line in _FRAME.findall(stack):
        path = unquote(file)
        if folder and path.startswith(f"{folder}/"):
            return f"{path.removeprefix(f'{folder}/').removeprefix('node_modules/')}:{line}"
    return ""
