"""Play one case under one schedule: given, race, then, read. The result is a history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from conformance.core.actor import Actor
from conformance.core.deadline import OutOfTime
from conformance.core.errors import HostFailed
from conformance.core.gates import end
from conformance.core.history import History, Snapshot
from conformance.core.scenario import Case, Program, Race, Variant
from conformance.core.starts import Begin, Start, Take
from conformance.drivers.driver import ACTORS, SUITE, Driver, RacingActor
from conformance.drivers.messages import Foretell
from conformance.levels.handlers import HandlerSuite
from conformance.levels.log_replay import find_stuck, replay_logs
from conformance.levels.prefix import Prefixes
from conformance.oracle.observed import observe
from conformance.oracle.seen import Observed
from conformance.search import schedule
from conformance.search.fairness import MOST_OPERATIONS, Fairness
from conformance.search.fault_injector import FaultInjector, quietly
from conformance.search.strategy import Chooser, Step, attend
from conformance.spec.shapes import WrongAnswer
from conformance.spec.vocabulary import WorldError

#: Of so few events that a short log takes several pages.
_SMALL_PAGE: Final = 2


@dataclass(slots=True)
class Played:
    """One schedule that was run: its history, and its steps."""

    history: History
    steps: list[Step]
    #: which actors run the same program: ``(0, 1, 0)`` when A and C do
    roles: tuple[int, ...] = ()
    #: how often an actor that repeated itself was made to wait for the others
    yields: int = 0
    #: how often the service chose who goes on: several actors waited, and one of them got what all wanted
    chosen: int = 0
    #: where the history's clock was as each of the steps was made
    ticks: tuple[int, ...] = ()
    #: whether a handler died in it whose process lived on
    soft: bool = False

    _observed: dict[tuple[str, bool], Observed] = field(default_factory=dict, repr=False, compare=False)

    def observe(self, level: str, *, in_order: bool = False) -> Observed:
        """What the checks may see of it, kept: several look at one schedule. ``in_order``: nothing raced, so
        the order of calls is known."""
        key = level, in_order
        if key not in self._observed:
            # With no gates the clock says when the suite heard of a call, not when it was made.
            self._observed[key] = observe(self.history, level, in_order=in_order, real_time=bool(self.steps))
        return self._observed[key]

    @property
    def sequential(self) -> bool:
        """Whether no actor was interrupted: nothing raced, and nothing went wrong."""
        return not self.history.disturbed and self.uninterrupted

    @property
    def uninterrupted(self) -> bool:
        """Whether each actor ran from its beginning to its end, or to its death, before another began."""
        actors = [step.chosen for step in self.steps]
        return bool(actors) and len(list(groupby(actors))) == len(set(actors))

    @property
    def token(self) -> str:
        """The schedule, as a token that replays it."""
        return schedule.token(self.steps)

    @property
    def operations(self) -> int:
        """How many operations of the world were held and let go."""
        return sum([not isinstance(dict(step.held)[step.chosen], Start) for step in self.steps])


def play(
    prefixes: Prefixes,
    variant: Variant,
    case: Case,
    choose: Chooser | None,
    seed: int,
    *,
    stacks: bool = False,
) -> Played:
    """Run one case of a variant under one schedule (None: with no gates, all actors at once).

    ``stacks``: its gates say the line of code behind them, which is slow.

    Whatever a world refuses is part of the history. A prefix that the world refuses makes
    ``history.broken``: nothing was raced, so nothing can be concluded. Raises :class:`HostFailed`, and
    :class:`OutOfTime` at the driver's deadline.
    """
    driver = prefixes.driver
    driver.deadline.check()
    prefix = prefixes.make(variant, case, seed, stacks=stacks)
    suite, history, race = prefix.suite, prefix.history, prefix.race
    if history.broken:
        return Played(history, [])
    history.phase = "race"
    history.settled, history.exact = race.settled, race.exact
    injector = FaultInjector(case.faults, driver, suite) if case.faults else None
    fairness = Fairness(choose)
    attend(choose, history)
    named = prefix.names.naming(choose) if choose is not None else None
    steps, chosen, ticks = _race(driver, history, race, named, injector, fairness)
    if steps is None:
        history.broken = f"a schedule did not end within {MOST_OPERATIONS} operations: {_repeated(history)}"
        return Played(history, [], prefix.roles, fairness.yields, chosen)
    if isinstance(suite, HandlerSuite):
        history.phase = "drain"
        history.quiet = driver.alone(suite.drain(injector))
    if any(fault.kind == "restart" for fault in history.faults):
        driver.reconnect()  # what the restart broke was seen until here; what is stored can be read
    if race.then is not None:
        history.phase = "then"
        driver.alone(quietly(race.then, driver.actor(SUITE)))
    history.phase = "read"
    # At level storage programs of one caller read on from within a millisecond.
    pages = _SMALL_PAGE if history.still and isinstance(suite, HandlerSuite) else 0
    driver.alone(_look(driver.actor(SUITE), history, race.tokens, pages))
    if isinstance(suite, HandlerSuite):
        first = driver.alone(suite.first_ids(history))
        replay_logs(history, suite.runtime, suite.workflows, first)
        if history.quiet:
            find_stuck(history, suite.runtime, suite.workflows, first)
    return Played(history, steps, prefix.roles, fairness.yields, chosen, ticks)


class _Ran(NamedTuple):
    """The steps of a schedule, None when it was given up because it does not end; how often the service chose
    who goes on; and where the history's clock was at each step."""

    steps: list[Step] | None
    chosen: int = 0
    ticks: tuple[int, ...] = ()


def _repeated(history: History) -> str:
    """What went on and on."""
    last = history.gates[-50:]
    actor, label = Counter((gate.actor, gate.label) for gate in last).most_common(1)[0][0]
    return f"{actor} was still at {label}"


