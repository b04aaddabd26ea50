"""A batch in a history: a call for each of its events, as if each had been written by itself, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.core.history import Call, History
from conformance.spec.batch import outcome_of, singles
from conformance.spec.machine import creates_step
from conformance.spec.shapes import WrongAnswer, say
from conformance.spec.vocabulary import Event, WorldError


class BatchCalls:
    """The calls of one batch of ``actor``, which begin now. Raises :class:`WorldError` for what no batch can
    express."""

    def __init__(
        self, history: History, actor: str, run_id: str, events: Sequence[Event], time: float = 0.0
    ) -> None:
        self._history = history
        self._asked = list(events)
        began = history.tick()
        self.calls = [
            Call(actor, history.phase, "events.create", (run_id, event), began, time=time, batch=began)
            for event in singles(events)
        ]
        history.calls += self.calls

    def refused(self, error: WorldError) -> list[Call]:
        """The World refused the batch as a whole. The calls, now with what came of them."""
        for call in self.calls:
            call.refused(error, self._history)
        return self._end()

    def answered(self, value: Any) -> list[Call]:
        """The World answered event by event. The calls, now with what came of them."""
        items = value.get("results") if isinstance(value, dict) else None
        if not isinstance(items, list) or len(items) != len(self._asked):
            due = f"an object with results, {len(self._asked)} of them"
            got = f"{len(items)} results" if isinstance(items, list) else say(value)
            return self.refused(WrongAnswer(f"events.createBatch was answered with {got}; due is {due}"))
        wrong = next((item for item in items if not isinstance(item, dict)), None)
        if wrong is not None:
            return self.refused(WrongAnswer(f"events.createBatch was answered with {say(wrong)} as a result"))
        self._take([outcome_of(item) for item in items])
        return self._end()

    def _take(self, outcomes: list[dict[str, Any] | WorldError]) -> None:
        at = 0
        for call in list(self.calls):
            if not creates_step(call.event):
                self._one(call, outcomes[at])
                at += 1
                continue
            created, started = outcomes[at : at + 2]
            if isinstance(created, WorldError) == isinstance(started, WorldError):
                told = started if isinstance(started, WorldError) else {**started, "stepCreated": True}
                self._one(call, told)
            else:
                self._apart(call, at, created, started)
            at += 2

    def _apart(self, call: Call, at: int, *outcomes: dict[str, Any] | WorldError) -> None:
        """A World may look at the two events of a pair one by one: then each is a write of its own."""
        creation, start = self._asked[at : at + 2]
        before = replace(call, args=(call.run_id, creation))
        call.args = (call.run_id, start)
        for calls in (self.calls, self._history.calls):
            calls.insert(next(place for place, each in enumerate(calls) if each is call), before)
        for each, outcome in zip((before, call), outcomes, strict=True):
            self._one(each, outcome)

    def _one(self, call: Call, outcome: dict[str, Any] | WorldError) -> None:
        if isinstance(outcome, WorldError):
            call.refused(outcome, self._history)
            return
        try:
            call.take(outcome, self._history)
        except WrongAnswer as wrong:
            call.refused(wrong, self._history)

    def _end(self) -> list[Call]:
        ended = self._history.tick()
        for call in self.calls:
            call.ended = ended
        return self.calls
