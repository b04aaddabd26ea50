"""The judge: control first, then the race under many schedules, then every failure again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from hypothesis.strategies import SearchStrategy

from conformance.core.deadline import OutOfTime
from conformance.core.errors import ConformanceError, HostFailed, NotSupported
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import ACTORS, Driver
from conformance.handlers import Policy
from conformance.levels.prefix import Prefixes
from conformance.oracle import CHECKS, Control, Finding, Observed, UndecidedError, check
from conformance.oracle.convergence import misshapen
from conformance.search.budget import Limits
from conformance.search.crash import crashed
from conformance.search.draw import cases, draw
from conformance.search.failure import Evidence, Failure, FoundBy, Searched
from conformance.search.heard import listen
from conformance.search.play import Played, play
from conformance.search.strategies import Chooser, Replay, Search, Sequential, Strategy
from conformance.search.strategies.sequential import in_turn
from conformance.search.verdict import Verdict, decide, first

#: Told after every schedule how many were run.
Progress = Callable[[int], None]

#: However little time there is, so many schedules of a variant are run.
_FEWEST: Final = 2
#: After so many schedules of a case that cannot be judged (they do not end, say) no other is searched.
_MOST_BROKEN: Final = 3

#: Failures are kept one for each check and rule, the smallest.
Key = tuple[str, str]
_Work = Callable[[Variant, Limits], None]


@dataclass(slots=True)
class Judge:
    """Judges variants on one driver. ``seed`` makes a run repeatable; each schedule gets its own."""

    driver: Driver
    seed: int = 0
    #: which handlers are modelled; None: the real runtime's decisions
    policy: Policy | None = None
    progress: Progress | None = None
    #: every gate says its line of code, not only those of the schedules that are shown (slow)
    stacks: bool = False
    _prefixes: Prefixes = field(init=False)
    _schedule: int = 0
    _evidence: Evidence = field(default_factory=Evidence)
    _failures: dict[Key, Failure] = field(default_factory=dict)
    #: whether what is tried now depends on the seed
    _seed_dependent: bool = False
    _controls: dict[Case, Control | None] = field(default_factory=dict)
    # Checks are pure, so an outcome is judged once, however many schedules lead to it.
    _judged: dict[tuple[Observed, Control | None], list[Finding]] = field(default_factory=dict)
    _distinct: set[tuple[Case, tuple[str, ...]]] = field(default_factory=set)
    _outcomes: set[Observed] = field(default_factory=set)
    _searches: dict[Case, Search] = field(default_factory=dict)
    #: when no further schedule is searched, on the clock of :func:`time.monotonic`
    _until: float | None = None
    #: what was replayed in full, in whatever variant: the rule, and where the schedule switches
    _proven: set[tuple[Key, tuple[str, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._prefixes = Prefixes(self.driver, self.policy)

    def judge(self, variant: Variant, limits: Limits) -> list[Verdict]:
        """One verdict per check. Raises :class:`NotSupported` only: what a world, its host or its service
        does, and what goes wrong in the suite itself, is in the verdicts. At the driver's deadline what was
        proven by then is reported, and the rest is undecided."""
        self._forget()
        began = time.perf_counter()
        self._until = time.monotonic() + limits.seconds if limits.seconds is not None else None
        for work in self._works():
            if self._evidence.crash:
                break
            with self._guarded():
                self.driver.deadline.check()
                work(variant, limits)
        return self._verdicts(began)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever is raised in judging becomes a reason why nothing can be concluded."""
        evidence = self._evidence
        try:
            yield
        except NotSupported:
            raise
        except OutOfTime as error:
            evidence.inconclusive = error.what
        except HostFailed as error:
            evidence.inconclusive = f"the host failed: {error.what}"
            self.driver.revive()
        except ConformanceError as error:
            evidence.inconclusive = error.what
            self.driver.revive()
        except Exception as error:
            evidence.crash = crashed(error)
            self.driver.revive()

    def _works(self) -> Sequence[_Work]:
        """What judging consists of, in that order."""
        return self._search, self._draw, self._free, self._confirm

    def replay(self, variant: Variant, case: Case, token: str, times: int) -> list[Verdict]:
        """Play one schedule ``times`` times and nothing else; verdicts say how often each rule broke."""
        self._forget()
        began = time.perf_counter()
        evidence = self._evidence
        evidence.bound = "one schedule, replayed"
        evidence.replays = times
        counts: Counter[Key] = Counter()
        strategy = Replay(token, times)
        with self._guarded():
            control = self._control(variant, case)
            for choose in strategy.choosers():
                one, findings = self._one(variant, case, choose, control, "search")
                counts.update({key_of(finding) for finding in findings})
                if one.history.broken:
                    break  # it would be so each time
        played = min(times, evidence.schedules)
        if strategy.diverged:
            evidence.inconclusive = (
                f"{token} no longer fits: {strategy.diverged} of {times} replays left its path"
            )
        for key, failure in self._failures.items():
            failure.replays = played
            failure.reproduced = counts[key]
        return self._verdicts(began)

    def _forget(self) -> None:
        self._evidence = Evidence()
        self._failures = {}
        self._seed_dependent = False
        self._controls = {}
        self._judged = {}
        self._distinct = set()
        self._outcomes = set()
        self._searches = {}
        self._until = None

    def _verdicts(self, began: float) -> list[Verdict]:
        evidence = self.evidence
        evidence.seconds = time.perf_counter() - began
        return [decide(name, evidence, self._failures.values()) for name in CHECKS]

    @property
    def evidence(self) -> Evidence:
        """What was tried since the last judgement began."""
        self._evidence.distinct = len(self._distinct)
        self._evidence.outcomes = len(self._outcomes)
        if self._searches:
            found = [Searched.of(case, search) for case, search in self._searches.items()]
            self._evidence.searched = found
            self._evidence.exhausted = all(one.exhausted for one in found)
            self._evidence.bound = "; ".join(dict.fromkeys(one.bound for one in found))
        return self._evidence

    def explore(self, variant: Variant, case: Case, strategy: Strategy) -> bool:
        """Play and check every schedule that a strategy asks for; False when nothing can be concluded: the
        control cannot run, or schedules do not end.

        Raises :class:`HostFailed`. :meth:`judge` goes on from what is found; a benchmark only wants it run.
        """
        control = self._control(variant, case)
        if control is None:
            return False
        broken = 0
        for choose in strategy.choosers():
            if self._is_late and self._evidence.schedules >= _FEWEST:
                break
            played, _ = self._one(variant, case, choose, control, "search")
            broken += bool(played.history.broken)
            if broken == _MOST_BROKEN:
                return False
            strategy.played(played.steps)
        return True

    @property
    def _is_late(self) -> bool:
        """Whether the time for this variant is up."""
        return self._until is not None and time.monotonic() > self._until

    # -- the parts of judging -------------------------------------------------------------------

    def _search(self, variant: Variant, limits: Limits) -> None:
        """Fixed cases, one after the other: two actors are finished before three begin."""
        for case in sorted(limits.cases, key=lambda case: case.actors):
            search = self._searches[case] = limits.search(case)
            if not self.explore(variant, case, search):
                return

    def _draw(self, variant: Variant, limits: Limits) -> None:
        """Generated cases and schedules. Each new rule that breaks is shrunk, then the rest go on."""
        self._seed_dependent = True
        left = limits.generated
        while left > 0 and not self._evidence.inconclusive and not self._is_late:
            known = set(self._failures)

            def breaks_anew(case: Case, choose: Chooser, known: set[Key] = known) -> bool:
                control = self._control(variant, case)
                if control is None:
                    return False
                _, findings = self._one(variant, case, choose, control, "drawn")
                return any(key_of(finding) not in known for finding in findings)

            tried = draw(self._cases(variant), left, self.seed, max(limits.shrinks, left), breaks_anew)
            self._evidence.generated += tried
            left -= tried
            if known == set(self._failures):
                return

    def _cases(self, variant: Variant) -> SearchStrategy[Case]:
        """The cases to draw from."""
        return cases(variant)

    def _free(self, variant: Variant, limits: Limits) -> None:
        """No gates: all actors go at once. What only such a run finds has no schedule to replay, so it is
        counted."""
        if not self.driver.can_run_free or self._evidence.inconclusive or self._is_late:
            return
        self._seed_dependent = True
        case = limits.cases[0]
        seen: Counter[Key] = Counter()
        try:
            for _ in range(limits.free):
                found = self._one(variant, case, None, self._control(variant, case), "free")[1]
                seen.update({key_of(finding) for finding in found})
                self._evidence.free += 1
        finally:
            for key, times in seen.items():
                failure = self._failures[key]
                if failure.found_by == "free":
                    failure.reproduced, failure.replays = times, self._evidence.free

    def _confirm(self, variant: Variant, limits: Limits) -> None:
        """Play every failing schedule again and count how often the rule breaks."""
        shown = {(f.case, f.played.token) for name in CHECKS if (f := first(name, self._failures.values()))}
        groups: dict[tuple[Case, str, bool], list[tuple[Key, Failure]]] = {}
        for key, failure in self._failures.items():
            if failure.found_by != "free":
                group = (failure.case, failure.played.token, failure.played.sequential)
                groups.setdefault(group, []).append((key, failure))
        for (case, token, alone), failures in groups.items():
            # What is shown is proven in full; what only adds a rule to a red cell, or was proven for another
            # variant, a few times.
            window = failures[0][1].window
            fresh = {key for key, _ in failures if (key, window) not in self._proven}
            times = limits.replays if (case, token) in shown and fresh else min(3, limits.replays)
            control = None if alone else self._controls.get(case.faultless)
            for number, choose in enumerate(Replay(token, times).choosers()):
                stacks = number == 0 and (case, token) in shown
                played = self._play(variant, case, choose, stacks=stacks)
                found = {
                    key_of(one)
                    for one in self._findings(played.observe(variant.level, in_order=alone), control)
                }
                for key, failure in failures:
                    failure.replays += 1
                    failure.reproduced += key in found
                    if stacks and key in found:
                        # The same schedule, with the line of code behind every gate.
                        failure.played = played
            if times == limits.replays:
                self._proven |= {(key, window) for key, one in failures if one.reproduced == one.replays}

    # -- one schedule ---------------------------------------------------------------------------

    def _control(self, variant: Variant, case: Case) -> Control | None:
        """Run the case once, with no race and no faults. None when it cannot be done: nothing is raced."""
        case = case.faultless
        if case in self._controls:
            return self._controls[case]
        known: Control | None = None
        plain = Case(case.actors, case.siblings)
        if case != plain:
            # How runs end does not depend on the payload, so with another payload one order will do.
            known = self._control(variant, plain)
            if known is None:
                return None
        outcomes: list[Observed] = []
        control: Control | None = None
        sequential = Sequential()
        for choose in islice(sequential.choosers(), None if known is None else 1):
            played = self._play(variant, case, choose)
            sequential.roles = played.roles
            if played.history.broken:
                self._evidence.inconclusive = f"the control could not run: {played.history.broken}"
                self._keep(misshapen(played.observe(variant.level)), played, case, "control")
                break
            observed = played.observe(variant.level, in_order=True)
            outcomes.append(observed)
            self._evidence.controls += 1
            findings = self._findings(observed, None)
            self._keep(findings, played, case, "control")
        else:
            control = Control.of(outcomes, known)
        self._controls[case] = control
        return control

    def _one(
        self, variant: Variant, case: Case, choose: Chooser | None, control: Control | None, found_by: FoundBy
    ) -> tuple[Played, list[Finding]]:
        """Play one schedule, check it, keep what it broke."""
        played = self._play(variant, case, choose)
        evidence = self._evidence
        evidence.schedules += 1
        evidence.yielded += played.yields > 0
        if self.progress is not None:
            self.progress(evidence.schedules)
        if played.history.broken:
            evidence.inconclusive = played.history.broken
            findings = misshapen(played.observe(variant.level))
            self._keep(findings, played, case, "control")
            return played, findings
        evidence.gates += played.operations
        alone = played.sequential
        if alone:
            # A search comes by schedules in which nothing races, too: they are controls.
            control, found_by = None, "control"
        observed = played.observe(variant.level, in_order=alone)
        if choose is not None:
            self._distinct.add((case, tuple([step.chosen for step in played.steps])))
        findings = self._findings(observed, control)
        if findings:
            self._keep(findings, played, case, found_by)
        return played, findings

    def _play(self, variant: Variant, case: Case, choose: Chooser | None, *, stacks: bool = False) -> Played:
        # A World keeps things in its process (that a folder is there, a script is loaded), so one that took
        # the place of a killed process has other gates at first. It is made to have seen what others have.
        while variant.faulty and self.driver.replace_killed():
            for actors in ("AB", "BA"):
                self._play_once(variant, case.faultless, in_turn(actors + ACTORS[2:]))
        return self._play_once(variant, case, choose, stacks=stacks or self.stacks)

    def _play_once(
        self, variant: Variant, case: Case, choose: Chooser | None, *, stacks: bool = False
    ) -> Played:
        self._schedule += 1
        seed = self.seed * 1_000_003 + self._schedule
        played = play(self._prefixes, variant, case, choose, seed, stacks=stacks)
        if played.history.logs:
            listen(self._evidence.heard, played.history)
        return played

    def _findings(self, observed: Observed, control: Control | None) -> list[Finding]:
        key = (observed, control)
        findings = self._judged.get(key)
        if findings is None:
            if not observed.in_order:
                self._outcomes.add(observed)
            try:
                findings = check(observed, control)
            except UndecidedError:
                self._evidence.inconclusive = "an outcome has more possible orders than can be tried"
                findings = []
            self._judged[key] = findings
        return findings

    def _keep(self, findings: Sequence[Finding], played: Played, case: Case, found_by: FoundBy) -> None:
        """Keep the failure of every rule that ranks first."""
        for finding in self._new(findings, played):
            known = self._failures.get(key_of(finding))
            after = self._evidence.schedules if known is None else known.found_after
            failure = Failure(
                finding,
                case,
                played,
                found_by,
                list(findings),
                seed_dependent=self._seed_dependent,
                found_after=after,
            )
            if known is None or (
                known.seed_dependent == failure.seed_dependent and failure.rank < known.rank
            ):
                self._failures[key_of(finding)] = failure

    def _new(self, findings: Sequence[Finding], played: Played) -> Sequence[Finding]:  # noqa: ARG002
        """Those that are told here: all of them."""
        return findings


def key_of(finding: Finding) -> Key:
    return finding.check, finding.rule
