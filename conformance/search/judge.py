"""The judge: control first, then the race under many schedules, then every failure again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Final

from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import ACTORS, Driver
from conformance.handlers import Policy
from conformance.search.budget import Limits
from conformance.search.failure import Evidence, Searched
from conformance.search.judging import FEWEST, Logs, confirm, do, generate, logs_of, vary, verdicts
from conformance.search.real_time import RealTime
from conformance.search.strategies import Replay, Search, Strategy
from conformance.search.strategies.known import follow
from conformance.search.time import pass_time, stand_still
from conformance.search.trials import Key, Progress, Trials, key_of, rule_of
from conformance.search.verdict import Verdict

#: The share of the time for a variant in which time passes, or stands still, when what races was searched.
_FOR_TIME: Final = 0.15
#: After so many schedules of a case that cannot be judged (they do not end, say) no other is searched.
_MOST_BROKEN: Final = 3


class Judge:
    """Judges variants on one driver; parameters as of :class:`Trials`."""

    def __init__(
        self,
        driver: Driver,
        seed: int = 0,
        policy: Policy | None = None,
        progress: Progress | None = None,
        *,
        stacks: bool = False,
        first: Strategy | None = None,
    ) -> None:
        self.trials = Trials(driver, seed, policy, progress, stacks=stacks)
        #: schedules of the first case that are tried before the search
        self._first = first
        self._searches: dict[Case, Search] = {}

    def judge(self, variant: Variant, limits: Limits) -> list[Verdict]:
        """One verdict per check. Raises :class:`NotSupported` only: what a world, its host or its service
        does, and what goes wrong in the suite itself, is in the verdicts. At the driver's deadline what was
        proven by then is reported, and the rest is undecided."""
        self._begin(limits.seconds)
        parts = (self._search, self._change_time, self._generate, self._free, partial(confirm, self.trials))
        do(self.trials, parts, variant, limits)
        return self._verdicts()

    def replay(self, variant: Variant, case: Case, token: str, times: int) -> list[Verdict]:
        """Play one schedule ``times`` times and nothing else; verdicts say how often each rule broke."""
        self._begin()
        trials = self.trials
        evidence = trials.evidence
        evidence.bound = "one schedule, replayed"
        evidence.replays = times
        counts: Counter[tuple[str, str]] = Counter()
        strategy = Replay(token, times)
        logs: Counter[Logs] = Counter()
        with trials.guarded():
            control = trials.control(variant, case)
            for choose in strategy.choosers():
                played, findings = trials.try_one(variant, case, choose, control, "search")
                counts.update({rule_of(finding) for finding in findings})
                logs[logs_of(played, variant)] += 1
                if played.history.broken:
                    break  # it would be so each time
        if strategy.diverged:
            evidence.inconclusive = (
                f"{token} no longer fits: {strategy.diverged} of {times} replays left its path"
            )
        for failure in trials.failures.values():
            failure.replays = min(times, evidence.schedules)
            failure.varied = vary(logs)
            failure.reproduced = counts[rule_of(failure.finding)]
        return self._verdicts()

    def _begin(self, seconds: float | None = None) -> None:
        self.trials.begin(seconds)
        self._searches = {}

    def _verdicts(self) -> list[Verdict]:
        self._count_searches()
        return verdicts(self.trials)

    @property
    def evidence(self) -> Evidence:
        """What was tried since the last judgement began."""
        self._count_searches()
        self.trials.count()
        return self.trials.evidence

    @property
    def so_far(self) -> str:
        """As of :attr:`Trials.so_far`, with the conflicts that the search knows."""
        known = [search.known.coverage for search in self._searches.values()]
        reachable, both = sum(one.reachable for one in known), sum(one.both_ways for one in known)
        return self.trials.so_far + (f", {both}/{reachable} conflicts both ways" if reachable else "")

    def _count_searches(self) -> None:
        if self._searches:
            evidence = self.trials.evidence
            found = [Searched.of(case, search) for case, search in self._searches.items()]
            evidence.searched = found
            evidence.strayed = sum(search.strayed for search in self._searches.values())
            evidence.exhausted = all(one.exhausted for one in found)
            evidence.bound = "; ".join(dict.fromkeys(one.bound for one in found))

    def explore(self, variant: Variant, case: Case, strategy: Strategy) -> bool:
        """Play and check every schedule that a strategy asks for; False when nothing can be concluded: the
        control cannot run, or schedules do not end.

        Raises :class:`HostFailed`. :meth:`judge` goes on from what is found; a benchmark only wants it run.
        """
        trials = self.trials
        control = trials.control(variant, case)
        if control is None:
            return False
        broken = 0
        real_time = RealTime(variant.level, trials.explain)
        for choose in strategy.choosers():
            if trials.is_late and trials.evidence.schedules >= FEWEST:
                break
            played, _ = trials.try_one(variant, case, choose, control, "search")
            broken += bool(played.history.broken)
            if broken == _MOST_BROKEN:
                return False
            strategy.played(played.steps)
            trace = strategy.fresh
            if trace is None or played.history.broken:
                continue
            for schedule in real_time.breaking(played, trace, trials.failures):
                trials.try_one(variant, case, follow(schedule), control, "search")
        return True

    # -- the parts of judging -------------------------------------------------------------------

    def _search(self, variant: Variant, limits: Limits) -> None:
        """Fixed cases, one after the other: two actors are finished before three begin."""
        with self.trials.leaving(_FOR_TIME):
            self._search_cases(variant, limits)

    def _search_cases(self, variant: Variant, limits: Limits) -> None:
        if self._first is not None:
            self.explore(variant, limits.cases[0], self._first)
        for case in sorted(limits.cases, key=lambda case: case.actors):
            if self._is_searched(variant, case):
                continue
            search = self._searches[case] = limits.search(case)
            if not self.explore(variant, case, search):
                return
        self._spend_rest(variant)

    def _is_searched(self, variant: Variant, case: Case) -> bool:
        """Whether the actors do in this case what they did in one that was searched: there is more, and it is
        not in the race."""
        fewer = replace(case, siblings=0)
        if fewer == case or fewer not in self._searches or self.trials.control(variant, case) is None:
            return False
        operations = self.trials.operations
        return operations(variant, case, ACTORS) == operations(variant, fewer, ACTORS)

    def _spend_rest(self, variant: Variant) -> None:
        """The schedules that cases did not use go to those that have not come as deep as they should, whether
        they were searched before or after."""
        searches = self._searches
        planned = sum(search.most for search in searches.values())
        for case, search in searches.items():
            left = planned - sum(other.runs for other in searches.values())
            if left > 0 and not search.reached:
                search.most = search.runs + left
                if not self.explore(variant, case, search):
                    return

    def _change_time(self, variant: Variant, limits: Limits) -> None:
        """What hangs on the time: an hour passes in a schedule, or no time at all."""
        search = self._searches.get(limits.cases[0])
        if search is not None:
            pass_time(self.trials, variant, limits, search.known)
            stand_still(self.trials, variant, limits, search.known)

    def _generate(self, variant: Variant, limits: Limits) -> None:
        from conformance.search.draw import cases  # noqa: PLC0415 - Hypothesis is slow to import

        drawn = cases(variant, limits.cases if limits.alike else ())
        generate(self.trials, variant, limits, drawn, self.trials.try_one)

    def _free(self, variant: Variant, limits: Limits) -> None:
        """No gates: all actors go at once. What only such a run finds has no schedule to replay, so it is
        counted."""
        trials = self.trials
        if not trials.driver.can_run_free or trials.evidence.inconclusive or trials.is_late:
            return
        trials.depend_on_seed()
        case = limits.cases[0]
        seen: Counter[Key] = Counter()
        try:
            for _ in range(limits.free):
                _, found = trials.try_one(variant, case, None, trials.control(variant, case), "free")
                seen.update({key_of(finding) for finding in found})
                trials.evidence.free += 1
        finally:
            for key, times in seen.items():
                failure = trials.failures.get(key)
                if failure is not None and failure.found_by == "free":
                    failure.reproduced, failure.replays = times, trials.evidence.free
