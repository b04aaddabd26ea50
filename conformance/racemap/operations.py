"""The operations of the map: every event type of the spec line, and every read of the interface.

An :class:`Op` is named as people name it. What it is about is counted from 0: a run, an entity of it, a
token. Which state a read depends on is said by :func:`shown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from conformance.spec.machine import State
from conformance.spec.reach import KINDS, Kind, Move, moves
from conformance.spec.rows import LINES, Line

#: Which entity the second operation of a pair is about: that of the first (or of its run), another one of the
#: same run, or one of another run.
Relation = Literal["same", "other", "other-run"]
RELATIONS: Final[tuple[Relation, ...]] = ("same", "other", "other-run")

#: Reads, and the kind of entity that each is about.
READS: Final[dict[str, Kind]] = {
    "runs.get": "run",
    "events.list": "run",
    "events.pages": "run",
    "steps.get": "step",
    "steps.list": "step",
    "hooks.get": "hook",
    "hooks.getByToken": "hook",
    "hooks.list": "hook",
}


class Op(NamedTuple):
    """One operation of a pair: an event (``move``), or a read."""

    name: str
    kind: Kind
    move: Move | None = None

    @property
    def since(self) -> Line:
        """The first line of the spec that has it."""
        return 5 if self.move in _OF_LINE_5.get(self.kind, ()) else LINES[0]

    @property
    def reads(self) -> bool:
        return self.move is None

    def moved(self, relation: Relation) -> Move:
        """Its event about the entity that a relation names. Only for an operation that writes."""
        assert self.move is not None
        if relation == "same":
            return self.move
        entity = self.move.entity if self.kind == "run" else 1
        return self.move._replace(entity=entity, run=1 if relation == "other-run" else 0)


#: What line 5.x adds: starts that create a step, attributes, and resumptions that are told apart. A start
#: that creates its run is not among them: nobody promises that it is one act, so the run may end in between.
_OF_LINE_5: Final[dict[Kind, tuple[Move, ...]]] = {
    "step": (Move("step_started", when="creates"),),
    "hook": (Move("hook_received", when="resumes"),),
    "attr": (Move("attr_set"),),
}


def moves_of(kind: Kind, line: Line = LINES[0]) -> Iterator[Move]:
    """Every event of a spec line about run 0, and entity 0 of that kind."""
    if kind != "attr":
        yield from (move for move in moves(kind) if not move.token)
    if line != LINES[0]:
        yield from _OF_LINE_5.get(kind, ())


def operations(line: Line = LINES[0]) -> Iterator[Op]:
    """All operations of a spec line, in the order of the map."""
    for kind in (*KINDS, "attr"):
        for move in sorted(moves_of(kind, line), key=_rank):
            yield Op(f"{move.event}{f'+{_WHEN[move.when]}' if move.when else ''}", kind, move)
    for name, kind in READS.items():
        yield Op(name, kind)


#: How a name says that an event carries something that the table looks at.
_WHEN: Final = {"retry-later": "later", "creates": "input", "resumes": "resume"}
_ORDER: Final = ("created", "started", "received", "completed", "failed", "retrying", "cancelled", "disposed")


def _rank(move: Move) -> tuple[int, str]:
    word = move.event.partition("_")[2]
    return (_ORDER.index(word) if word in _ORDER else len(_ORDER), move.when)


def _runs_log(state: State) -> object:
    return tuple(entry for entry in state.log if entry[0] == "run0")


def _live_hook(state: State) -> object:
    hook = state.hooks.get("hook0")
    return hook if hook is not None and hook.status == "active" else None


def _run(state: State) -> object:
    run = state.runs.get("run0")
    return None if run is None else (run, frozenset(state.attributes.items()))


_SHOWN: Final[dict[str, Callable[[State], object]]] = {
    "runs.get": _run,
    "events.list": _runs_log,
    "events.pages": _runs_log,
    "steps.get": lambda state: state.steps.get(("run0", "step0")),
    "steps.list": lambda state: tuple(item for item in state.steps.items() if item[0][0] == "run0"),
    "hooks.get": _live_hook,
    "hooks.getByToken": lambda state: state.tokens.get("token0"),
    "hooks.list": lambda state: tuple(
        name for name, hook in state.hooks.items() if hook.run_id == "run0" and hook.status == "active"
    ),
}


def shown(name: str, state: State) -> object:
    """What a read of run 0, entity 0 and token 0 shows of a state."""
    return _SHOWN[name](state)
