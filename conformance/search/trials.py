"""One schedule of a variant: play it, check it, keep what it broke. Judges are made of these."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Final, Literal

from conformance.core.deadline import OutOfTime
from conformance.core.errors import ConformanceError, HostFailed, NotSupported
from conformance.core.gates import operation_of
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import ACTORS, Driver
from conformance.handlers import Policy
from conformance.levels.prefix import Prefixes
from conformance.oracle import Control, Finding, Observed, UndecidedError, check, explain
from conformance.oracle.convergence import misshapen
from conformance.oracle.finding import Identity
from conformance.search.crash import crashed
from conformance.search.failure import Evidence, Failure, FoundBy
from conformance.search.heard import listen
from conformance.search.interrupted import writes_of
from conformance.search.play import Played, play
from conformance.search.strategies import Chooser, Sequential
from conformance.search.strategies.sequential import in_turn

#: Called after every schedule.
Progress = Callable[[], None]
#: Failures are kept one for each finding, the smallest: shrinking does not slide from one to another.
Key = Identity
#: So many ways in which one rule breaks are kept: a World may put anything into its errors.
_MOST_WAYS: Final = 5
#: A schedule of more operations reads what earlier ones stored: a World may look at everything that it has.
_MANY: Final = 300
#: So many schedules are played at least on one store.
_OFTEN: Final = 100
#: What makes a World that is new to its process do what the others do: nothing need, or one schedule in which
#: the actors run in turn, its own first, or one in each order.
_MakesEqual = Literal["nothing", "its turn", "both orders"]
#: Chooses which findings of a schedule a judge reports.
Select = Callable[[Sequence[Finding], Played], Sequence[Finding]]

#: What is wrong with an outcome.
Checks = Callable[[Observed, Control | None], list[Finding]]


def key_of(finding: Finding) -> Key:
    return finding.identity


def rule_of(finding: Finding) -> tuple[str, str]:
    """The check and the rule of a finding."""
    return finding.check, finding.rule


def _all(findings: Sequence[Finding], played: Played) -> Sequence[Finding]:  # noqa: ARG001 - a Select
    return findings


class Trials:
    """The schedules of one variant after the other on one driver, and what they showed.

    ``seed`` makes a run repeatable; each schedule gets its own. ``policy``: which handlers are modelled; None
    for the real runtime's decisions. ``stacks``: every gate says its line of code (slow). ``select`` chooses
    which findings are reported, ``checks`` finds them. Used by one thread.
    """

    def __init__(
        self,
        driver: Driver,
        seed: int = 0,
        policy: Policy | None = None,
        progress: Progress | None = None,
        *,
        stacks: bool = False,
        select: Select = _all,
        checks: Checks = check,
    ) -> None:
        self.driver = driver
        self.seed = seed
        self._progress = progress
        self._stacks = stacks
        self._select = select
        self._checks = checks
        self._prefixes = Prefixes(driver, policy)
        self._schedule = 0
        #: schedules since the store was empty, and whether it is to be emptied
        self._on_store = 0
        self._renewing = False
        #: what makes a World that takes the place of a killed one do what the others do, by variant and by
        #: how it dies; and whether those that were started first have played
        self._makes_equal: dict[tuple[Variant, bool], _MakesEqual] = {}
        self._started = False
        #: what was replayed in full, in whatever variant: the rule, and where the schedule switches
        self.proven: set[tuple[Key, tuple[str, ...]]] = set()
        self.begin()

    def begin(self, seconds: float | None = None) -> None:
        """The trials of another variant begin; after so many seconds :attr:`is_late`."""
        self._began = time.perf_counter()
        self._seconds = seconds or 0.0
        #: when no further schedule is searched, on the clock of :func:`time.monotonic`
        self._until = time.monotonic() + seconds if seconds is not None else None
        self.evidence = Evidence()
        self.failures: dict[Key, Failure] = {}
        #: the distinct schedules that were played, as the actors that were released
        self.distinct: set[tuple[Case, tuple[str, ...]]] = set()
        self._outcomes: set[Observed] = set()
        self._controls: dict[Case, Control | None] = {}
        # Checks are pure, so an outcome is judged once, however many schedules lead to it.
        self._judged: dict[tuple[Observed, Control | None], list[Finding]] = {}
        #: as :attr:`Failure.writes`
        self._writes: dict[str, int] = {}
        #: whether what is tried now depends on the seed
        self._seed_dependent = False

    def count(self) -> None:
        """Write into the evidence how much was tried since :meth:`begin`."""
        self.evidence.distinct = len(self.distinct)
        self.evidence.outcomes = len(self._outcomes)
        self.evidence.seconds = time.perf_counter() - self._began

    @property
    def so_far(self) -> str:
        """How far the trials are, for the user who waits: ``132 schedules, 2 failures``."""
        count, found = self.evidence.schedules, len(self.failures)
        failures = f", {found} {'failure' if found == 1 else 'failures'}" if found else ""
        return f"{count} {'schedule' if count == 1 else 'schedules'}{failures}"

    def depend_on_seed(self) -> None:
        """What is tried from here on depends on the seed."""
        self._seed_dependent = True

    @property
    def is_late(self) -> bool:
        """Whether the time for this variant is up."""
        return self._until is not None and time.monotonic() > self._until

    @contextmanager
    def leaving(self, share: float) -> Iterator[None]:
        """Meanwhile this share of the time for the variant is left to what comes after."""
        until = self._until
        if until is not None:
            self._until = until - share * self._seconds
        try:
            yield
        finally:
            self._until = until

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Whatever is raised meanwhile becomes a reason why nothing can be concluded; but
        :class:`NotSupported` is raised."""
        evidence = self.evidence
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

    # -- one schedule ---------------------------------------------------------------------------

    def control(self, variant: Variant, case: Case) -> Control | None:
        """Run the case once, with no race and no faults. None when it cannot be done: nothing is raced."""
        case = case.faultless
        if case in self._controls:
            return self._controls[case]
        known: Control | None = None
        plain = Case(case.actors, case.siblings, flow=case.flow)
        if case != plain and not variant.mixed:
            # How runs end does not depend on the payload, so with another payload one order will do.
            known = self.control(variant, plain)
            if known is None:
                return None
        outcomes: list[Observed] = []
        control: Control | None = None
        sequential = Sequential()
        one_will_do = known is not None or variant.mixed
        for choose in islice(sequential.choosers(), 1 if one_will_do else None):
            played = self.play(variant, case, choose)
            sequential.roles = played.roles
            if played.history.broken:
                self.evidence.inconclusive = f"the control could not run: {played.history.broken}"
                self._keep(misshapen(played.observe(variant.level)), played, case, "control")
                break
            observed = played.observe(variant.level, in_order=True)
            outcomes.append(observed)
            self.evidence.controls += 1
            if variant.faulty:
                for kind, count in writes_of(played.history).items():
                    self._writes[kind] = max(count, self._writes.get(kind, 0))
            self._keep(self.check(observed, None), played, case, "control")
        else:
            # Runs of mixed actors end in more ways than their orders show.
            control = Control.of(() if variant.mixed else outcomes, known)
        self._controls[case] = control
        return control

    def control_of(self, case: Case) -> Control | None:
        """The control of a case, if one was run."""
        return self._controls.get(case.faultless)

    def try_one(
        self, variant: Variant, case: Case, choose: Chooser | None, control: Control | None, found_by: FoundBy
    ) -> tuple[Played, list[Finding]]:
        """Play one schedule, check it, keep what it broke. All its findings, reported or not.

        ``found_by`` control: it is one if nothing races in it, and part of the search otherwise.
        """
        played = self.play(variant, case, choose)
        evidence = self.evidence
        evidence.schedules += 1
        evidence.yielded += played.yields > 0
        evidence.chosen += played.chosen > 0
        if played.history.broken:
            findings = self.undone(played, variant)
            self._keep(findings, played, case, "control")
            return played, findings
        evidence.gates += played.operations
        # A search comes by schedules in which nothing races, too: they are controls.
        # One actor whose operations are not held has no steps, and nothing to race with.
        alone = played.sequential or (
            found_by == "control" and (played.uninterrupted or (case.actors == 1 and not played.steps))
        )
        if alone:
            control, found_by = None, "control"
        elif found_by == "control":
            found_by = "search"
        observed = played.observe(variant.level, in_order=alone)
        if choose is not None:
            self.distinct.add((case, tuple([step.chosen for step in played.steps])))
        findings = self.check(observed, control)
        if findings:
            self._keep(findings, played, case, found_by)
        return played, findings

    def undone(self, played: Played, variant: Variant) -> list[Finding]:
        """What can be said of a schedule that did not come to its race: why nothing can be concluded, and
        answers of a wrong shape."""
        self.evidence.inconclusive = played.history.broken
        return misshapen(played.observe(variant.level))

    def play(self, variant: Variant, case: Case, choose: Chooser | None, *, stacks: bool = False) -> Played:
        """Play one schedule and nothing else. ``stacks``: its gates say their line of code."""
        if self._renewing:
            self._renewing, self._on_store = False, 0
            if self.driver.renew():
                self._in_turn(variant, case.faultless, ("AB", "BA"))
        while variant.faulty and (fresh := self.driver.replace_killed()):
            self._initiate(variant, case.faultless, fresh)
        return self._play_once(variant, case, choose, stacks=stacks or self._stacks)

    def empty_store(self) -> None:
        """The next schedule begins on an empty store, where the driver can have one."""
        self._renewing = self._on_store > 0

    def _initiate(self, variant: Variant, case: Case, fresh: Collection[str]) -> None:
        """Make Worlds that are new to their processes, those of ``fresh``, have seen what others have.

        A World keeps things in its process (that a folder is there, a script is loaded), so a new one may
        have other gates at first. Whether it does is looked at once for each variant, after its first death.
        """
        orders = [first + other for first, other in ("AB", "BA") if first in fresh]
        if not self._started:
            self._started = True
            self._in_turn(variant, case, ("AB", "BA"))
            return
        if not orders:
            return
        key = variant, self.driver.in_soft_deaths
        known = self._makes_equal.get(key)
        if known is not None:
            wanted = {"nothing": (), "its turn": orders, "both orders": ("AB", "BA")}
            self._in_turn(variant, case, wanted[known])
            return
        both = orders[0], orders[0][::-1]
        (first, second), (first_again, second_again) = [self._in_turn(variant, case, both) for _ in range(2)]
        if second != second_again:
            self._makes_equal[key] = "both orders"  # in its second schedule something was new to it, too
        else:
            self._makes_equal[key] = "nothing" if first == first_again else "its turn"

    def _in_turn(self, variant: Variant, case: Case, orders: Iterable[str]) -> list[list[object]]:
        """What is held and let go when the actors run in turn, in each of these orders."""
        return [self.operations(variant, case, actors + ACTORS[2:]) for actors in orders]

    def operations(self, variant: Variant, case: Case, actors: str) -> list[object]:
        """What is held and let go when the actors run in turn, in this order."""
        played = self._play_once(variant, case, in_turn(actors))
        return [[(name, operation_of(gate)) for name, gate in step.held] for step in played.steps]

    def _play_once(
        self, variant: Variant, case: Case, choose: Chooser | None, *, stacks: bool = False
    ) -> Played:
        self._schedule += 1
        seed = self.seed * 1_000_003 + self._schedule
        died = self.driver.died_softly
        played = play(self._prefixes, variant, case, choose, seed, stacks=stacks)
        played.soft = self.driver.died_softly > died
        self._on_store += 1
        self._renewing = len(played.steps) > _MANY and self._on_store > _OFTEN
        if played.history.logs:
            listen(self.evidence.heard, played.history)
        if self._progress is not None:
            self._progress()
        return played

    def check(self, observed: Observed, control: Control | None) -> list[Finding]:
        """What the checks find in an outcome."""
        key = (observed, control)
        findings = self._judged.get(key)
        if findings is None:
            if not observed.in_order:
                self._outcomes.add(observed._replace(order=(), winners=()))
            findings = self._judged[key] = self._decided(partial(self._checks, observed, control))
        return findings

    def explain(self, observed: Observed) -> list[Finding]:
        """What is wrong in the best order of the calls of an outcome, and nothing else."""
        return self._decided(partial(explain, observed))

    def _decided(self, judge: Callable[[], list[Finding]]) -> list[Finding]:
        try:
            return judge()
        except UndecidedError:
            self.evidence.inconclusive = "an outcome has more possible orders than can be tried"
            return []

    def _keep(self, findings: Sequence[Finding], played: Played, case: Case, found_by: FoundBy) -> None:
        """Keep the failure of every finding that ranks first."""
        for finding in self._select(findings, played):
            known = self.failures.get(key_of(finding))
            if known is None and self._ways(rule_of(finding)) >= _MOST_WAYS:
                continue
            after = self.evidence.schedules if known is None else known.found_after
            failure = Failure(
                finding,
                case,
                played,
                found_by,
                list(findings),
                seed_dependent=self._seed_dependent,
                found_after=after,
                soft=played.soft,
                writes=self._writes,
            )
            if known is None or failure.replaces(known):
                self.failures[key_of(finding)] = failure

    def _ways(self, rule: tuple[str, str]) -> int:
        """In how many ways a rule broke."""
        return sum(rule_of(failure.finding) == rule for failure in self.failures.values())

    def is_again(self, finding: Finding, key: Key) -> bool:
        """Whether a finding is that of a failure that was kept, perhaps in words that are new."""
        mine = key_of(finding)
        return mine == key or (mine[:2] == key[:2] and mine not in self.failures)