def _race(
    driver: Driver,
    history: History,
    race: Race,
    choose: Chooser | None,
    injector: FaultInjector | None,
    fairness: Fairness,
) -> _Ran:
    """The schedule, from the beginning of its actors to their end."""
    actors = [
        RacingActor(name, _from_its_start(program, driver.actor(name)))
        for name, program in zip(ACTORS, race.programs, strict=False)
    ]
    try:
        if choose is None:
            driver.free(actors)
            return _Ran([])
        for actor in actors:
            driver.start(actor)
        ran = _schedule(driver, history, actors, choose, injector, fairness)
        if ran.steps is None:
            _give_up(driver, actors)
        return ran
    except (HostFailed, OutOfTime, KeyboardInterrupt):
        # There is nothing to let go of: whoever goes on starts new hosts.
        for actor in actors:
            end(actor.coroutine)
        raise
    except BaseException:
        # Hypothesis may end a schedule that it finds too long; the hosts must not stay held.
        driver.abandon(actors)
        raise


def _give_up(driver: Driver, actors: list[RacingActor]) -> None:
    """Whatever goes on for ever ends with its host."""
    for actor in actors:
        end(actor.coroutine)
    driver.revive()


async def _from_its_start(program: Program, actor: Actor) -> None:
    await Begin()
    await quietly(program, actor)


def _schedule(
    driver: Driver,
    history: History,
    actors: list[RacingActor],
    choose: Chooser,
    injector: FaultInjector | None,
    fairness: Fairness,
) -> _Ran:
    """Release gates in the order that is chosen, until every actor has ended, or there were too many."""
    steps: list[Step] = []
    ticks: list[int] = []
    chosen = 0
    last: str | None = None
    while True:
        held, blocked = _sorted_out(actors)
        if not held and not blocked:
            return _Ran(steps, chosen, tuple(ticks))
        if held:
            if len(steps) == MOST_OPERATIONS:
                return _Ran(None, chosen)
            offered = fairness.offered(held)
            actor = choose(offered, last)
            gates = tuple([(each.name, each.gate) for each in offered if each.gate is not None])
            steps.append(Step(gates, actor.name))
            ticks.append(history.clock)
            fairness.released(actor, held)
            if driver.goes_ahead:
                left = 0 if blocked else MOST_OPERATIONS - len(steps)
                actor.ahead = _ahead(actor, held, fairness, injector, left)
            if injector is None:
                driver.release(actor)
            else:
                injector.release(actor, actors)
            last = actor.name
        if blocked:
            driver.recheck(blocked)
            chosen += 0 < sum(actor.state == "blocked" for actor in blocked) < len(blocked)


def _ahead(
    actor: RacingActor,
    held: list[RacingActor],
    fairness: Fairness,
    injector: FaultInjector | None,
    left: int,
) -> int:
    """How many operations of a chosen actor may follow the one at which it is held before anybody need be
    asked, at most ``left``. While nobody is blocked everything else stays where it is: whoever waits for a
    message goes on when one was queued or handled, and both are asked about."""
    planned = fairness.planned(actor.name, held)
    return min(planned, left, injector.ahead(actor) if injector is not None else left)


def _sorted_out(actors: list[RacingActor]) -> tuple[list[RacingActor], list[RacingActor]]:
    """Who can go on, and who is blocked. An actor that waits for a message goes on when nobody else can."""
    held: list[RacingActor] = []
    waiting: list[RacingActor] = []
    blocked: list[RacingActor] = []
    for actor in actors:
        if actor.state == "held":
            (waiting if isinstance(actor.gate, Take) and not actor.gate.ready() else held).append(actor)
        elif actor.state == "blocked":
            blocked.append(actor)
    return held or ([] if blocked else waiting), blocked


async def _look(actor: Actor, history: History, tokens: Sequence[str], pages: int = 0) -> None:
    """Read the outcome: entities and log of every run there is. What cannot be read is an outcome too.

    After a fault the owner of every token of the logs is looked up, not only of those that a race names.
    With ``pages`` each log is read once more, in pages of so many events.
    """
    runs = dict.fromkeys(
        call.value["run"]["runId"]
        for call in history.calls
        if call.op == "events.create" and call.done and call.event["eventType"] == "run_created"
    )
    reads = [read for run_id in runs for read in actor.reads_of(run_id)]
    await Foretell([*reads, *[("hooks.getByToken", (token,)) for token in tokens]])
    for run_id in runs:
        try:
            run = await actor.run(run_id)
            events = await actor.events(run_id)
            steps = await actor.steps(run_id)
            hooks = await actor.hooks(run_id)
        except WrongAnswer:
            continue  # which the history holds already
        except WorldError as error:
            history.unreadable.append((run_id, error))
            continue
        history.snapshots.append(Snapshot(run_id, run, events, steps, hooks))
    if history.faults:
        tokens = list(dict.fromkeys([*tokens, *_logged_tokens(history)]))
    for token in tokens:
        try:
            history.tokens[token] = await actor.hook_by_token(token)
        except WrongAnswer:
            continue
        except WorldError as error:
            history.unreadable.append((token, error))
    for snapshot in history.snapshots if pages else ():
        try:
            snapshot.paged = await actor.events(snapshot.run_id, pages)
        except WrongAnswer:
            continue
        except WorldError as error:
            history.unreadable.append((snapshot.run_id, error))


def _logged_tokens(history: History) -> Iterator[str]:
    """The tokens of all hooks that the logs create."""
    for snapshot in history.snapshots:
        for event in snapshot.events:
            token = (event.get("eventData") or {}).get("token")
            if event["eventType"] == "hook_created" and isinstance(token, str):
                yield token
