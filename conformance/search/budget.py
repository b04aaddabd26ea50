"""How much is tried: schedules and generated cases, by budget and by how fast the driver is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from conformance.core.scenario import Case, Level, Variant
from conformance.search.strategies import Depth, Search

BudgetName = Literal["quick", "default", "thorough"]


@dataclass(frozen=True, slots=True)
class Limits:
    """For a variant: ``searched`` schedules at least for each fixed case, ``generated`` cases of Hypothesis;
    ``free`` runs with no gates at all, ``replays`` of every failing schedule, ``shrinks`` tries to make a
    generated one smaller (or as many as were generated).

    Two actors are searched until ``reach`` is reached, with at most ``most`` schedules; more of them, until
    ``reach_crowd``. What one case does not use of ``most`` goes to those that have not reached it. After
    ``seconds`` no further schedule is searched, whatever was reached.
    """

    cases: tuple[Case, ...]
    searched: int
    generated: int
    free: int
    replays: int = 20
    shrinks: int = 20
    reach: Depth = "shallow"
    reach_crowd: Depth = "shallow"
    most: int = 0
    seconds: float | None = None
    #: faults that take seconds each are tried at every place, not at one
    slow: bool = False
    #: schedules in which an hour passes between the operations of two actors
    jumps: int = 0
    #: schedules that happen within one millisecond
    stills: int = 0
    #: what one caller stored is read by another one, in another time zone
    zones: bool = False
    #: programs of one caller are played until the first must breaks
    one: bool = False
    #: generated cases have the actors and siblings of one in ``cases``: others need controls of their own
    alike: bool = False

    @property
    def none(self) -> bool:
        """Nothing of this variant is tried."""
        return not self.searched and not self.generated

    def search(self, case: Case) -> Search:
        """The search of one of the cases."""
        reach = self.reach if case.actors == 2 else self.reach_crowd
        return Search(self.searched, max(self.searched, self.most), reach)


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget by name. Counts are for a hosted driver at level ``storage``; see :meth:`limits`."""

    name: str
    cases: tuple[Case, ...]
    searched: int
    generated: int
    free: int
    #: for variants with faults: schedules with one fault, of those that differ, and generated ones
    single: int = 0
    faults: int = 0
    #: what two actors are searched to at the levels below ``runtime`` (``pass`` there, if anything), and more
    #: than two, and with how many schedules a case at most
    reach: Depth = "shallow"
    reach_crowd: Depth = "shallow"
    most: int = 0
    #: at level ``storage``: schedules in which an hour passes, and such as happen within one millisecond (at
    #: levels with handlers half as many)
    jumps: int = 0
    stills: int = 0

    def limits(self, variant: Variant, *, speed: int, seconds: float | None = None) -> Limits:
        """The limits for a variant. ``speed`` is how many times faster than a hosted driver the driver is,
        ``seconds`` how long it may be searched.

        A schedule of handlers is many times longer than one of storage calls, and its interesting
        switches are few, so it gets a share.
        """
        if variant.sequential:
            programs = max(5, int(self.generated * 4 * min(speed, 2)))
            return Limits(
                (),
                0,
                programs,
                0,
                shrinks=60,
                stills=self.stills,
                zones=self.name != "quick",
                seconds=seconds,
            )
        if variant.thorough and self.name != "thorough":
            return Limits((), 0, 0, 0)
        if variant.faulty:
            return Limits(
                (Case(),),
                self.single,
                self.faults * speed,
                0,
                replays=5,
                shrinks=6,
                slow=self.name == "thorough",
                seconds=seconds,
            )
        limits = self._races(variant, speed, seconds)
        if variant.instance:
            # Two actors, and nothing generated: more is tried between processes.
            return replace(limits, cases=(Case(),), generated=0, jumps=0)
        return limits

    def _stills(self, level: Level, speed: int) -> int:
        """A schedule of handlers takes as long as several of storage calls."""
        return self.stills * speed if level == "storage" else self.stills // 2

    def _races(self, variant: Variant, speed: int, seconds: float | None) -> Limits:
        """The limits for a variant between processes, where nothing goes wrong."""
        share = {"storage": 1.0, "handlers": 0.4, "runtime": 0.25}[variant.level]
        cases = tuple(case for case in self.cases if case.actors <= variant.most)
        if self.name == "default" and variant.level != "handlers":
            # More is only beside what races there, or takes too long.
            cases = tuple(case for case in cases if not case.siblings)
        return Limits(
            cases,
            max(10, int(self.searched * speed * share)),
            max(5, int(self.generated * min(speed, 2) * share)),
            self.free,
            reach="pass" if variant.level == "runtime" and self.reach == "deep" else self.reach,
            reach_crowd="shallow" if variant.level == "runtime" else self.reach_crowd,
            most=self.most * speed,
            seconds=seconds,
            jumps=self.jumps * speed if variant.level == "storage" else 0,
            stills=self._stills(variant.level, speed),
            # Four actors have up to 24 orders in which nothing races: more than all that is generated here.
            alike=variant.level == "runtime" and self.name != "thorough",
        )


#: more than there are in the schedules of any variant
_EVERY_PLACE: Final = 100_000

BUDGETS: Final[dict[BudgetName, Budget]] = {
    "quick": Budget("quick", (Case(),), searched=40, generated=5, free=3),
    "default": Budget(
        "default",
        (Case(), Case(siblings=1), Case(actors=3)),
        searched=48,
        generated=8,
        free=5,
        single=_EVERY_PLACE,
        faults=2,
        reach="pass",
        most=2_000,
        jumps=6,
        stills=6,
    ),
    "thorough": Budget(
        "thorough",
        (Case(), Case(siblings=2), Case(actors=3), Case(actors=4)),
        searched=1000,
        generated=200,
        free=50,
        single=_EVERY_PLACE,
        faults=40,
        reach="deep",
        reach_crowd="pass",
        most=20_000,
        jumps=40,
        stills=40,
    ),
}

LEVELS: Final[tuple[Level, ...]] = ("storage", "handlers", "runtime")
