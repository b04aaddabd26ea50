"""Which variants a test judges: the record plans these, and the test judges these."""

from __future__ import annotations

from typing import NamedTuple

from conformance.core.scenario import Level, Scenario, Variant
from conformance.plugin.session import Session
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.plan import can_kill, shares_process
from conformance.provision.catalog.target import Target
from conformance.spec.rows import LINES, Line


class Judged(NamedTuple):
    """The variants of one scenario at one level that are judged on one world."""

    #: each actor in a process of its own
    apart: list[Variant]
    #: the same with all actors in one instance of the World
    together: list[Variant]
    #: the same with faults
    faulty: list[Variant]

    @property
    def names(self) -> list[str]:
        """One name for each variant; one that is empty where the level has none, for that is said, too."""
        return [variant.name for part in self for variant in part] or [""]


def judged(
    session: Session, target: Target, scenario: Scenario, level: Level, line: Line = LINES[0]
) -> Judged:
    """What is judged in this run. A world whose code could not be had has no variants with one instance:
    nobody knows whether it can. ``line``: that of the World, which is known when it is open."""
    code = session.code(target)
    together = scenario.instance(level, line) if code is not None and has_instance(code, level) else []
    faulty = scenario.faulty(level, line) if session.config.option.world_faults == "on" else []
    if level == "storage" and code is not None and not can_kill(code):
        faulty = []
    limits = session.budget.limits
    return Judged(
        scenario.at(level, line), together, [each for each in faulty if not limits(each, speed=1).none]
    )


def has_instance(code: Code, level: Level) -> bool:
    """Whether actors can be apart, and in one instance too. Over a world that is not for Node the actors of
    the runtime share a process anyway."""
    return not shares_process(code) and (level != "runtime" or code.engine == "node")
