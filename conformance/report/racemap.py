"""The race map as pure data: for each world, what came of every pair of operations, from every state.

Which pairs cannot conflict is derived by this suite; everything else is read from the record. States of a
cell, the worst first:

============== ===================================================================================
state          meaning
============== ===================================================================================
unsafe         from some state a must is broken
inconclusive   it could not be judged
not_judged     it was planned and not reached, or was not raced in this record
unreachable    the World refuses the events that lead to the state: it cannot be raced from there
shallow        nothing broke, and not all was tried that a pass takes
safe           nothing broke, with evidence
apart          the order of the two cannot count
============== ===================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from conformance.core.scenario import PREFIX_REFUSED
from conformance.racemap.derive import pairs
from conformance.racemap.operations import operations
from conformance.racemap.streams import OPERATIONS as STREAMS
from conformance.racemap.variants import NUMBER
from conformance.record.lines import Verdict
from conformance.report.matrix import Judged, Matrix, Row, state_of
from conformance.report.streams import raced_in_words
from conformance.spec.batch import BATCHES
from conformance.spec.rows import LINES, Line

MapState = Literal["unsafe", "inconclusive", "not_judged", "unreachable", "shallow", "safe", "apart"]
MAP_STATES: Final[tuple[MapState, ...]] = (
    "unsafe", "inconclusive", "not_judged", "unreachable", "shallow", "safe", "apart",
)  # fmt: skip
MAP_WORDS: Final[dict[MapState, str]] = {
    "unsafe": "unsafe",
    "inconclusive": "inconclusive",
    "not_judged": "not judged",
    "unreachable": "not reachable",
    "shallow": "shallow",
    "safe": "safe",
    "apart": "cannot conflict",
}

_VARIANT: Final = re.compile(r"(?P<one>[^~@:]+)~(?P<other>[^~@:]+)(?P<relation>:[a-z-]+)?@(?P<place>.+)")
Ops = tuple[str, str]


@dataclass(slots=True)
class PlaceView:
    """One state of one pair: its variant, and its verdicts, the worst first."""

    variant: str
    place: str
    judged: list[Judged] = field(default_factory=list)

    @property
    def state(self) -> MapState:
        return _worst(_state(one.verdict) for one in self.judged)

    @property
    def rules(self) -> list[str]:
        """The rules that are broken from here."""
        return list(dict.fromkeys(rule for one in self.red for rule in one.verdict.rules))

    @property
    def red(self) -> list[Judged]:
        return [one for one in self.judged if one.verdict.red]


@dataclass(slots=True)
class MapCell:
    """Two operations, and every state that they were raced from; none where they cannot conflict."""

    ops: Ops
    places: list[PlaceView] = field(default_factory=list)
    #: whether the order of the two can count, as this suite derives it
    conflicts: bool = True

    @property
    def state(self) -> MapState:
        if not self.places:
            return "not_judged" if self.conflicts else "apart"
        return _worst(place.state for place in self.places)

    @property
    def unsafe(self) -> list[PlaceView]:
        return [place for place in self.places if place.state == "unsafe"]

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(rule for place in self.unsafe for rule in place.rules))

    @property
    def title(self) -> str:
        return " ~ ".join(self.ops)

    @property
    def says(self) -> str:
        """``unsafe in 2 of 3 states: hook.received-alive``."""
        if self.state != "unsafe":
            count = len(self.places)
            states = f" from {count} state{'s' if count != 1 else ''}" if count else ""
            return f"{MAP_WORDS[self.state]}{states}"
        return f"unsafe in {len(self.unsafe)} of {len(self.places)} states: {', '.join(self.rules)}"


@dataclass(slots=True)
class WorldMap:
    """The map of one world: every cell of the lower triangle, by its two operations."""

    row: Row
    ops: list[str]
    cells: dict[Ops, MapCell]

    @property
    def name(self) -> str:
        """What was raced: ``redis 0.2.2``, and its level where that has handlers."""
        return self.row.key.name if self.row.key.level == "storage" else self.row.key.title

    def cell(self, one: str, other: str) -> MapCell | None:
        return self.cells.get((one, other)) or self.cells.get((other, one))

    def count(self, state: MapState) -> int:
        return sum(cell.state == state for cell in self.cells.values())

    def places(self, state: MapState) -> int:
        """How many states of how all cells are in this state."""
        return sum(place.state == state for cell in self.cells.values() for place in cell.places)

    @property
    def unsafe(self) -> list[MapCell]:
        return [cell for cell in self.cells.values() if cell.state == "unsafe"]


def world_maps(matrix: Matrix) -> list[WorldMap]:
    """A map for each world that was raced over the map, in the order of the matrix."""
    return [_map(row) for row in matrix.rows if NUMBER in row.cells and _raced(row)]


def _raced(row: Row) -> bool:
    return any(mark.judged or mark.planned for mark in row.cells[NUMBER].marks.values())


def _map(row: Row) -> WorldMap:
    cells: dict[Ops, MapCell] = {}
    ops: dict[str, None] = {}
    variants = list(_variants(row))
    derived = pairs(_line(name for name, _ in variants)) if row.key.level == "storage" else ()
    for pair in derived:
        key = pair.one.name, pair.other.name
        ops |= dict.fromkeys(key)
        cell = cells.setdefault(key, MapCell(key, conflicts=False))
        cell.conflicts |= bool(pair.places)
    found: dict[str, PlaceView] = {}
    for variant, judged in variants:
        match = _VARIANT.fullmatch(variant)
        if match is None:
            continue
        place = found.get(variant)
        if place is None:
            key = match["one"], match["other"]
            ops |= dict.fromkeys(key)
            state = match["place"] + (f" ({match['relation'][1:]})" if match["relation"] else "")
            place = found[variant] = PlaceView(variant, state)
            cells.setdefault(key, MapCell(key)).places.append(place)
        place.judged += judged
    for place in found.values():
        place.judged.sort(key=lambda one: MAP_STATES.index(_state(one.verdict)))
    return WorldMap(row, sorted(ops, key=_rank), cells)


def _rank(operation: str) -> int:
    """What the table does not have comes last, in one order, whatever was judged first."""
    added = (*STREAMS, BATCHES)
    return added.index(operation) if operation in added else -1


def raced(verdict: Verdict, about: str) -> str:
    """What races, in words: for a place of the map its two operations and where from, or what a live reader
    meets; else ``about``."""
    if words := raced_in_words(verdict):
        return words
    match = _VARIANT.fullmatch(verdict.variant) if verdict.scenario == NUMBER else None
    return about if match is None else f"{match['one']} meets {match['other']}, from {match['place']}"


def _line(variants: Iterable[str]) -> Line:
    """The line of the spec whose operations were raced."""
    added = {op.name for op in operations(LINES[-1]) if op.since != LINES[0]}
    matches = [match for match in map(_VARIANT.fullmatch, variants) if match is not None]
    return LINES[-1] if any(added & {match["one"], match["other"]} for match in matches) else LINES[0]


def _variants(row: Row) -> Iterator[tuple[str, list[Judged]]]:
    for mark in row.cells[NUMBER].marks.values():
        for one in mark.judged:
            yield one.verdict.variant, [one]
        for variant in mark.missing:
            yield variant, []


def _state(verdict: Verdict) -> MapState:
    state = state_of(verdict)
    if state == "inconclusive" and PREFIX_REFUSED in verdict.reason:
        return "unreachable"
    if state == "unsupported":
        return "unreachable"
    if state == "pass":
        return "shallow" if verdict.shallow else "safe"
    return {"fail": "unsafe", "inconclusive": "inconclusive"}.get(state, "not_judged")  # type: ignore[return-value] # words of the line above


def _worst(states: Iterable[MapState]) -> MapState:
    return min(states, key=MAP_STATES.index, default="not_judged")


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair on all worlds: the cell of each that has it, and every state that one of them raced from."""

    title: str
    worlds: list[tuple[WorldMap, MapCell]]
    places: list[str]

    def at(self, cell: MapCell, place: str) -> PlaceView | None:
        """What came of a cell from a state; None where its world was not raced from there."""
        return next((one for one in cell.places if one.place == place), None)


