"""Draws flows, and plays each with the preemptions that make two replays part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.oracle import check_ending
from conformance.search.failure import Failure
from conformance.search.strategies import Chooser
from conformance.search.strategies.stale_reads import StaleReads
from conformance.search.trials import Key, Trials, key_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Tries to make a flow smaller that was found.
_SHRINKS: Final = 30


@dataclass(frozen=True, slots=True)
class Hunted:
    """What drawn flows broke: the smallest flow for each way. ``flows`` were drawn, ``schedules`` played."""

    failures: list[Failure]
    flows: int
    schedules: int
    #: why no more were drawn, if so
    undecided: str = ""


def hunt(
    driver: Driver,
    variant: Variant,
    count: int,
    seed: int = 0,
    flows: SearchStrategy[Case] | None = None,
) -> Hunted:
    """Draw so many flows for a variant that runs the flow of its case, with a seed that repeats them.
    ``flows``: what is drawn, otherwise than by :mod:`conformance.search.draw_flows`.

    Each flow is played with every preemption. One that breaks something new is made smaller with the
    preemption that has shown it.
    """
    from conformance.search.draw import draw  # noqa: PLC0415 - Hypothesis is slow to import
    from conformance.search.draw_flows import flow_cases  # noqa: PLC0415 - with it

    trials = Trials(driver, seed, checks=check_ending)
    evidence = trials.evidence
    drawn = 0
    with trials.guarded():
        while drawn < count and not evidence.inconclusive:
            known = set(trials.failures)
            parting = _Parting(trials, variant, known)
            draw(flow_cases() if flows is None else flows, count - drawn, seed, _SHRINKS, parting)
            drawn += parting.drawn
            if known == set(trials.failures):
                break
    undecided = evidence.inconclusive or evidence.crash
    return Hunted(list(trials.failures.values()), drawn, evidence.schedules, undecided)


class _Parting:
    """Whether a preemption makes the replays of a flow part in a way that is not ``known``."""

    def __init__(self, trials: Trials, variant: Variant, known: set[Key]) -> None:
        self._trials = trials
        self._variant = variant
        self._known = known
        #: the preemption that has shown something
        self._shown: int | None = None
        #: how many flows were drawn before it
        self.drawn = 0

    def __call__(self, case: Case, choose: Chooser) -> bool:  # noqa: ARG002 - its schedules are its own
        self.drawn += self._shown is None
        control = self._trials.control(self._variant, case)
        if control is None:
            return False
        for number, preemption in enumerate(StaleReads().choosers()):
            if self._shown not in (None, number):
                continue
            _, findings = self._trials.try_one(self._variant, case, preemption, control, "drawn")
            if any(key_of(finding) not in self._known for finding in findings):
                self._shown = number
                return True
        return False
