"""Which place of the map each variant of the scenarios plays, and which of them the map does not have.

Where each of two actors does one operation, a variant is a place of the map. It stays in its scenario all the
same: scenarios are run without the map, with three actors, drawn payloads, hours that pass and one instance.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from conformance.core.history import Call, History
from conformance.core.scenario import Case, Race, Variant
from conformance.core.scenarios import scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.storage import Suite
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.racemap import derive
from conformance.racemap.operations import Relation, operations
from conformance.spec.machine import State, creates_step
from conformance.spec.reach import KINDS, kind_of
from conformance.spec.vocabulary import Event, WorldError

VARIANTS = {f"{one.number} {each.name}": each for one in scenarios() for each in one.at("storage", 5)}
PLACES = {f"{pair.name}@{place.name}" for pair in derive.pairs(5, whole=True) for place in pair.places}


class _Played(NamedTuple):
    """A variant with two actors: what came before, what each of them did, and whether more follows."""

    given: list[Call]
    race: list[list[Call]]
    more: bool


def _play(variant: Variant, order: str) -> _Played:
    driver = InProcessDriver(NumberedWorld if variant.since == 5 else MemoryWorld)
    history = History()
    driver.reset(1, history)
    history.capabilities = driver.capabilities
    race: Race = driver.alone(_build(variant, Suite(driver.actor("-"), "1")))
    given = len(history.calls)
    done: list[list[Call]] = []
    programs = dict(zip("AB", race.programs, strict=True))
    for name in order:
        begun = len(history.calls)
        with suppress(WorldError):
            driver.alone(programs[name](driver.actor(name)))
        done.append(history.calls[begun:])
    return _Played(history.calls[:given], done if order == "AB" else done[::-1], race.then is not None)


async def _build(variant: Variant, suite: Suite) -> Race:
    return await variant.build(suite, Case())


def _place(variant: Variant) -> str | None:
    """The place of the map that two operations are; None where an actor does more than one."""
    played, turned = _play(variant, "AB"), _play(variant, "BA")
    # Who is refused may end there, so each goes first once.
    if played.more or any(len(calls) != 1 for calls in (*played.race, *turned.race)):
        return None
    calls = [calls[0] for calls in played.race]
    names = [_operation(call) for call in calls]
    order = [op.name for op in operations(5)]
    if order.index(names[0]) > order.index(names[1]):
        calls.reverse()
        names.reverse()
    ids = _Ids(calls)
    state = State(5)
    for call in played.given:
        run, event = ids.run(call.args[0] or call.value["run"]["runId"]), ids.event(call.event)
        state.take(run, event, state.look_up(run, event, now=0).outcomes[0])
    raced = {kind_of(call.event["eventType"]) for call in calls}
    entities = [kind for kind in KINDS[1:] if kind in raced]
    relation = ids.relation
    pair = "~".join(names) + ("" if relation == "same" else f":{relation}")
    return f"{pair}@{derive._named(state, entities, relation)}"


def _operation(call: Call) -> str:
    kind: str = call.event["eventType"]
    if len(call.args) > 2 and "resumeId" in (call.args[2] or {}):
        return f"{kind}+resume"
    return f"{kind}+input" if creates_step(call.event) else kind


class _Ids:
    """Numbers for ids, as the map counts them: those of the first operation are 0."""

    def __init__(self, calls: list[Call]) -> None:
        self._names: dict[str, str] = {}
        for call in calls:
            self.run(call.args[0])
            self.event(call.event)
        about = [(call.args[0], call.event.get("correlationId")) for call in calls]
        kinds = {kind_of(call.event["eventType"]) for call in calls}
        same = about[0] == about[1] or "run" in kinds or len(kinds) > 1
        self.relation: Relation = "same" if about[0][0] == about[1][0] and same else "other"
        if about[0][0] != about[1][0]:
            self.relation = "other-run"

    def run(self, ident: str) -> str:
        return self._name("run", ident)

    def event(self, event: Event) -> Event:
        data: dict[str, Any] = dict(event.get("eventData") or {})
        made: Event = {**event, "eventData": data}
        if event.get("correlationId"):
            made["correlationId"] = self._name(kind_of(event["eventType"]), event["correlationId"])
        if "token" in data:
            data["token"] = self._name("token", data["token"])
        if data.get("retryAfter") is not None:
            data["retryAfter"] = 1
        return made

    def _name(self, kind: str, ident: str) -> str:
        taken = sum(name.startswith(kind) for name in self._names.values())
        return self._names.setdefault(f"{kind} {ident}", f"{kind}{taken}")


#: A run of the scenarios judges these; the map has the same race.
PLAYED = {
    "1 start-start": "run_started~run_started@pending",
    "1 create-start": "run_created~run_started@missing",
    "1 create-create": "run_created~run_created@missing",
    "2 complete-complete": "run_completed~run_completed@running",
    "3 fail-fail": "run_failed~run_failed@running",
    "3 fail-complete": "run_completed~run_failed@running",
    "3 fail-cancel": "run_failed~run_cancelled@running",
    "3 complete-cancel": "run_completed~run_cancelled@running",
    "5 complete-complete": "wait_completed~wait_completed@running+wait-waiting",
    "5 create-complete": "wait_created~wait_completed@running+wait-missing",
    "6 complete-complete": "step_completed~step_completed@running+step-running",
    "6 complete-fail": "step_completed~step_failed@running+step-running",
    "6 complete-retry": "step_completed~step_retrying@running+step-running",
    "7 start-start": "step_started~step_started@running+step-pending",
    "7 start-finish": "step_started~step_completed@running+step-running",
    "7 start-end": "run_completed~step_started@running+step-pending",
    "7 restart-end": "run_completed~step_started@running+step-running",
    "7 lazy-lazy": "step_started+input~step_started+input@running+step-missing",
    "7 lazy-end": "run_completed~step_started+input@running+step-missing",
    "7 create-start": "step_created~step_started@running+step-missing",
    "8 step-step": "step_created~step_created@running+step-missing",
    "8 wait-wait": "wait_created~wait_created@running+wait-missing",
    "8 hook-hook": "hook_created~hook_created@running+hook-missing",
    "8 one-token-two-runs": "hook_created~hook_created:other-run"
    "@running+hook-missing+other-hook-missing+other-run-running",
    "8 resume-resume": "hook_received~hook_received@running+hook-active",
}
#: Two operations from a state in which their order does not count: both are refused. The map leaves them out.
REFUSED = {
    "1 create-again": "run_created~run_created@running",
    "1 start-missing": "run_started~run_started@missing",
    "2 complete-again": "run_started~run_completed@completed",
    "5 complete-again": "wait_completed~wait_completed@running+wait-completed",
    "7 start-early": "step_started~step_started@running+step-pending-later",
}


def test_each_variant_of_single_operations_is_a_place_or_cannot_conflict() -> None:
    found = {name: place for name, variant in VARIANTS.items() if (place := _place(variant)) is not None}
    left = found.keys() ^ (PLAYED | REFUSED).keys()
    assert found == PLAYED | REFUSED, left
    assert {name for name, place in found.items() if place in PLACES} == PLAYED.keys()
