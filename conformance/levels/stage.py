"""The ids behind the numbers of moves (:mod:`conformance.spec.reach`), in one schedule of one World."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from conformance.core import events
from conformance.core.actor import Actor
from conformance.levels.storage import WORKFLOW, NoPrefixError, Suite
from conformance.spec.reach import Move
from conformance.spec.vocabulary import Event


class Stage:
    """Makes events of moves, and remembers the ids of runs, entities and tokens.

    A run that no ``run_created`` made has an id of the shape that this World gives, once :meth:`prepare` has
    been called. Entities and tokens get names of the suite's own.
    """

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._runs: dict[int, str] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._later: datetime | None = None

    async def reach(self, prefix: Sequence[Move], then: Sequence[Move] = ()) -> None:
        """Play a prefix by the suite alone, and give ids to the runs that the moves ``then`` are about.

        Raises :class:`WorldError` when the World refuses a move of it, and :class:`NoPrefixError` when it
        answers with something else than the first outcome of the table.
        """
        for move in prefix:
            answer = await self.perform(self._suite.actor, move)
            event = answer.get("event") or {}
            if event.get("eventType") == "hook_conflict":
                raise NoPrefixError(f"{move.event} got a hook_conflict event for a token that is free")
        await self.prepare(then)

    async def prepare(self, moves: Sequence[Move]) -> None:
        """Give an id to each run of these moves that has none: it does not exist, or a move creates it."""
        for move in moves:
            if move.run not in self._runs:
                self._runs[move.run] = await self._suite.missing_run()
            self.entity(move)
            self.token(move.token)

    async def perform(self, actor: Actor, move: Move, payload: Any = "x") -> dict[str, Any]:
        """Ask the World for a move. ``payload`` is its argument, result, output or payload, if it has one.

        Raises :class:`WorldError` when the World refuses.
        """
        answer = await actor.create(self._runs.get(move.run), self.event(move, payload))
        if move.event == "run_created" and move.run not in self._runs:
            self._runs[move.run] = answer["run"]["runId"]
        return answer

    def run(self, number: int) -> str:
        """The id of a run. ``KeyError`` when it has none yet."""
        return self._runs[number]

    def entity(self, move: Move) -> str:
        """The id of the entity that a move is about; empty for one about a run."""
        return "" if move.kind == "run" else self._name(move.kind, move.entity)

    def token(self, number: int) -> str:
        """A token of hooks."""
        return self._name("token", number)

    def event(self, move: Move, payload: Any = "x") -> Event:
        """The event of a move, with this schedule's ids."""
        return _EVENTS[move.event](self, move, payload)

    def _name(self, kind: str, number: int) -> str:
        key = kind, number
        if key not in self._names:
            self._names[key] = self._suite.name(kind)
        return self._names[key]

    def retry_after(self) -> datetime:
        """A moment that does not come while a schedule is played."""
        if self._later is None:
            self._later = self._suite.far()
        return self._later

    def elapsed(self) -> datetime:
        """A moment that is over."""
        return self._suite.elapsed()


def _started(stage: Stage, move: Move, payload: Any) -> Event:
    event = events.step_started(stage.entity(move))
    if move.when == "creates":
        event["eventData"] = {"stepName": "work", "input": [payload]}
    return event


def _retrying(stage: Stage, move: Move, _: Any) -> Event:
    later = stage.retry_after() if move.when == "retry-later" else None
    return events.step_retrying(stage.entity(move), "boom", later)


#: How the event of each type is made; ``tests/spec/test_reach.py`` checks that none is missing.
_EVENTS: dict[str, Callable[[Stage, Move, Any], Event]] = {
    "run_created": lambda _, __, payload: events.run_created(WORKFLOW, payload),
    "run_started": lambda _, __, ___: events.run_started(),
    "run_completed": lambda _, __, payload: events.run_completed(payload),
    "run_failed": lambda _, __, ___: events.run_failed("boom"),
    "run_cancelled": lambda _, __, ___: events.run_cancelled(),
    "step_created": lambda stage, move, payload: events.step_created(stage.entity(move), "work", payload),
    "step_started": _started,
    "step_completed": lambda stage, move, payload: events.step_completed(stage.entity(move), payload),
    "step_failed": lambda stage, move, _: events.step_failed(stage.entity(move), "boom"),
    "step_retrying": _retrying,
    "wait_created": lambda stage, move, _: events.wait_created(stage.entity(move), stage.elapsed()),
    "wait_completed": lambda stage, move, _: events.wait_completed(stage.entity(move)),
    "hook_created": lambda stage, move, _: events.hook_created(stage.entity(move), stage.token(move.token)),
    "hook_received": lambda stage, move, payload: events.hook_received(stage.entity(move), payload),
    "hook_disposed": lambda stage, move, _: events.hook_disposed(stage.entity(move)),
}
