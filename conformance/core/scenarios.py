"""Finding the scenarios: one file each in ``scenarios/``, none of them named here."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache

from conformance.core.content import content
from conformance.core.scenario import Scenario


def scenarios() -> tuple[Scenario, ...]:
    """The races, by number."""
    return tuple(one for one in all_scenarios() if not one.sequential_only)


@cache
def all_scenarios() -> tuple[Scenario, ...]:
    """The races, and before them those in which nothing races, by number. They are loaded from the content
    folder, under names of our own."""
    found: list[Scenario] = []
    for path in sorted(content("scenarios").glob("s*_*.py")):
        name = f"conformance._scenarios.{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        found.append(module.SCENARIO)
    return tuple(sorted(found, key=lambda scenario: scenario.number))


def by_id(name: str) -> Scenario:
    """The scenario with that id or number. ``KeyError`` when there is none."""
    for scenario in all_scenarios():
        if name in (scenario.id, str(scenario.number)):
            return scenario
    raise KeyError(name)
