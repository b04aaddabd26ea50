"""Play one case under one schedule: given, race, then, read. The result is a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.checks.observed import Observed, observe
from conformance.engine.actor import Actor
from conformance.engine.handler_suite import HandlerSuite
from conformance.engine.replays import replay_logs
from conformance.engine.rig import LANES, SUITE, Lane, Rig
from conformance.engine.schedule import encode
from conformance.engine.strategies.base import Chooser, Step
from conformance.engine.suite import Suite
from conformance.history import History, Snapshot
from conformance.model import Runtime
from conformance.scenario import Case, Program, Race, Variant
from conformance.spec.events import WorldError


@dataclass(slots=True)
class Played:
    """One schedule that was run: its history, and its steps."""

    history: History
    steps: list[Step]
    #: which lanes run the same program: ``(0, 1, 0)`` when A and C do
    roles: tuple[int, ...] = ()

    def observe(self, level: str, *, in_order: bool = False) -> Observed:
        """What the checks may see of it. ``in_order``: nothing raced, so the order of calls is known."""
        return observe(self.history, level, in_order=in_order)

    @property
    def token(self) -> str:
        """The schedule, as a token that replays it."""
        return encode(step.chosen for step in self.steps)


def play(
    rig: Rig, variant: Variant, case: Case, choose: Chooser | None, seed: int, runtime: Runtime | None = None
) -> Played:
    """Run one case of a variant under one schedule (None: with no gates, all actors at once).

    Whatever a world refuses is part of the history. A prefix that the world refuses makes
    ``history.broken``: nothing was raced, so nothing can be concluded.
    """
    history = History()
    rig.reset(seed, history)
    suite = _suite(rig, variant, seed, runtime or Runtime(advance=rig.pass_time))
    try:
        race: Race = rig.alone(_prepare(variant, suite, case))
    except WorldError as error:
        history.broken = f"the prefix was refused: {error}"
        return Played(history, [])
    history.phase = "race"
    steps = _race(rig, race, choose)
    if isinstance(suite, HandlerSuite):
        history.phase = "drain"
        history.quiet = rig.alone(suite.drain())
    if race.then is not None:
        history.phase = "then"
        rig.alone(_quietly(race.then, rig.actor(SUITE)))
    history.phase = "read"
    rig.alone(_look(rig.actor(SUITE), history, race.tokens))
    if isinstance(suite, HandlerSuite):
        replay_logs(history, suite.runtime, suite.workflows)
    programs = list(dict.fromkeys(race.programs))
    return Played(history, steps, tuple(programs.index(program) for program in race.programs))


def _suite(rig: Rig, variant: Variant, seed: int, runtime: Runtime) -> Suite:
    unique = f"{seed:x}"
    if variant.level == "storage":
        return Suite(rig.actor(SUITE), unique)
    return HandlerSuite(rig.actor(SUITE), unique, runtime)


async def _prepare(variant: Variant, suite: Suite, case: Case) -> Race:
    return await variant.build(suite, case)


async def _quietly(program: Program, actor: Actor) -> None:
    """Run a program; a refusal ends it, and is already in the history."""
    try:
        await program(actor)
    except WorldError:
        return


def _race(rig: Rig, race: Race, choose: Chooser | None) -> list[Step]:
    lanes = [
        Lane(name, _quietly(program, rig.actor(name)))
        for name, program in zip(LANES, race.programs, strict=False)
    ]
    if choose is None:
        rig.free(lanes)
        return []
    try:
        for lane in lanes:
            rig.start(lane)
        return _schedule(rig, lanes, choose)
    except BaseException:
        # Hypothesis may end a schedule that it finds too long; the hosts must not stay held.
        rig.abandon(lanes)
        raise


def _schedule(rig: Rig, lanes: list[Lane], choose: Chooser) -> list[Step]:
    """Release gates in the order that is chosen, until every lane has ended."""
    steps: list[Step] = []
    last: str | None = None
    while True:
        held = [lane for lane in lanes if lane.state == "held"]
        blocked = [lane for lane in lanes if lane.state == "blocked"]
        if not held and not blocked:
            return steps
        if held:
            lane = choose(held, last)
            gates = tuple((each.name, each.gate) for each in held if each.gate is not None)
            steps.append(Step(gates, lane.name))
            rig.release(lane)
            last = lane.name
        if blocked:
            rig.recheck(blocked)


async def _look(actor: Actor, history: History, tokens: Sequence[str]) -> None:
    """Read the outcome: entities and log of every run there is."""
    runs = dict.fromkeys(
        call.value["run"]["runId"]
        for call in history.calls
        if call.op == "events.create" and call.error is None and call.event["eventType"] == "run_created"
    )
    for run_id in runs:
        run = await actor.run(run_id)
        events = await actor.events(run_id)
        steps = await actor.steps(run_id)
        hooks = await actor.hooks(run_id)
        history.snapshots.append(Snapshot(run_id, run, events, steps, hooks))
    for token in tokens:
        history.tokens[token] = await actor.hook_by_token(token)
