"""Worlds that do as they should, and answer in a shape that nobody can read."""

from __future__ import annotations

from typing import Any

from conformance.memory.mutants.mutant import Mutant, handlers, storage
from conformance.memory.mutants.ways import Broken
from conformance.spec.vocabulary import Event


class _AnswersNothing(Broken):
    """Answers a second start of a step with nothing, as a driver gives for an update that changed no row."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> dict[str, Any]:
        result = super().result(run_id, event, stored)
        if event["eventType"] == "step_started" and result["step"]["attempt"] > 1:
            del result["step"]
        return result


class _AnswersList(Broken):
    """Answers the end of a step with the rows that the driver gave."""

    def result(self, run_id: str, event: Event, stored: Event | None = None) -> Any:
        result = super().result(run_id, event, stored)
        return [result] if self.concerns(event) else result


class _ListsBare(Broken):
    """Gives the hooks of a run as a bare list, without the page around it."""

    async def hooks_list(self, params: dict[str, Any]) -> Any:
        return (await super().hooks_list(params))["data"]


MUTANTS = (
    Mutant(
        "restart-without-step",
        "Starts a step again and answers without the step.",
        storage(7, "answer.shape") + handlers(7, "answer.shape"),
        _AnswersNothing,
    ),
    Mutant(
        "hooks-without-page",
        "Lists hooks as a bare list, without the page around it.",
        storage(4, "answer.shape") + handlers(4, "answer.shape"),
        _ListsBare,
    ),
    Mutant(
        "rows-for-answer",
        "Answers the end of a step with a list of rows.",
        storage(6, "answer.type") + handlers(6, "answer.type"),
        _AnswersList.of("step_completed", "step_failed"),
    ),
)
