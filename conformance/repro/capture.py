"""Replay a failure once on the real world, and keep all that its script needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from conformance.core.errors import ConformanceError, NotSupported
from conformance.core.scenario import Level, Scenario, Variant
from conformance.provision.catalog.code import Code
from conformance.provision.open import OpenWorld
from conformance.racemap.find import by_id, variant_of
from conformance.record.replays import Replayed
from conformance.search.failure import Failure
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

#: Faults that a script does not make, and what it would have to do.
_UNABLE: Final = {"restart": "restart the service", "zone": "run in two time zones"}
_NOT_RUNTIME = (
    "A script replays operations of the world; level runtime replays deliveries of the real runtime."
)


@dataclass(frozen=True, slots=True)
class Captured:
    """A failure that was seen again."""

    scenario: Scenario
    variant: Variant
    verdicts: list[Verdict]
    failure: Failure

    @property
    def failed(self) -> list[Verdict]:
        """The checks that fail, those first that the script shows."""
        return [verdict for verdict in self.verdicts if verdict.outcome == "fail"]

    @property
    def defect(self) -> str:
        return next(verdict.defect for verdict in self.failed if verdict.failure is self.failure)


def refuse(replayed: Replayed, code: Code) -> None:
    """Raise :class:`NotSupported` for what no Node script can show, before anything is started."""
    if replayed.level == "runtime":
        raise NotSupported(
            f"{_NOT_RUNTIME}", "Export the failure of the same scenario at level handlers or storage."
        )
    unable = [_UNABLE[fault.kind] for fault in replayed.case.faults if fault.kind in _UNABLE]
    if unable:
        raise NotSupported(
            f"A script does not {unable[0]}.",
            "Export a failure with other faults, or show this one with --world-replay.",
        )
    if code.engine != "node":
        what = "in this process" if code.engine == "memory" else "in Python"
        raise NotSupported(
            f"{code.target.label} runs {what}, and a script is of Node alone.",
            "Choose the published package of a world, or its checkout with --path.",
        )


def capture(opened: OpenWorld, replayed: Replayed, seed: int = 0) -> Captured:
    """Play the failing schedule once, with the line of code behind every operation.

    Raises :class:`ConformanceError` when it does not fail this time, and says how it went instead.
    """
    scenario = by_id(replayed.scenario)
    variant = variant_of(scenario, cast(Level, replayed.level), replayed.variant)
    assert variant is not None, "read_replays has found it"
    driver = opened.driver_of(variant)
    judge = Judge(driver, seed, opened.policy, stacks=True)
    verdicts = judge.replay(variant, replayed.case, replayed.token, 1)
    shown = next((one for one in verdicts if one.outcome == "fail" and one.failure is not None), None)
    if shown is None or shown.failure is None:
        doubtful = next((one.reason for one in verdicts if one.outcome == "inconclusive"), "")
        raise ConformanceError(
            f"{scenario.id}/{variant.name} does not fail under {replayed.token or 'that schedule'}"
            + (f": {doubtful}" if doubtful else " (all three checks hold)."),
            "Take the spec or the record of a failure of this very version.",
        )
    return Captured(scenario, variant, verdicts, shown.failure)
