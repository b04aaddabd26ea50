"""The judge of variants with faults: one thing goes wrong at each place in turn, then generated ones.

What breaks without faults too is reported by the variant without them, and not again here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from conformance.core.faults import Fault, FaultKind
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.handlers import Policy
from conformance.oracle import Control, Finding
from conformance.search.budget import Limits
from conformance.search.failure import FoundBy
from conformance.search.fault_order import Planned, by_novelty
from conformance.search.fault_places import Places, orders, places_of
from conformance.search.judging import FEWEST, Part, confirm, do, generate, verdicts
from conformance.search.play import Played
from conformance.search.strategies import Chooser, NewcomerFirst, Replay
from conformance.search.trials import Progress, Trials, rule_of
from conformance.search.verdict import Verdict

#: However little time there is, so many faults of a variant are tried.
_FEWEST: Final = 2 * FEWEST


class FaultJudge:
    """Judges variants made by :meth:`Scenario.faulty`; parameters as of :class:`Trials`."""

    def __init__(
        self,
        driver: Driver,
        seed: int = 0,
        policy: Policy | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._trials = Trials(driver, seed, policy, progress, select=self._select)
        #: rules that break without faults in a race, and those that do where nothing races
        self._raced: set[tuple[str, str]] = set()
        self._alone: set[tuple[str, str]] = set()
        #: how many places there are for each kind of fault, in the orders that were tried without any
        self._places: dict[FaultKind, int] = {}

    def judge(self, variant: Variant, limits: Limits, plain: Sequence[Verdict]) -> list[Verdict]:
        """As :meth:`Judge.judge`; ``plain`` are the verdicts on the same variant without faults."""
        self._raced = {(one.check, rule) for one in plain for rule in (*one.rules, *one.also)}
        self._raced |= {(one.check, should.finding.rule) for one in plain for should in one.shoulds}
        self._alone = set()
        self._places = {}
        self._trials.begin(limits.seconds)
        parts = (self._softly(self._single), self._softly(self._generate), partial(confirm, self._trials))
        do(self._trials, parts, variant, limits)
        return verdicts(self._trials)

    @property
    def so_far(self) -> str:
        """As of :attr:`Trials.so_far`."""
        return self._trials.so_far

    # -- the parts of judging -------------------------------------------------------------------

    def _softly(self, part: Part) -> Part:
        """Explore with soft deaths. What they show is confirmed by killing processes."""

        def explore(variant: Variant, limits: Limits) -> None:
            with self._trials.driver.soft_deaths():
                part(variant, limits)

        return explore

    def _single(self, variant: Variant, limits: Limits) -> None:
        """One fault a schedule: where nothing races, and where two actors take turns."""
        trials = self._trials
        case = limits.cases[0].faultless
        control = trials.control(variant, case)
        if control is None:
            return
        schedules = [self._try_one(variant, case, choose, control, "search")[0] for choose in orders()]
        places = [places_of(played, trials.driver.faults) for played in schedules]
        planned = self._planned(places, slow=limits.slow)
        trials.evidence.places = len(planned)
        for tried, (order, fault) in enumerate(planned):
            if tried == limits.searched or (trials.is_late and tried >= _FEWEST):
                break
            faulty = replace(case, faults=(fault,))
            self._try_one(variant, faulty, _with(fault, schedules[order]), control, "search")
            trials.evidence.places_tried += 1
        trials.evidence.exhausted = trials.evidence.places_tried == len(planned)
        trials.evidence.bound = "one fault, in two orders"
        if trials.evidence.faults["restart"] and not limits.slow:
            trials.evidence.bound += ", a restart of the service at one place"

    def _planned(self, schedules: list[Places], *, slow: bool) -> list[Planned]:
        """The faults to be tried, in this order. A restart takes seconds, so unless faults may be ``slow``
        one will do, where nothing races. It is among the first: it is tried however little time there is."""
        once: list[Planned] = []
        for number, places in enumerate(schedules):
            restarts = [] if slow else list(places.pop("restart", ()))
            if restarts and number == 0:
                once = [Planned(number, Fault("restart", restarts[len(restarts) // 2]))]
            for kind, found in places.items():
                if found:
                    self._places[kind] = max(max(found) + 1, self._places.get(kind, 0))
        planned = by_novelty(schedules)
        return [*planned[:_FEWEST], *once, *planned[_FEWEST:]]

    def _generate(self, variant: Variant, limits: Limits) -> None:
        from conformance.search.draw import faulty_cases  # noqa: PLC0415 - Hypothesis is slow to import

        generate(self._trials, variant, limits, faulty_cases(self._places), self._try_one)

    # -- one schedule ---------------------------------------------------------------------------

    def _try_one(
        self, variant: Variant, case: Case, choose: Chooser | None, control: Control | None, found_by: FoundBy
    ) -> tuple[Played, Sequence[Finding]]:
        """As :meth:`Trials.try_one`; the findings are those that are a fault's doing."""
        trials = self._trials
        played, findings = trials.try_one(variant, case, choose, control, found_by)
        happened = Counter(fault.kind for fault in played.history.faults)
        trials.evidence.faults.update(happened)
        trials.evidence.faulted += bool(happened)
        if findings and happened:
            self._tell_apart(variant, case, played, control)
        return played, self._new(findings, played)

    def _select(self, findings: Sequence[Finding], played: Played) -> Sequence[Finding]:
        """Report what is new; what breaks where nothing went wrong is known from then on."""
        if played.history.faults:
            return self._new(findings, played)
        (self._alone if played.sequential else self._raced).update(map(rule_of, findings))
        return ()

    def _new(self, findings: Sequence[Finding], played: Played) -> Sequence[Finding]:
        """Those of rules that hold as long as nothing goes wrong. A rule that breaks in races may still
        hold where nothing races, and break there of a fault."""
        known = self._alone if played.uninterrupted else self._alone | self._raced
        return [finding for finding in findings if rule_of(finding) not in known]

    def _tell_apart(self, variant: Variant, case: Case, played: Played, control: Control | None) -> None:
        """Play a schedule that broke something without its faults: what breaks then is not their doing."""
        trials = self._trials
        fresh = {key: rule_of(one.finding) for key, one in trials.failures.items() if one.played is played}
        if not fresh:
            return
        [choose] = Replay(played.token).choosers()
        plain = trials.play(variant, case.faultless, choose)
        if plain.history.broken:
            return
        found = trials.check(plain.observe(variant.level, in_order=plain.sequential), control)
        broken = {rule_of(finding) for finding in found}
        for key, rule in fresh.items():
            if rule in broken:
                (self._alone if plain.sequential else self._raced).add(rule)
                del trials.failures[key]


def _with(fault: Fault, played: Played) -> Chooser:
    """The schedule that was played, for when something goes wrong in it. Who gets a message that another
    still works on handles it at once: the longer it waits, the less is left to race with."""
    [choose] = Replay(played.token).choosers()
    if fault.kind == "again":
        return NewcomerFirst(choose, frozenset(step.chosen for step in played.steps))
    return choose
