"""The judge of a crash and what comes after it: the first actor dies at each of its operations in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from conformance.core.faults import Fault, FaultKind
from conformance.core.scenario import Case, Variant
from conformance.core.starts import Start
from conformance.drivers.driver import ACTORS, Driver
from conformance.oracle import Finding
from conformance.search.budget import Limits
from conformance.search.judging import confirm, do, verdicts
from conformance.search.play import Played
from conformance.search.strategies import Sequential
from conformance.search.trials import Trials, rule_of
from conformance.search.verdict import Verdict

#: Before an operation is made, and after it was made and before its answer is known.
_ENDS: tuple[FaultKind, ...] = ("kill", "die")


class NextWriterJudge:
    """Judges variants of :mod:`conformance.levels.next_writer`; parameters as of :class:`Trials`."""

    def __init__(self, driver: Driver, seed: int = 0) -> None:
        self._trials = Trials(driver, seed, select=self._select)
        #: rules that break although nobody died
        self._alone: set[tuple[str, str]] = set()

    def judge(self, variant: Variant, limits: Limits) -> list[Verdict]:
        """One verdict for each check. All places are tried; ``limits`` says ``replays`` and ``seconds``."""
        self._trials.begin(limits.seconds)
        self._alone = set()
        do(self._trials, (self._every_place, partial(confirm, self._trials)), variant, limits)
        return verdicts(self._trials)

    def _every_place(self, variant: Variant, limits: Limits) -> None:  # noqa: ARG002 - all places are few
        trials, case = self._trials, Case()
        control = trials.control(variant, case)
        if control is None:
            return
        played, _ = trials.try_one(variant, case, next(Sequential().choosers()), control, "search")
        kinds = [kind for kind in _ENDS if kind in trials.driver.faults]
        for place in range(_operations_of_first(played)):
            for kind in kinds:
                faults = (Fault(kind, place),)
                choose = next(Sequential().choosers())
                died, _ = trials.try_one(variant, replace(case, faults=faults), choose, control, "search")
                happened = [fault.kind for fault in died.history.faults]
                trials.evidence.faults.update(happened)
                trials.evidence.faulted += bool(happened)
                trials.evidence.places += 1
                trials.evidence.places_tried += bool(happened)
        trials.evidence.exhausted = True
        trials.evidence.bound = "the first caller dies at each operation"

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
