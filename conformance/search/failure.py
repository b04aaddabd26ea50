"""What was tried, and the failures that were found: the ground of a verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from conformance.core.faults import FaultKind, stands_still
from conformance.core.gates import operation_of
from conformance.core.scenario import Case
from conformance.oracle import Finding
from conformance.oracle.causes import cause_of
from conformance.oracle.observed import name_ids
from conformance.search.heard import Said
from conformance.search.play import Played
from conformance.search.strategies.search import DEPTHS, Depth, Search

FoundBy = Literal["control", "search", "drawn", "free"]


class Searched(NamedTuple):
    """How far the search of one case came. ``conflicts`` that a schedule can have in either order, how many
    of them were seen ``both_ways``; how many more are ``fixed``: no schedule turned them round. ``orders``:
    classes of schedules, ``longest``: operations in the longest. ``owed``: conflicts seen in one order only,
    by site.
    """

    actors: int
    siblings: int
    depth: Depth
    bound: str
    exhausted: bool
    schedules: int
    conflicts: int
    both_ways: int
    fixed: int
    orders: int
    longest: int
    owed: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case, search: Search) -> Searched:
        """What a search of a case has come to."""
        coverage = search.known.coverage
        return cls(
            case.actors,
            case.siblings,
            search.depth,
            search.bound,
            search.exhausted,
            search.runs,
            coverage.reachable,
            coverage.both_ways,
            coverage.fixed,
            coverage.orders,
            search.known.longest,
            tuple(coverage.owed_sites()),
        )

    def __str__(self) -> str:
        """``81/81 conflicts both ways, bound 1 complete, 185 orders``."""
        if self.exhausted:
            extent = f"all {self.orders} orders" if self.orders > 1 else "the only order"
        else:
            complete = re.match(r"(\d+) preemption", self.bound)
            extent = f"bound {complete[1]} complete" if complete else "no bound complete"
            extent += f", {self.orders} orders"
        fixed = f" (and {self.fixed} that nothing turns round)" if self.fixed else ""
        return f"{self.both_ways}/{self.conflicts} conflicts both ways{fixed}, {extent}"


@dataclass(slots=True)
class Evidence:
    """What was tried: the ground of a pass, and the size of the haystack behind a fail."""

    controls: int = 0
    schedules: int = 0
    #: schedules that differ from each other
    distinct: int = 0
    #: outcomes that differ from each other
    outcomes: int = 0
    #: gates held and released in all schedules together
    gates: int = 0
    #: schedules in which an actor that repeated itself was made to wait for another
    yielded: int = 0
    #: schedules in which the service chose which of several actors that waited goes on
    chosen: int = 0
    #: schedules that did not begin as the one that they branch from, each time
    strayed: int = 0
    #: schedules in which an hour passed between the operations of two actors
    jumped: int = 0
    #: schedules that happened within one millisecond
    still: int = 0
    #: schedules in which the second actor was in another time zone
    abroad: int = 0
    generated: int = 0
    free: int = 0
    #: schedules in which something went wrong, and how often each kind of fault happened
    faulted: int = 0
    faults: Counter[FaultKind] = field(default_factory=Counter)
    #: places for one fault there are in the orders that were tried (operations and deliveries, for each kind
    #: of fault), and how many of them were tried
    places: int = 0
    places_tried: int = 0
    #: what was logged, and in how many schedules
    heard: Counter[Said] = field(default_factory=Counter)
    #: how far the search came, case by case; empty for what is not searched (faults, replays)
    searched: list[Searched] = field(default_factory=list)
    exhausted: bool = False
    bound: str = ""
    #: the time was up before all was tried that every pass includes
    cut_short: bool = False
    #: one schedule was played so often, and nothing else
    replays: int = 0
    seconds: float = 0.0
    #: why nothing can be concluded, if so
    inconclusive: str = ""
    #: where the suite itself failed, if it did: then what it found beside that counts for nothing
    crash: str = ""

    @property
    def pairs(self) -> list[Searched]:
        """The searches with two actors: what the depth of a verdict is about."""
        return [one for one in self.searched if one.actors == 2]

    @property
    def depth(self) -> Depth | None:
        """How deep two actors were searched: as deep as the shallowest case. With faults: whether one was
        tried at every place. None: nothing was searched, and nothing left out."""
        if self.cut_short:
            return "shallow"
        if self.places:
            return "pass" if self.places_tried == self.places else "shallow"
        return min((one.depth for one in self.pairs), key=DEPTHS.index, default=None)


@dataclass(slots=True)
class Failure:
    """The smallest case and schedule found that break a rule."""

    finding: Finding
    case: Case
    played: Played
    #: the strategy that found it: control, search, generated, free
    found_by: FoundBy
    findings: list[Finding] = field(default_factory=list)
    #: only what the seed drew broke it; with another seed it may go unseen
    seed_dependent: bool = False
    reproduced: int = 0
    replays: int = 0
    #: how many schedules of the variant were run when the rule first broke; 0: in the control
    found_after: int = 0
    #: the logs of its replays had their events in different orders, and no order was the usual one
    varied: bool = False
    #: a handler died in the schedule that showed it whose process lived on; the replays kill it
    soft: bool = False
    #: for each kind of event, how many operations that write its creation took where nothing went wrong
    writes: Mapping[str, int] = field(default_factory=dict)

    @property
    def window(self) -> tuple[str, ...]:
        """Where its schedule passes from one actor to another: the sites of what is released there."""
        steps = self.played.steps
        released = [
            operation_of(gate).site for step in steps for name, gate in step.held if name == step.chosen
        ]
        return tuple(
            [
                site
                for one, other, site in zip(steps, steps[1:], released[1:], strict=False)
                if one.chosen != other.chosen
            ]
        )

    @property
    def names(self) -> dict[str, str]:
        """The names by which findings call the ids of its history."""
        return name_ids(self.played.history)

    @property
    def is_must(self) -> bool:
        return self.finding.severity == "must"

    @property
    def refuted(self) -> bool:
        """Whether a soft death showed it, and no death of a process did."""
        return self.soft and self.replays > 0 and not self.reproduced

    @property
    def still(self) -> bool:
        """Whether it takes that all happens within one millisecond."""
        return stands_still(self.case.faults)

    def replaces(self, known: Failure) -> bool:
        """Whether this failure is kept, of two that show one finding. What happens within one millisecond may
        take luck, and then turns nothing red: it never takes the place of what does."""
        if known.still != self.still:
            return known.still
        return known.seed_dependent == self.seed_dependent and self.rank < known.rank

    @property
    def by_luck(self) -> bool:
        """Whether it takes luck: within one millisecond the random part of ids decides what comes first. The
        more events there are, the surer it is that some pair of them is the wrong way round, and it is luck
        all the same. Pages of a log are compared with the log as it is, whatever its order."""
        by_chance = self.varied and not self.finding.rule.startswith("list.")
        return self.still and (by_chance or self.reproduced < self.replays)

    @property
    def note(self) -> str:
        """Its text in a note, where it turns nothing red."""
        if self.by_luck:
            return (
                f"within one millisecond, in {self.reproduced} of {self.replays} replays: {self.finding.text}"
            )
        if self.refuted:
            count = f"{self.reproduced} of {self.replays}"
            return (
                f"only where the process of the dead handler lives on, killed in {count}: {self.finding.text}"
            )
        if self.found_by != "free":
            return self.finding.text
        return f"by chance, in {self.reproduced} of {self.replays} runs with no gates: {self.finding.text}"

    @property
    def size(self) -> tuple[int, ...]:
        """Smaller is easier to read: actors, faults, flow, switches of actor, program, steps, siblings,
        payload."""
        actors = [step.chosen for step in self.played.steps]
        switches = sum(1 for one, other in pairwise(actors) if one != other)
        case = self.case
        size = case.actors, len(case.faults), len(case.flow), switches, case.program.count("~")
        return *size, len(actors), case.siblings, len(case.payload_json)

    @property
    def cause(self) -> Finding | None:
        """The finding of the same schedule, of whatever check, that this one follows from."""
        return cause_of(self.finding, self.findings)

    @property
    def rank(self) -> tuple[int, int, bool, tuple[int, ...]]:
        """Prefer causes to what follows from them, then what is wrong without a race, then what is more than
        a wrong word of a refusal, then what is small; after that what takes that all happens within one
        millisecond, and what takes a restart of the service: when each connection learns of it is no part of
        the schedule. What a run with no gates found has no schedule."""
        follows = 2 if self.cause is not None else 1 if self.finding.rule == "error.recognised" else 0
        found_by = {"control": 0, "search": 1, "drawn": 1, "free": 4}[self.found_by]
        if self.still:
            found_by = 2
        if any(fault.kind == "restart" for fault in self.case.faults):
            found_by = 3
        return follows, found_by, self.finding.mild, self.size
