"""The ids behind the numbers of moves (:mod:`conformance.spec.reach`), in one schedule of one World."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from conformance.core import events
from conformance.core.actor import Actor
from conformance.core.errors import NotSupported
from conformance.levels.storage import WORKFLOW, NoPrefixError, Suite
from conformance.spec.reach import Move, attributes
from conformance.spec.vocabulary import Event


class Stage:
    """Makes events of moves, and remembers the ids of runs, entities and tokens.

    A run that no ``run_created`` made has an id of the shape that this World gives, once :meth:`prepare` has
    been called. Entities and tokens get names of the suite's own. ``full``: events hold all that the runtime
    sends with them, and a token is a text as users choose it.
    """

    def __init__(self, suite: Suite, *, full: bool = False) -> None:
        self._suite = suite
        self._full = full
        self._runs: dict[int, str] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._moment: datetime | None = None

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
        """Give an id to each run of these moves that has none: it does not exist, or a move creates it.

        Raises :class:`NotSupported` as :meth:`perform`.
        """
        for move in moves:
            if move.when == "resumes":
                self._resumption()
            if move.run not in self._runs:
                self._runs[move.run] = await self._suite.missing_run()
            self.entity(move)
            self.token(move.token)

    async def perform(
        self, actor: Actor, move: Move, payload: Any = "x", text: str = "boom"
    ) -> dict[str, Any]:
        """Ask the World for a move. ``payload`` is its argument, result, output, payload or metadata,
        ``text`` the message of its error, where it has one.

        Raises :class:`WorldError` when the World refuses, and :class:`NotSupported` for a resumption with an
        id where the World does not tell one from another.
        """
        params = self._resumption() if move.when == "resumes" else None
        answer = await actor.create(self._runs.get(move.run), self.event(move, payload, text), params)
        if move.event == "run_created" and move.run not in self._runs:
            self._runs[move.run] = answer["run"]["runId"]
        return answer

    def run(self, number: int) -> str:
        """The id of a run. ``KeyError`` when it has none yet."""
        return self._runs[number]

    def entity(self, move: Move) -> str:
        """The id of the entity that a move is about; empty for one about a run."""
        return self.named(move.kind, move.entity)

    def named(self, kind: str, number: int) -> str:
        """The id of an entity; empty for a run, which events do not name."""
        return "" if kind == "run" else self._name(kind, number)

    def token(self, number: int) -> str:
        """A token of hooks. Where events are full some differ in very little, and are different tokens."""
        if not self._full:
            return self._name("token", number)
        ending = _ENDINGS[number % len(_ENDINGS)]
        return self._name("token", number // len(_ENDINGS)) + _TRICKY + ending

    @property
    def workflow(self) -> str:
        """The name of the workflow of all its runs, which no other schedule uses where events are full."""
        return f"{WORKFLOW}_{self._suite.unique}" if self._full else WORKFLOW

    def event(self, move: Move, payload: Any = "x", text: str = "boom") -> Event:
        """The event of a move, with this schedule's ids."""
        event: Event = _EVENTS[move.event](self, move, payload, text)
        if self._full:
            further = _FURTHER.get(move.event)
            if further is not None:
                event["eventData"] = {**event.get("eventData", {}), **further(self, move, payload, text)}
        return event

    def _resumption(self) -> dict[str, Any]:
        """What tells one resumption from another: there is one in each schedule."""
        if not self._suite.declares("hookResumeDedup"):
            raise NotSupported("it does not declare hookResumeDedup")
        return {"resumeId": self._name("resume", 0), "resumePayloadDigest": "0" * 64}

    def _name(self, kind: str, number: int) -> str:
        key = kind, number
        if key not in self._names:
            self._names[key] = self._suite.name(kind)
        return self._names[key]

    def later(self) -> datetime:
        """A moment that does not come while a schedule is played; always the same one."""
        if self._moment is None:
            self._moment = self._suite.far()
        return self._moment

    def elapsed(self) -> datetime:
        """A moment that is over."""
        return self._suite.elapsed()


Make = Callable[[Stage, Move, Any, str], Any]

#: What users put into tokens: keys and paths of all kinds. What differs comes behind it.
_TRICKY: Final = f" a/b:c.$d*{'0123456789' * 8}"
#: What a database may take for the same: case, accents, blanks at the end.
_ENDINGS: Final = ("é", "É", "e", "é ")
_STEP: Final = "work"


def _started(stage: Stage, move: Move, payload: Any, _: str) -> Event:
    name = stage.named("step", move.entity)
    if move.when == "creates":
        return events.step_started_lazily(name, _STEP, payload)
    return events.step_started(name)


def _retrying(stage: Stage, move: Move, _: Any, text: str) -> Event:
    later = stage.later() if move.when == "retry-later" else None
    return events.step_retrying(stage.named("step", move.entity), text, later)


#: How the event of each type is made; ``tests/spec/test_reach.py`` checks that none is missing.
_EVENTS: Final[dict[str, Make]] = {
    "run_created": lambda stage, _, payload, __: events.run_created(stage.workflow, payload),
    "run_started": lambda *_: events.run_started(),
    "run_completed": lambda _, __, payload, ___: events.run_completed(payload),
    "run_failed": lambda _, __, ___, text: events.run_failed(text),
    "run_cancelled": lambda *_: events.run_cancelled(),
    "step_created": lambda stage, move, payload, _: events.step_created(
        stage.named("step", move.entity), _STEP, payload
    ),
    "step_started": _started,
    "step_completed": lambda stage, move, payload, _: events.step_completed(
        stage.named("step", move.entity), payload
    ),
    "step_failed": lambda stage, move, _, text: events.step_failed(stage.named("step", move.entity), text),
    "step_retrying": _retrying,
    "wait_created": lambda stage, move, *_: events.wait_created(
        stage.named("wait", move.entity), stage.elapsed()
    ),
    "wait_completed": lambda stage, move, *_: events.wait_completed(stage.named("wait", move.entity)),
    "hook_created": lambda stage, move, *_: events.hook_created(
        stage.named("hook", move.entity), stage.token(move.token)
    ),
    "hook_received": lambda stage, move, payload, _: events.hook_received(
        stage.named("hook", move.entity), payload
    ),
    "hook_disposed": lambda stage, move, *_: events.hook_disposed(stage.named("hook", move.entity)),
    "attr_set": lambda stage, move, *_: events.attr_set(stage.named("attr", move.entity), attributes(move)),
}


def _stack(text: str) -> str:
    return f"Error: {text}\n    at work (flows.ts:1:1)"


def _named(*_: Any) -> dict[str, Any]:
    return {"stepName": _STEP}


def _failed_step(_: Stage, __: Move, ___: Any, text: str) -> dict[str, Any]:
    return {"stepName": _STEP, "stack": _stack(text)}


#: What the runtime sends besides, in ``eventData`` (@workflow/core 4.8.9, 5.0.0-beta.55).
_FURTHER: Final[dict[str, Make]] = {
    "run_created": lambda *_: {
        "executionContext": {"traceCarrier": {}, "workflowCoreVersion": "4.8.9", "features": {"a.b": True}}
    },
    "run_failed": lambda _, __, ___, text: {
        "error": {"message": text, "stack": _stack(text)},
        "errorCode": "USER_ERROR",
    },
    "step_created": lambda stage, *_: {"workflowName": stage.workflow},
    "step_started": _named,
    "step_completed": _named,
    "step_failed": _failed_step,
    "step_retrying": _failed_step,
    "hook_created": lambda _, __, payload, ___: {"metadata": payload, "isWebhook": False},
}
