"""Scenarios and variants by name: those of the files in ``scenarios/``, and those that are derived."""

from __future__ import annotations

from typing import Final

from conformance.core import scenarios
from conformance.core.scenario import Level, Scenario, Variant
from conformance.racemap.programs import PROGRAMS
from conformance.racemap.variants import RACE_MAP

#: Scenarios that no file in ``scenarios/`` holds.
DERIVED: Final[tuple[Scenario, ...]] = (RACE_MAP, PROGRAMS)


def by_id(name: str) -> Scenario:
    """The scenario with that id or number. ``KeyError`` when there is none."""
    for scenario in DERIVED:
        if name in (scenario.id, str(scenario.number)):
            return scenario
    return scenarios.by_id(name)


def variant_of(scenario: Scenario, level: Level, name: str) -> Variant | None:
    """The variant of that name at that level, however it is played."""
    variants = [*scenario.every(level), *scenario.asked(level)]
    return next((one for one in variants if one.name == name), None)