def pair_view(maps: list[WorldMap], pair: str) -> PairView | None:
    """The pair ``ONE~OTHER``, in either order, on all worlds. None when no map has it."""
    one, _, other = pair.partition("~")
    worlds = [(world, cell) for world in maps if (cell := world.cell(one, other)) is not None]
    if not worlds:
        return None
    places = dict.fromkeys(place.place for _, cell in worlds for place in cell.places)
    return PairView(worlds[0][1].title, worlds, list(places))


@dataclass(frozen=True, slots=True)
class MapChange:
    """A cell that two versions of one world do not have in common: what each of them is there."""

    world: str
    title: str
    before: str
    after: str


def changes(maps: list[WorldMap]) -> list[MapChange]:
    """What differs between each two versions of one world that follow each other."""
    found: list[MapChange] = []
    versions: dict[tuple[str, str, str, str], list[WorldMap]] = {}
    for one in maps:
        key = one.row.key
        versions.setdefault((key.world, key.implementation, key.level, key.runtime), []).append(one)
    for old, new in (pair for mine in versions.values() for pair in pairwise(mine)):
        for ops in old.cells | new.cells:
            before, after = old.cells.get(ops), new.cells.get(ops)
            said = [cell.says if cell is not None else MAP_WORDS["not_judged"] for cell in (before, after)]
            if said[0] != said[1]:
                name = f"{old.name} to {new.row.key.version}"
                found.append(MapChange(name, " ~ ".join(ops), *said))
    return found
