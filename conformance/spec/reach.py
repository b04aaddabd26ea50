"""How every row of the table is reached: from nothing, by the fewest events, derived from the table itself.

A :class:`Situation` is what the table looks at: the state of a run, of one entity of it, and a condition.
A :class:`Move` is one event, about runs, entities and tokens that are known by number only. A :class:`Cell`
is a move in a situation: the row that decides it, and the moves that lead there. Whoever plays them gives the
ids (:mod:`conformance.levels.stage`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple

from conformance.spec.machine import State, Step
from conformance.spec.table import Line, Row, event_types
from conformance.spec.vocabulary import Event

Kind = Literal["run", "step", "wait", "hook", "attr"]
#: The kinds of both lines; attributes (``attr``) are of line 5.x alone.
KINDS: Final[tuple[Kind, ...]] = ("run", "step", "wait", "hook")
_ALL: Final[tuple[Kind, ...]] = (*KINDS, "attr")

#: A moment that has not come, for the machine: its clock stands at 0.
_LATER: Final = 1
#: More moves than any situation needs; it bounds the search.
_MOST_MOVES: Final = 7


class Move(NamedTuple):
    """One event. ``run``, ``entity`` and ``token`` count from 0. An entity is of the run that creates it.

    ``when``: ``retry-later`` (a ``step_retrying`` whose ``retryAfter`` lies ahead), ``creates`` (a
    ``step_started`` that brings the input of its step), ``resumes`` (a ``hook_received`` with the id of its
    resumption).
    """

    event: str
    run: int = 0
    entity: int = 0
    token: int = 0
    when: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of entity that it is about."""
        return kind_of(self.event)


class Situation(NamedTuple):
    """The state of a run and of one entity of it; for ``kind`` ``run`` the run is the entity.

    ``when`` is the condition of a row (:class:`~conformance.spec.table.Row`); ``creates`` is none of them,
    for it belongs to the event.
    """

    run: str
    kind: Kind
    entity: str
    when: str = ""

    def __str__(self) -> str:
        about = "" if self.kind == "run" else f", {self.kind} {self.entity}"
        return f"run {self.run}{about}{f' ({self.when})' if self.when else ''}"


class Cell(NamedTuple):
    """A move from a situation: the row that decides it, and the fewest moves that lead there.

    The situation is that of run 0 and entity 0; a move of a prefix may be about a second run.
    """

    situation: Situation
    move: Move
    row: Row
    prefix: tuple[Move, ...]


def kind_of(event: str) -> Kind:
    """``step_created`` -> ``step``. ``KeyError`` for an event of no kind."""
    return {kind[:3]: kind for kind in _ALL}[event[:3]]


def abstract(move: Move) -> tuple[str, Event]:
    """A move as the machine takes it: the run, and the event with names instead of ids."""
    event: Event = {"eventType": move.event}
    if move.kind != "run":
        event["correlationId"] = f"{move.kind}{move.entity}"
    if move.event == "hook_created":
        event["eventData"] = {"token": f"token{move.token}"}
    elif move.when == "retry-later":
        event["eventData"] = {"retryAfter": _LATER}
    elif move.when == "creates":
        event["eventData"] = {"input": None}
    elif move.when == "resumes":
        event["resumeId"] = "resume0"
    elif move.event == "attr_set":
        changes = attributes(move)
        event["eventData"] = {"changes": [{"key": key, "value": value} for key, value in changes.items()]}
    return f"run{move.run}", event


def attributes(move: Move) -> dict[str, str | None]:
    """What an ``attr_set`` sets: an attribute of its own, and one that others set, too."""
    return {f"key{move.entity}": "x", "shared": str(move.entity)}


def row_of(state: State, move: Move) -> Row:
    """The row that decides a move in a state."""
    run, event = abstract(move)
    return state.look_up(run, event, now=0)


def take(state: State, move: Move) -> Row:
    """Let a move happen, with the first right outcome; the row that said so."""
    run, event = abstract(move)
    row = state.look_up(run, event, now=0)
    state.take(run, event, row.outcomes[0])
    return row


