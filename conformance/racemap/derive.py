"""Which pairs of operations can conflict, and from which states: derived from the table.

Both orders of a pair are run through the machine from every state that events lead to. The order counts when
the table gives another answer or another state, when both write the same entity, or when a read shows
something else. States in which the same rows decide both orders are one class, and one of them stands for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple
from zlib import crc32

from conformance.racemap.operations import RELATIONS, Op, Relation, moves_of, operations, shown
from conformance.spec.machine import State
from conformance.spec.reach import Kind, Move, abstract, moves, row_of
from conformance.spec.rows import LINES
from conformance.spec.table import Line, Row

#: More moves than any state needs; it bounds the search.
_MOST_MOVES: Final = 8


class Place(NamedTuple):
    """A state that a pair is raced from: its name, the events that lead there, and how many states the table
    treats alike, this one counted."""

    name: str
    prefix: tuple[Move, ...]
    alike: int = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operations, what the second is about, and where the order of the two counts (nowhere: empty)."""

    one: Op
    other: Op
    relation: Relation
    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        """``hook_received~run_completed``; with the relation, where it is not the same run and entity."""
        return f"{cell_name(self.one, self.other)}{'' if self.relation == 'same' else f':{self.relation}'}"

    @property
    def since(self) -> Line:
        """The first line of the spec that has both operations."""
        return max(self.one.since, self.other.since)


def cell_name(one: Op, other: Op) -> str:
    """The name of a cell of the map."""
    return f"{one.name}~{other.name}"


@cache
def pairs(line: Line = LINES[0], *, whole: bool = False) -> tuple[Pair, ...]:
    """Every unordered pair of operations of a spec line, in the order of the map, with each relation in which
    it conflicts; a pair that cannot conflict stands once, with no place.

    ``whole``: every state, not one of each class. A pair that both lines have is raced from the same states.
    """
    found: list[Pair] = []
    every = tuple(operations(line))
    for number, one in enumerate(every):
        for other in every[number:]:
            found += _of(one, other, whole)
    return tuple(found)


def _of(one: Op, other: Op, whole: bool) -> list[Pair]:
    if one.reads and other.reads:
        return [Pair(one, other, "same", ())]
    made = [Pair(one, other, relation, _places(one, other, relation, whole)) for relation in RELATIONS]
    return [pair for pair in made if pair.places] or [Pair(one, other, "same", ())]


