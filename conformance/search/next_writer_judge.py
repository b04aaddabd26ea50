"""The judge of a crash and what comes after it: the first actor dies at each of its operations in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from conformance.core.faults import Fault, RaceFault
from conformance.core.scenario import Variant
from conformance.core.starts import Start
from conformance.drivers.driver import ACTORS, Driver
from conformance.oracle import Finding
from conformance.search.budget import Limits
from conformance.search.fault_places import places_of
from conformance.search.judging import FEWEST, confirm, do, verdicts
from conformance.search.play import Played
from conformance.search.strategies import Sequential
from conformance.search.trials import Progress, Trials, rule_of
from conformance.search.verdict import Verdict

#: Before an operation is made, and after it was made and before its answer is known.
_ENDS: Final[frozenset[RaceFault]] = frozenset({"kill", "die"})


class NextWriterJudge:
    """Judges variants of :mod:`conformance.levels.next_writer`; parameters as of :class:`Trials`."""

    def __init__(self, driver: Driver, seed: int = 0, progress: Progress | None = None) -> None:
        self._trials = Trials(driver, seed, None, progress, select=self._select)
        #: rules that break although nobody died
        self._alone: set[tuple[str, str]] = set()

    def judge(self, variant: Variant, limits: Limits) -> list[Verdict]:
        """One verdict for each check. All places are tried that show something of their own (see
        :mod:`conformance.search.fault_places`); ``limits`` says the case, ``replays`` and ``seconds``."""
        self._trials.begin(limits.seconds)
        self._alone = set()
        do(self._trials, (self._every_place, partial(confirm, self._trials)), variant, limits)
        return verdicts(self._trials)

    @property
    def so_far(self) -> str:
        """As of :attr:`Trials.so_far`."""
        return self._trials.so_far

    def _every_place(self, variant: Variant, limits: Limits) -> None:
        trials, case = self._trials, limits.cases[0]
        control = trials.control(variant, case)
        if control is None:
            return
        played, _ = trials.try_one(variant, case, next(Sequential().choosers()), control, "search")
        first, evidence = _operations_of_first(played), trials.evidence
        possible = _ENDS & trials.driver.faults
        if not possible:
            evidence.inconclusive = "the callers of this World share a process, so none of them can die alone"
        places = places_of(played, possible)
        faults = [Fault(kind, place) for kind, every in places.items() for place in every if place < first]
        evidence.places += len(faults)
        # Death before the first operation leaves nothing, so where there is little time it is left out.
        for number, fault in enumerate((*faults[1:], *faults[:1])):
            if trials.is_late and number >= FEWEST:
                break
            choose = next(Sequential().choosers())
            died, _ = trials.try_one(variant, replace(case, faults=(fault,)), choose, control, "search")
            happened = [each.kind for each in died.history.faults]
            evidence.faults.update(happened)
            evidence.faulted += bool(happened)
            evidence.places_tried += bool(happened)
        evidence.exhausted = evidence.places == evidence.places_tried
        trials.evidence.bound = "one death, in one order"

    def _select(self, findings: Sequence[Finding], played: Played) -> Sequence[Finding]:
        """What breaks although nobody died is not the crash's doing."""
        if not played.history.faults:
            self._alone.update(map(rule_of, findings))
            return ()
        return [finding for finding in findings if rule_of(finding) not in self._alone]


def _operations_of_first(played: Played) -> int:
    return sum(
        step.chosen == ACTORS[0]
        and not any(name == step.chosen and isinstance(gate, Start) for name, gate in step.held)
        for step in played.steps
    )
