"""Reference worlds of line 5.x that number events in a wrong way, each in one of the ways that Worlds do.

What is drawn before the write goes into the event as ``slot``, and the log is listed by it. Only the counter
of a run (:meth:`Misnumbered.drawn`) differs between stores. A mutant is chosen as those of :mod:`.mutants`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.spec.batch import results, singles
from conformance.spec.vocabulary import WorldError

from .line import OfLine

Event = dict[str, Any]
_ALL: Final = {"limit": 1000}


@dataclass(frozen=True, slots=True)
class SlotMutant:
    """``caught``: the variant at level storage that shows it, as ``number/name``, and the rule. ``only``: the
    store that it makes sense for; empty for all."""

    name: str
    breaks: str
    caught: str
    rule: str
    only: str = ""


SLOT_MUTANTS: Final = (
    SlotMutant("slots-with-holes", "events are numbered 2, 4, 6", "6/complete-complete", "log.slots"),
    SlotMutant(
        "slots-unpadded", "ids are positions without leading zeros", "6/complete-complete", "log.slots"
    ),
    SlotMutant(
        "slot-reserved",
        "a position is drawn from a counter, then the event is written; a refused event gives it back",
        "8/create-and-read-on",
        "log.prefix",
    ),
    SlotMutant(
        "slot-max-plus-one",
        "the log is read, then the event is written one position further; no key keeps another from doing so",
        "8/create-and-read-on",
        "log.slots",
    ),
    SlotMutant(
        "claim-is-slot",
        "a position is claimed before the write, and the claim of a refused event stays",
        "8/step-step",
        "log.slots",
    ),
    SlotMutant(
        "batch-one-by-one",
        "the events of a batch are written one after another",
        "8/batch-create",
        "batch.one-write",
    ),
    SlotMutant(
        "batch-unguarded",
        "a batch is decided on what was read, and written whatever was written since (MongoDB)",
        "8/batch-batch",
        "step.status-agrees",
        "mongodb",
    ),
    SlotMutant(
        "pages-by-time",
        "a cursor is the time at which the last event began: one that began earlier and came later is lost",
        "8/create-and-read-on",
        "log.prefix",
    ),
    SlotMutant(
        "written-in-place",
        "the file of an event is opened under its name, and written then (files)",
        "8/step-step",
        "error.classifiable",
        "local",
    ),
)
BY_NAME: Final = {mutant.name: mutant for mutant in SLOT_MUTANTS}


class Misnumbered(OfLine):
    """Mixed in before the reference of one store."""

    slots: SlotMutant

    def __init__(self, *args: Any, spec: str = "6", **options: Any) -> None:
        super().__init__(*args, spec=spec, **options)  # type: ignore[call-arg]

    async def drawn(self, run_id: str, step: int) -> int:
        """Add to the counter of a run, which begins at 0, in a round trip of its own; what it is then."""
        raise NotImplementedError

    async def events_create(
        self, run_id: str | None, event: Event, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        slot = None if run_id is None else await self._slot(run_id)
        drawn = {} if slot is None else {"slot": slot}
        try:
            result: dict[str, Any] = await super().events_create(run_id, event | drawn, params)  # type: ignore[misc]
        except WorldError:
            if slot is not None and self.slots.name == "slot-reserved":
                await self.drawn(str(run_id), -1)
            raise
        return result | {"event": self._renamed(result["event"])} if "event" in result else result

    async def events_create_batch(self, run_id: str, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        events = singles([one["event"] for one in asked])
        answers: list[dict[str, Any] | WorldError] = []
        for event in events:
            try:
                answers.append(await self.events_create(run_id, event))
            except WorldError as error:
                answers.append(error)
        return results(events, answers)

    async def _slot(self, run_id: str) -> int | None:
        match self.slots.name:
            case "slot-reserved" | "claim-is-slot":
                return await self.drawn(run_id, 1) + 1  # the creation of the run has the first
            case "slot-max-plus-one":
                return len((await self._whole(run_id))["data"]) + 1
        return None

    def _renamed(self, event: Event) -> Event:
        plain = {name: value for name, value in event.items() if name != "slot"}
        position = int(event["eventId"].rpartition("_")[2])
        if self.slots.name == "slots-with-holes":
            position *= 2
        if self.slots.name == "slots-unpadded":
            return plain | {"eventId": f"evnt_{position}"}
        return plain | {"eventId": self.line.event_id(event["runId"], event.get("slot", position))}

    async def _whole(self, run_id: str) -> dict[str, Any]:
        return await super().events_list({"runId": run_id, "pagination": _ALL})  # type: ignore[misc, no-any-return]

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("pagination") or {}
        found = [self._renamed(event) for event in (await self._whole(params["runId"]))["data"]]
        found.sort(key=lambda event: int(event["eventId"].rpartition("_")[2]))
        key = "createdAt" if self.slots.name == "pages-by-time" else "eventId"
        if asked.get("sortOrder") == "desc":
            found.reverse()
        elif asked.get("cursor") is not None:
            found = [event for event in found if str(event[key]) > asked["cursor"]]
        shown = found[: asked.get("limit") or 100]
        cursor = str(shown[-1][key]) if shown else asked.get("cursor")
        return {"data": shown, "cursor": cursor, "hasMore": len(found) > len(shown)}
