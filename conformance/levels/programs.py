"""A program of one actor (:mod:`conformance.spec.programs`), played on a World."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from conformance.core.actor import Actor
from conformance.core.faults import is_abroad
from conformance.core.paging import Pages
from conformance.core.scenario import Case, Program, Race
from conformance.core.stored_values import stored
from conformance.levels.stage import Stage
from conformance.levels.storage import Suite
from conformance.spec.programs import READS, Item, Read, parse
from conformance.spec.reach import Move
from conformance.spec.vocabulary import WorldError

#: A command line may come from anybody.
_MOST_TIMES: Final = 1_000_000


async def sequential(suite: Suite, case: Case) -> Race:
    """One actor plays the program of a case; whatever is refused, it goes on. Where another one is in another
    time zone, that one reads, after all moves."""
    stage = Stage(suite, full=True)
    items = parse(case.program)
    await stage.prepare(_first_of_missing(items))
    payload, text = payload_of(case), text_of(case)

    event_ids: dict[tuple[str, int], str] = {}

    def playing(some: Sequence[Item]) -> Program:
        async def play(actor: Actor) -> None:
            player = _Player(stage, actor, event_ids)
            for item in some:
                if isinstance(item, Move):
                    await player.move(item, payload, text)
                else:
                    await player.read(item)

        return play

    if not is_abroad(case.faults):
        return Race([playing(items)], exact=True)
    moves = [item for item in items if isinstance(item, Move)]
    reads = [item for item in items if isinstance(item, Read)]
    return Race([playing(moves), playing(reads)], exact=True)


def payload_of(case: Case) -> bytes:
    """The bytes that inputs, results, outputs, payloads and metadata of a case are.

    The runtime hands over bytes (from spec version 2 on): the text of a value, or encrypted data.
    """
    return stored(_meant(case.payload))


def _meant(value: Any) -> Any:
    """The payload that a case names: :data:`conformance.spec.payloads.PAYLOADS`."""
    if isinstance(value, dict) and value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    if isinstance(value, dict) and value.keys() == {"$repeat"}:
        one, times = value["$repeat"]
        return _meant(one) * min(int(times), _MOST_TIMES)
    return value


def text_of(case: Case) -> str:
    """The message of errors: the payload, if it is a text. The runtime hands these over as they are."""
    value = _meant(case.payload)
    return value if isinstance(value, str) and value else "boom"


def _first_of_missing(items: Sequence[Item]) -> list[Move]:
    """Moves about the runs that are first met by something else than their creation."""
    met: set[int] = set()
    found = []
    for item in items:
        of_run = isinstance(item, Move) or READS[item.op][0] is not None or item.op.startswith("events")
        if of_run and item.run not in met:
            met.add(item.run)
            if not (isinstance(item, Move) and item.event == "run_created"):
                found.append(Move("run_started", item.run))
    return found


class _Player:
    """Plays items, one after another. What is refused, and what a World does not have, is in the history."""

    def __init__(self, stage: Stage, actor: Actor, event_ids: dict[tuple[str, int], str]) -> None:
        self._stage = stage
        self._actor = actor
        self._event_ids = event_ids

    async def move(self, move: Move, payload: bytes, text: str) -> None:
        """Ask for a move; one about a run that the World did not create is left out."""
        with suppress(WorldError, KeyError):
            if move.event != "run_created":
                self._stage.run(move.run)
            answer = await self._stage.perform(self._actor, move, payload, text)
            event = answer.get("event")
            if event is not None and isinstance(event.get("eventId"), str):
                self._event_ids[move.kind, move.entity] = event["eventId"]

    async def read(self, read: Read) -> None:
        """Read one thing, or a list to its end."""
        with suppress(WorldError, KeyError):
            if READS[read.op][1]:
                await self._list(read)
            else:
                args = self._one(read)
                await self._actor.call(read.op, *args, *([{"resolveData": "none"}] if read.bare else []))

    def _one(self, read: Read) -> tuple[Any, ...]:
        stage = self._stage
        match read.op:
            case "runs.get":
                return (stage.run(read.run),)
            case "steps.get":
                return stage.run(read.run), stage.named("step", read.entity)
            case "hooks.get":
                return (stage.named("hook", read.entity),)
            case "hooks.getByToken":
                return (stage.token(read.token),)
            case _:
                return stage.run(read.run), self._event_ids[read.kind or "run", read.entity]

    async def _list(self, read: Read) -> None:
        asked = self._asked(read)
        pagination: dict[str, Any] = {}
        if read.order:
            pagination["sortOrder"] = read.order
        if read.limit:
            pagination["limit"] = read.limit
        pages = Pages(str(asked))
        cursor: Any = None
        while True:
            page = await self._actor.call(read.op, _page(asked, pagination, cursor))
            cursor = pages.following(page)
            if cursor is None:
                break
        end = page.get("cursor")
        if read.op == "events.list" and read.order == "asc" and read.limit and end is not None:
            # The runtime reads on from where a log ended.
            await self._actor.call(read.op, _page(asked, pagination, end))

    def _asked(self, read: Read) -> dict[str, Any]:
        stage = self._stage
        asked: dict[str, Any] = {"resolveData": "none"} if read.bare else {}
        if read.op == "runs.list":
            status = {"status": read.kind} if read.kind else {}
            return {**asked, **status, "workflowName": stage.workflow}
        if read.op == "events.listByCorrelationId":
            asked["correlationId"] = stage.named(read.kind, read.entity)
        return {**asked, "runId": stage.run(read.run)}


def _page(asked: dict[str, Any], pagination: dict[str, Any], cursor: Any) -> dict[str, Any]:
    if cursor is not None:
        pagination = {**pagination, "cursor": cursor}
    return {**asked, "pagination": pagination} if pagination else asked
