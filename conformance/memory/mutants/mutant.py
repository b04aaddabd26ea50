"""What a mutant is, and where the suite must catch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from conformance.core.scenario import Level
from conformance.handlers import Policy
from conformance.memory.world import MemoryWorld
from conformance.oracle import CheckName
from conformance.spec.rules import RULES, Severity

#: The number of the race map.
MAP: Final = 900


class Caught(NamedTuple):
    """A cell that must turn red (or show a note, when the rule is a *should*), and the rule it names."""

    scenario: int
    level: Level
    rule: str
    #: it takes a fault to see it
    faulty: bool = False
    #: the variant of the race map that shows it; empty for scenarios of files
    variant: str = ""

    @property
    def check(self) -> CheckName:
        """The check that a rule belongs to."""
        match self.rule.partition(".")[0]:
            case "logs":
                return "logs"
            case "continuation" | "body":
                return "continuation"
            case _:
                return "convergence"

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity


@dataclass(frozen=True, slots=True)
class Mutant:
    """A memory world, or handlers over one, with one thing broken.

    ``about`` says what, in one sentence. ``caught``: the cells that must show it. ``policy`` is None when
    the handlers are the real runtime's.
    """

    name: str
    about: str
    caught: tuple[Caught, ...]
    world: Callable[[], MemoryWorld] = MemoryWorld
    policy: Policy | None = None

    @property
    def scenarios(self) -> tuple[int, ...]:
        """The numbers of the scenarios it must be caught by; the race map is not one of them."""
        return tuple(sorted({caught.scenario for caught in self.caught if not caught.variant}))

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants of the race map that it must be caught by."""
        return tuple(sorted({caught.variant for caught in self.caught if caught.variant}))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules it must be seen to break."""
        return tuple(sorted({caught.rule for caught in self.caught}))


def storage(scenario: int, *rules: str) -> tuple[Caught, ...]:
    """Caught when the world's operations race."""
    return tuple(Caught(scenario, "storage", rule) for rule in rules)


def handlers(scenario: int, *rules: str) -> tuple[Caught, ...]:
    """Caught when the handlers race."""
    return tuple(Caught(scenario, "handlers", rule) for rule in rules)


def faults(scenario: int, *rules: str) -> tuple[Caught, ...]:
    """Caught when the handlers race and something goes wrong."""
    return tuple(Caught(scenario, "handlers", rule, faulty=True) for rule in rules)


def mapped(variant: str, *rules: str) -> tuple[Caught, ...]:
    """Caught when the operations of one variant of the race map race."""
    return tuple(Caught(MAP, "storage", rule, variant=variant) for rule in rules)