def situation_of(state: State, move: Move) -> Situation:
    """What the table looks at when it decides a move."""
    kind = move.kind
    run = state.runs[f"run{move.run}"].status if f"run{move.run}" in state.runs else "missing"
    when = ""
    if kind == "run":
        return Situation(run, kind, run)
    name = f"{kind}{move.entity}"
    if kind == "step":
        step = state.steps.get((f"run{move.run}", name))
        entity = step.status if step is not None else "missing"
        if move.event == "step_started" and _waits(step):
            when = "retry-later"
    elif kind == "wait":
        entity = state.waits.get((f"run{move.run}", name), "missing")
    else:
        hook = state.hooks.get(name)
        entity = hook.status if hook is not None else "missing"
        if move.event == "hook_created" and f"token{move.token}" in state.tokens:
            when = "token-held"
    return Situation(run, kind, entity, when)


def moves(kind: Kind, *, creates: bool = False) -> Iterator[Move]:
    """Every move about run 0 and entity 0 of that kind. ``creates``: also the one that line 5.x adds."""
    for event in sorted(event_types(4)):
        if kind_of(event) != kind:
            continue
        yield Move(event)
        if event == "step_retrying":
            yield Move(event, when="retry-later")
        elif event == "step_started" and creates:
            yield Move(event, when="creates")
        elif event == "hook_created":
            yield Move(event, token=1)


def _leading(kind: Kind) -> tuple[Move, ...]:
    """The moves that prefixes are made of: of the run, of the entity, and of another owner of its token."""
    own = [move for move in moves(kind) if kind != "run" and not move.token]
    other = (Move("run_created", 1), Move("hook_created", 1, 1)) if kind == "hook" else ()
    return (*moves("run"), *own, *other)


@cache
def cells(*, creates: bool = False) -> tuple[Cell, ...]:
    """Every move from every situation that some events lead to, each once, with the fewest moves before it.

    ``creates``: in line 5.x, but for attributes and resumptions that are known. Their rows are all rows of
    the table that can be reached.
    """
    found: dict[tuple[Situation, Move], Cell] = {}
    for kind in KINDS:
        for state, prefix in _states(kind, 5 if creates else 4):
            for move in moves(kind, creates=creates):
                situation = situation_of(state, move)
                key = situation, move
                if key not in found:
                    found[key] = Cell(situation, move, row_of(state, move), prefix)
    return tuple(found.values())


def _states(kind: Kind, line: Line) -> Iterator[tuple[State, tuple[Move, ...]]]:
    """The states that differ to the table, the nearest first, each with the moves that lead to it."""
    leading = _leading(kind)
    seen: set[object] = set()
    queue: deque[tuple[State, tuple[Move, ...]]] = deque([(State(line), ())])
    while queue:
        state, prefix = queue.popleft()
        key = _statuses(state)
        if key in seen:
            continue
        seen.add(key)
        yield state, prefix
        if len(prefix) == _MOST_MOVES:
            continue
        for move in leading:
            if row_of(state, move).outcomes[0].to is not None:
                onward = state.copy()
                take(onward, move)
                queue.append((onward, (*prefix, move)))


def _statuses(state: State) -> object:
    """A state as far as rows depend on it."""
    return (
        frozenset((name, run.status) for name, run in state.runs.items()),
        frozenset((name, step.status, _waits(step)) for name, step in state.steps.items()),
        frozenset(state.waits.items()),
        frozenset((name, hook.status) for name, hook in state.hooks.items()),
        frozenset(state.tokens.items()),
    )


def _waits(step: Step | None) -> bool:
    """Whether a step waits for its next attempt."""
    return step is not None and step.status == "pending" and step.retry_after is not None


def reachable_rows(*, creates: bool = False) -> frozenset[Row]:
    """The rows that some cell has; a row that is not among them decides nothing."""
    return frozenset(cell.row for cell in cells(creates=creates))
