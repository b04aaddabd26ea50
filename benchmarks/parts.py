"""The benchmarks of ``docs/speed.md``: what each is called, and its commands."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from typing import Final

#: The published Worlds whose schedules are measured.
WORLDS: Final = ("redis", "local", "postgres", "mongodb")


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark: its name in ``docs/speed.md`` and in ``--only``, and the words of its commands."""

    name: str
    commands: tuple[tuple[str, ...], ...]

    @property
    def missing(self) -> str:
        """The module of a command that there is not; empty when all are there."""
        modules = [f"benchmarks.{command[0]}" for command in self.commands]
        return next((name for name in modules if importlib.util.find_spec(name) is None), "")


PARTS: Final = (
    Part("memory", (("memory",), ("memory", "--actors", "3"))),
    Part("detangle", (("detangle",),)),
    Part("bound", tuple([("bound", "--world", world) for world in WORLDS])),
    Part(
        "shares",
        (("shares", "memory", *WORLDS, "--level", "storage", "--level", "handlers", "--level", "runtime"),),
    ),
    Part("faults", tuple([("faults", "--world", world) for world in WORLDS])),
    Part("start", (("start",),)),
    Part("servers", (("servers",),)),
    Part("soak", (("soak",), ("soak", "--world", "redis"))),
)


def words(command: tuple[str, ...]) -> list[str]:
    """A command of a part, as it is run."""
    return [sys.executable, "-m", f"benchmarks.{command[0]}", *command[1:]]


def typed(command: tuple[str, ...]) -> str:
    """A command of a part, as a reader would type it."""
    return " ".join(["python", "-m", f"benchmarks.{command[0]}", *command[1:]])
