"""Hypothesis draws programs: events and reads over two runs and a few entities, with any payload."""

from __future__ import annotations

import base64
import json
from typing import Final

from hypothesis import strategies as st

from conformance.core.scenario import Case
from conformance.spec.programs import LIMITS, READS, Item, Program, Read, reads_of, write
from conformance.spec.reach import KINDS, Move, moves

_MOST_MOVES: Final = 24

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
_PAYLOADS = st.one_of(
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=8,
    ),
    st.binary(max_size=64).map(lambda value: {"$bytes": base64.b64encode(value).decode("ascii")}),
)

_EVENTS = [move for kind in KINDS for move in moves(kind)]


def _move(event: Move, run: int, entity: int, token: int) -> Move:
    # An entity is of one run, or its id would be another's.
    return event._replace(run=run, entity=2 * entity + run, token=token)


_MOVES = st.builds(
    _move,
    st.sampled_from(_EVENTS),
    st.sampled_from([0, 0, 0, 1]),
    st.integers(0, 1),
    st.integers(0, 2),
)
_LISTS = st.builds(
    lambda op, run, limit, order: Read(op, run, limit=limit, order=order),
    st.sampled_from([op for op, (_, is_list) in READS.items() if is_list and "Correlation" not in op]),
    st.integers(0, 1),
    st.sampled_from((0, *LIMITS)),
    st.sampled_from(["asc", "desc"]),
)


def _program(drawn: list[Move], lists: list[Read]) -> Program:
    begun = [Move("run_created"), Move("run_created", 1)]
    made: list[Item] = [*begun, *drawn]
    return (*made, *reads_of([*begun, *drawn]), *lists)


def cases() -> st.SearchStrategy[Case]:
    """Cases with a program and a payload, the simplest first."""
    return st.builds(
        lambda drawn, lists, payload: Case(1, 0, json.dumps(payload), program=write(_program(drawn, lists))),
        st.lists(_MOVES, min_size=1, max_size=_MOST_MOVES),
        st.lists(_LISTS, max_size=3),
        _PAYLOADS,
    )
