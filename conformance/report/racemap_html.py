"""The race map as one self-contained HTML page, with no script: a cell is a link to what broke there."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.report.html import LIMITS, SIZE_LIMIT
from conformance.report.matrix import Matrix
from conformance.report.racemap import (
    MAP_STATES,
    MAP_WORDS,
    MapCell,
    PairView,
    PlaceView,
    WorldMap,
    changes,
    world_maps,
)
from conformance.report.racemap_text import SIGNS
from conformance.report.templates import environment, template_text
from conformance.report.view import Limits, Story, story_of
from conformance.report.words import DEFECTS


@dataclass(frozen=True, slots=True)
class _Told:
    """A state of a cell, and the stories of what broke from there."""

    place: PlaceView
    stories: list[tuple[str, Story]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Detail:
    """What a click on a cell shows."""

    id: str
    world: WorldMap
    cell: MapCell
    places: list[_Told]


def render_map(matrix: Matrix, title: str = "Race map", pair: PairView | None = None) -> str:
    """The page; with a pair also that one on all worlds, first. When it would grow past the size that a page
    may have, it shows less of the evidence."""
    page = ""
    for limits in LIMITS:
        page = _render(matrix, title, limits, pair)
        if len(page.encode()) <= SIZE_LIMIT:
            break
    return page


def _render(matrix: Matrix, title: str, limits: Limits, pair: PairView | None) -> str:
    maps = world_maps(matrix)
    details = [_detail(number, world, cell, limits) for number, world in enumerate(maps)
               for cell in world.cells.values() if cell.places]  # fmt: skip
    numbers = {id(world.row): number for number, world in enumerate(maps)}
    ids = {(numbers[id(detail.world.row)], detail.cell.ops): detail.id for detail in details}
    return environment().get_template("map.html.j2").render(
        title=title,
        maps=maps,
        pair=pair,
        details=details,
        address=lambda world, cell: ids.get((numbers[id(world.row)], cell.ops), ""),
        changes=changes(maps),
        headers=matrix.headers,
        problems=matrix.problems,
        signs={state: SIGNS[state][0] for state in MAP_STATES},
        words=MAP_WORDS,
        states=MAP_STATES,
        rule_words=matrix.rules,
        defects=DEFECTS,
        tight=limits is not LIMITS[0],
        style=template_text("page.css"),
    )  # fmt: skip


def _detail(number: int, world: WorldMap, cell: MapCell, limits: Limits) -> _Detail:
    told: dict[str, str] = {}
    places = []
    for place in sorted(cell.places, key=lambda one: MAP_STATES.index(one.state)):
        stories: list[tuple[str, Story]] = [
            (one.verdict.check, story_of(world.row, one, f"{one.verdict.check} {place.place}", told, limits))
            for one in place.red
        ]
        places.append(_Told(place, stories))
    name = "-".join(cell.ops).replace(".", "_").replace("+", "_")
    return _Detail(f"m{number}-{name}", world, cell, places)
