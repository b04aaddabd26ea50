"""All that a scenario file imports."""

from __future__ import annotations

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.scenario import Case, Program, Race, Scenario
from conformance.levels.handlers import HandlerSuite
from conformance.levels.storage import WORKFLOW, Suite

__all__ = ["WORKFLOW", "Actor", "Case", "HandlerSuite", "Program", "Race", "Scenario", "Suite", "events"]
