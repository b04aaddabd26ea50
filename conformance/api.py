"""All that a scenario file imports."""

from __future__ import annotations

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.scenario import Case, Program, Race, Scenario
from conformance.levels.handlers import HandlerSuite
from conformance.levels.next_writer import next_writers
from conformance.levels.programs import sequential
from conformance.levels.storage import WORKFLOW, Suite
from conformance.spec.vocabulary import WorldError

__all__ = [
    "WORKFLOW", "Actor", "Case", "HandlerSuite", "Program", "Race", "Scenario", "Suite", "WorldError",
    "events", "next_writers", "sequential",
]  # fmt: skip