def _places(one: Op, other: Op, relation: Relation, whole: bool) -> tuple[Place, ...]:
    """A place for each class of states in which the order counts."""
    if not _meet(one, other, relation):
        return ()
    classes: dict[object, list[_Reached]] = {}
    for reached in _states(one.kind, other.kind, relation, max(one.since, other.since)):
        signature = _signature(one, other, relation, reached.state)
        if signature is not None:
            classes.setdefault(signature, []).append(reached)
    made: dict[str, Place] = {}
    for members in classes.values():
        # Between two events of a run every state is raced: they are few, and all that a run can be in.
        chosen = members if whole or one.kind == other.kind == "run" else [_one_of(one, other, members)]
        for reached in chosen:
            made.setdefault(reached.name, Place(reached.name, reached.prefix, len(members) // len(chosen)))
    return tuple(made.values())


def _meet(one: Op, other: Op, relation: Relation) -> bool:
    """Whether two operations have anything in common: their entity, the run of one of them, or a token.

    Entities of two ids share nothing but the token of a hook, and only its creation looks at that; and what
    line 5.x adds: the id of a resumption, and an attribute that two events set.
    """
    if relation == "other" and one == other and one.name in ("hook_received+resume", "attr_set"):
        return True
    if relation == "same":
        return one.kind == other.kind or "run" in (one.kind, other.kind)
    if other.reads:
        return (one.name, other.name, relation) == ("hook_created", "hooks.getByToken", "other-run")
    if relation == "other" and "run" in (one.kind, other.kind):
        return False
    return "hook_created" in (one.name, other.name) and {one.kind, other.kind} <= {"run", "hook"}


def _one_of(one: Op, other: Op, members: Sequence[_Reached]) -> _Reached:
    """One of the members that few moves lead to, in a run that has started if there is one; another one for
    another pair, so that the map as a whole begins in all of them."""
    started = [reached for reached in members if not reached.name.startswith("pending")] or members
    least = min(len(reached.prefix) for reached in started)
    near = [reached for reached in started if len(reached.prefix) <= least + 1]
    return near[crc32(cell_name(one, other).encode()) % len(near)]


def _signature(one: Op, other: Op, relation: Relation, state: State) -> tuple[object, ...] | None:
    """The rows that decide both orders; None when the order does not count."""
    if other.reads:
        assert one.move is not None
        move = one.moved(relation)
        after, row = _taken(state, move)
        if after is None or shown(other.name, after) == shown(other.name, state):
            return None
        return (row, shown(other.name, state) is None)
    assert one.move is not None
    first, second = one.move, other.moved(relation)
    after_first, row_first = _taken(state, first)
    after_second, row_second = _taken(state, second)
    if after_first is None and after_second is None:
        return None
    last_first = row_first if after_second is None else row_of(after_second, first)
    last_second = row_second if after_first is None else row_of(after_first, second)
    rows = (row_first, last_second, row_second, last_first)
    if (row_first.outcomes, row_second.outcomes) != (last_first.outcomes, last_second.outcomes):
        return rows
    if _same_entity(first, second):
        return rows
    return None if _ends(after_first or state, second) == _ends(after_second or state, first) else rows


def _same_entity(one: Move, other: Move) -> bool:
    return (one.kind, one.run, one.entity) == (other.kind, other.run, other.entity)


def _taken(state: State, move: Move) -> tuple[State | None, Row]:
    """The state after a move, None when it changes nothing; and the row that decides it."""
    row = row_of(state, move)
    outcome = row.outcomes[0]
    if outcome.to is None and not outcome.logs:
        return None, row
    run, event = abstract(move)
    after = state.copy()
    after.take(run, event, outcome)
    return after, row


def moved(state: State, move: Move) -> State | None:
    """The state after a move that has one right answer and changes something; else None."""
    row = row_of(state, move)
    alone = len(row.outcomes) == 1 and row.outcomes[0].to is not None
    return _taken(state, move)[0] if alone else None


def takes(prefix: Sequence[Move], move: Move, line: Line) -> bool:
    """Whether a World that is right takes a move after those of a prefix."""
    state = State(line)
    for one in prefix:
        state = moved(state, one) or state
    return moved(state, move) is not None


def _ends(state: State, move: Move) -> tuple[object, ...]:
    """What a state is after one move more; the order of the log is not looked at."""
    after = _taken(state, move)[0] or state
    log, *rest = after.key()
    assert isinstance(log, tuple)
    return (frozenset(log), *rest)


# -- states --------------------------------------------------------------------------------------------------


class _Reached(NamedTuple):
    name: str
    state: State
    prefix: tuple[Move, ...]


@cache
def _states(kind: Kind, other: Kind, relation: Relation, line: Line = LINES[0]) -> tuple[_Reached, ...]:
    """The states that differ to the table, the nearest first, with the moves that lead there.

    Only moves that have one right answer are made: a World may not refuse them.
    """
    leading = tuple(dict.fromkeys(_leading(kind, other, relation, line)))
    kinds = tuple(dict.fromkeys(one for one in (kind, other) if one != "run"))
    seen: set[object] = set()
    found: list[_Reached] = []
    queue: deque[tuple[State, tuple[Move, ...]]] = deque([(State(line), ())])
    while queue:
        state, prefix = queue.popleft()
        key = _statuses(state)
        if key in seen:
            continue
        seen.add(key)
        idle = (
            relation != "other-run" and "run1" in state.runs and not state.hooks.keys() & {"hook1", "hook2"}
        )
        if not idle:
            found.append(_Reached(_named(state, kinds, relation), state, prefix))
        for move in leading if len(prefix) < _MOST_MOVES else ():
            after = moved(state, move)
            if after is not None:
                queue.append((after, (*prefix, move)))
    return tuple(found)


def _leading(kind: Kind, other: Kind, relation: Relation, line: Line) -> Iterator[Move]:
    """The moves that lead to states: those of the run, of the entities, and of another owner of a token."""
    yield from moves("run")
    kinds = [one for one in (kind, other) if one != "run"]
    for each in kinds:
        # A start that creates leads where a creation and a start do.
        yield from (move for move in moves_of(each, line) if move.when != "creates")
    if relation == "other-run":
        yield from (Move("run_created", 1), Move("run_started", 1))
    elif "hook" in kinds:
        # A hook is of one run: the second hook of this one is another than that of the other run.
        yield from (Move("run_created", 1), Move("hook_created", 1, 2 if relation == "other" else 1))
    if relation != "same":
        run = 1 if relation == "other-run" else 0
        for each in kinds:
            further = (move for move in moves_of(each, line) if move.when != "creates")
            yield from (move._replace(run=run, entity=1) for move in further)
        if "hook" in kinds and line != LINES[0]:
            yield Move("hook_created", run, 1, 1)


def _statuses(state: State) -> object:
    """A state as far as rows depend on it."""
    return (
        frozenset((name, run.status) for name, run in state.runs.items()),
        frozenset((name, step.status, step.retry_after) for name, step in state.steps.items()),
        frozenset(state.waits.items()),
        frozenset((name, hook.status) for name, hook in state.hooks.items()),
        frozenset(state.tokens.items()),
        frozenset(state.attribute_events.items()),
        frozenset(state.resumed.items()),
    )


def _named(state: State, kinds: Sequence[Kind], relation: Relation) -> str:
    """A state in words: ``running+step-running``."""
    parts = [state.runs["run0"].status if "run0" in state.runs else "missing"]
    for kind in kinds:
        parts.append(f"{kind}-{_status(state, kind, 0)}")
        if relation != "same":
            parts.append(f"other-{kind}-{_status(state, kind, 1)}")
    if relation == "other-run":
        parts.append(f"other-run-{state.runs['run1'].status if 'run1' in state.runs else 'missing'}")
    owner = state.tokens.get("token0")
    if owner is not None and owner != "hook0":
        parts.append("token-held")
    resumed = state.resumed.get(("run0", "resume0"))
    if resumed is not None:
        parts.append("resumed" if resumed == "hook0" else "resumed-elsewhere")
    return "+".join(parts)


def _status(state: State, kind: Kind, number: int) -> str:
    name = f"{kind}{number}"
    if kind == "hook":
        hook = state.hooks.get(name)
        return "missing" if hook is None else hook.status
    if kind == "wait":
        return state.waits.get(("run0", name), "missing")
    if kind == "attr":
        return state.attribute_events.get(("run0", name), "missing")
    step = state.steps.get(("run0", name))
    if step is None:
        return "missing"
    return f"{step.status}{'-later' if step.retry_after is not None and step.status == 'pending' else ''}"
