"""Whose verdict a line of a record is about, and the commands that play it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.core.scenario import Level, Scenario
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.record.again import Again
from conformance.record.replays import spec
from conformance.search.failure import Failure


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose verdict it is."""

    target: Target
    code: Code | None
    scenario: Scenario
    level: Level
    variant: str
    test: str
    #: what the world's keys begin with in this run: of no interest to a reader
    namespace: str = ""
    #: the real runtime over it, at level ``runtime``
    runtime: RuntimeWanted | None = None
    #: how the run was asked for, beyond its world
    again: Again = field(default_factory=Again)

    def replay(self, failure: Failure) -> str:
        """The command that plays the schedule of a failure again; empty where no schedule was held."""
        if failure.found_by == "free":
            return ""
        what = spec(self.scenario.id, self.level, self.variant, failure.case, failure.played.token)
        return self._command(f"--world-replay={what}")

    def search(self) -> str:
        """The command that looks for it again."""
        return self._command(f"--world-level={self.level}", "-k", self.scenario.id)

    def _command(self, *further: str) -> str:
        return self.again.command(self.target, self.code, self.runtime, *further)
