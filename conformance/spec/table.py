"""The transition table: entity x event x state -> new state or refusal, as data, for each line of the spec.

One row says: when an event of this type arrives while the run and the entity are in these states,
these outcomes are right. The first outcome is the canonical one (the memory world gives it); the
others are accepted. Rows are tried from the top, the first that fits decides. The same rows are the
memory world, the oracle of the checks, and the table in ``docs/spec.md``.
"""

from __future__ import annotations

from functools import cache

from conformance.spec.rows import Line, Outcome, Row
from conformance.spec.transitions import ROWS

__all__ = ["Line", "Outcome", "Row", "Situation", "event_types", "index", "inert", "table"]

#: An event, the state of the run, the state of the entity, and the further condition (or nothing).
Situation = tuple[str, str, str, str]


@cache
def table(line: Line) -> tuple[Row, ...]:
    """The rows of a line of the spec, in the order in which they are tried."""
    return tuple(row for row in ROWS if line in row.lines)


@cache
def event_types(line: Line) -> frozenset[str]:
    """The types of events that can be asked for in a line of the spec."""
    return frozenset(row.event for row in table(line) if row.event != "*")


@cache
def inert(line: Line) -> frozenset[str]:
    """The types of events that the log may hold once more than the answers say: replays pass over them."""
    return frozenset(row.event for row in table(line) for outcome in row.outcomes if outcome.inert)


@cache
def index(line: Line) -> dict[Situation, Row]:
    """Every situation of a line of the spec -> its row, so that a look-up is one dict access."""
    rows = table(line)
    named = [state for row in rows for state in row.entity]
    runs = tuple(dict.fromkeys(["missing", *[state for row in rows for state in row.run]]))
    entities = tuple(dict.fromkeys(["missing", *runs, *named]))
    conditions = tuple(dict.fromkeys(["", *[row.when for row in ROWS]]))
    found: dict[Situation, Row] = {}
    for event in dict.fromkeys(row.event for row in rows if row.event != "*"):
        for run in runs:
            for entity in entities:
                for when in conditions:
                    row = next((row for row in rows if _fits(row, event, run, entity, when)), None)
                    if row is not None:
                        found[event, run, entity, when] = row
    return found


def _fits(row: Row, event: str, run: str, entity: str, when: str) -> bool:
    return (
        row.event in (event, "*")
        and (not row.run or run in row.run)
        and (not row.entity or entity in row.entity)
        and row.when in ("", when)
    )
