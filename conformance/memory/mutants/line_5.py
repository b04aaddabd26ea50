"""Worlds of line 5.x that break what this line adds."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, storage
from conformance.memory.numbered import NumberedWorld
from conformance.spec.batch import results, singles
from conformance.spec.table import Outcome, Row, index
from conformance.spec.vocabulary import Event, WorldError


class _Restarts(NumberedWorld):
    """Starts a running step again when its run has ended, as Worlds of 4.x do."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if row.rule == "step.no-restart-after-end":
            return index(4)[event["eventType"], "completed", "running", ""]
        return row


class _TakesBoth(NumberedWorld):
    """Takes each start that brings the input of its step, and says to all that they created it."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if row.when == "creates" and row.rule == "step.created-once":
            return index(5)[event["eventType"], "running", "missing", "creates"]
        return row


class _NeverTells(NumberedWorld):
    """Does not say who created a step by starting it."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        result = super().write(run_id, event, outcome)
        return {key: item for key, item in result.items() if key != "stepCreated"}


class _LosesAttributes(NumberedWorld):
    """Writes back all attributes as it read them, with its own: those of others in between are lost."""

    def reset(self) -> None:
        super().reset()
        self.read: dict[int, dict[tuple[str, str], Any]] = {}

    def look_up(self, run_id: str, event: Event) -> Row:
        self.read.setdefault(id(event), self.state.attributes.copy())
        return super().look_up(run_id, event)

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        read = self.read.pop(id(event))
        if event["eventType"] == "attr_set":
            self.state.attributes = read
        return super().commit(run_id, event, seen)


class _SetsAfterEnd(NumberedWorld):
    """Takes attributes whatever the status of the run."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        if row.event == "attr_set" and row.outcomes[0].answer != "ok":
            return index(5)["attr_set", "running", "missing", ""]
        return row


class _ReportsEarly(NumberedWorld):
    """Reads what it reports before it writes: the event of the answer, and what came in between, lacks."""

    def look_up(self, run_id: str, event: Event) -> Row:
        self.seen.setdefault(id(event), list(self.events.get(run_id, ())))
        return super().look_up(run_id, event)

    def reset(self) -> None:
        super().reset()
        self.seen: dict[int, list[Event]] = {}

    def commit(self, run_id: str, event: Event, seen: Row) -> dict[str, Any]:
        read = self.seen.pop(id(event))
        result = super().commit(run_id, event, seen)
        if "events" in result:
            result["events"] = [one for one in result["events"] if one in read]
        return result


class _ShyReport(NumberedWorld):
    """Keeps back the last event of what it reports or preloads, and says that this is all."""

    def report(self, run_id: str, asked: dict[str, Any], made: Event | None) -> dict[str, Any]:
        return self._shy(super().report(run_id, asked, made))

    def preload(self, run_id: str) -> dict[str, Any]:
        return self._shy(super().preload(run_id))

    @staticmethod
    def _shy(told: dict[str, Any]) -> dict[str, Any]:
        return {**told, "events": told["events"][:-1]} if told.get("events") else told


class _OneByOne(NumberedWorld):
    """Takes the events of a batch one after another: what others write comes in between."""

    async def events_create_batch(self, run_id: str, asked: list[dict[str, Any]]) -> dict[str, Any]:
        events = singles([one["event"] for one in asked])
        answers: list[dict[str, Any] | WorldError] = []
        for event in events:
            try:
                answers.append(await self.events_create(run_id, event))
            except WorldError as error:
                answers.append(error)
        return results(events, answers)


class _BatchBackwards(NumberedWorld):
    """Takes the events of a batch in one commit, the last one first."""

    def commit_batch(
        self, run_id: str, looked_up: list[tuple[Event, Row]]
    ) -> list[dict[str, Any] | WorldError]:
        return super().commit_batch(run_id, looked_up[::-1])[::-1]


MUTANTS = (
    Mutant(
        "shy-report",
        "Keeps back the last of the events that it reports or preloads, and says that these are all.",
        (*storage(1, "answer.report"), *storage(8, "answer.report")),
        _ShyReport,
    ),
    Mutant(
        "batch-one-by-one",
        "Takes the events of a batch one after another, each in a commit of its own.",
        storage(8, "batch.one-write"),
        _OneByOne,
    ),
    Mutant(
        "batch-backwards",
        "Takes the events of a batch in one commit, the last one first.",
        storage(8, "batch.one-write"),
        _BatchBackwards,
    ),
    Mutant(
        "report-early",
        "Reads the events that it reports before it writes its own, and says that these are all.",
        storage(8, "answer.report"),
        _ReportsEarly,
    ),
    Mutant(
        "restarts-after-end",
        "Starts a running step again when its run has ended.",
        storage(7, "step.no-restart-after-end"),
        _Restarts,
    ),
    Mutant(
        "lazy-takes-both",
        "Takes every start that brings the input of its step, also when the step is there.",
        storage(7, "step.created-once"),
        _TakesBoth,
    ),
    Mutant(
        "lazy-untold",
        "Does not say stepCreated to the start that created its step.",
        storage(7, "step.creator-told"),
        _NeverTells,
    ),
    Mutant(
        "attributes-lost",
        "Writes back all attributes as it read them: those set in between are lost.",
        storage(8, "attribute.merged"),
        _LosesAttributes,
    ),
    Mutant(
        "attributes-after-end",
        "Takes attributes also when the run has ended.",
        storage(4, "attribute.live-run"),
        _SetsAfterEnd,
    ),
)
