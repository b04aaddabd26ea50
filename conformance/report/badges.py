"""Badges: shields endpoint JSON and a plain SVG for each world, and one page with all of them to copy."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from conformance.core.output import distinct, file_name
from conformance.report.matrix import Mark, Matrix, Row
from conformance.report.templates import environment

_COLORS: Final = {
    "brightgreen": "#3a7d1f",
    "green": "#5a7d10",
    "orange": "#b4530a",
    "red": "#c3291d",
    "lightgrey": "#6b7075",
}
#: The width of a character of the badge's font, and the room at both sides, in pixels.
_CHAR: Final = 6.7
_PAD: Final = 7


@dataclass(frozen=True, slots=True)
class Badge:
    """``name`` is the file's name without its ending."""

    name: str
    world: str
    level: str
    label: str
    message: str
    color: str

    def endpoint(self) -> dict[str, Any]:
        """What https://shields.io/endpoint reads."""
        made: dict[str, Any] = {
            "schemaVersion": 1, "label": self.label, "message": self.message, "color": self.color,
        }  # fmt: skip
        return made | ({"isError": True} if self.color == "red" else {})

    def svg(self) -> str:
        left, right = (len(text) * _CHAR + 2 * _PAD for text in (self.label, self.message))
        rendered: str = environment().get_template("badge.svg.j2").render(
            badge=self, left=round(left), right=round(right), color=_COLORS[self.color]
        )  # fmt: skip
        return rendered


def badges(matrix: Matrix) -> list[Badge]:
    """One for each world (its newest version, all levels), and one for each of its levels."""
    found: list[Badge] = []
    newest: dict[tuple[str, str], str] = {}
    for row in matrix.rows:
        newest[row.key.world, row.key.implementation] = row.key.version
    worlds: dict[tuple[str, str], list[Row]] = {}
    for row in matrix.rows:
        key = row.key
        if key.version == newest[key.world, key.implementation]:
            worlds.setdefault((key.world, key.implementation), []).append(row)
    for (world, implementation), rows in worlds.items():
        name = world if implementation == "package" else f"{world}-{implementation}"
        found.append(_badge(name, world, "", rows))
        levels = dict.fromkeys(f"{row.key.level} {row.key.runtime}".strip() for row in rows)
        for level in levels if len(levels) > 1 else []:
            mine = [row for row in rows if f"{row.key.level} {row.key.runtime}".strip() == level]
            found.append(_badge(f"{name}-{level}", world, level, mine))
    names = distinct(badge.name for badge in found)
    return [replace(badge, name=name) for badge, name in zip(found, names, strict=True)]


def badge_files(matrix: Matrix, address: str = "") -> dict[str, str]:
    """File name -> content. ``address`` is where the folder will be published; the page fills it in."""
    made = badges(matrix)
    files: dict[str, str] = {}
    for badge in made:
        files[f"{badge.name}.json"] = json.dumps(badge.endpoint(), ensure_ascii=False) + "\n"
        files[f"{badge.name}.svg"] = badge.svg()
    address = address.rstrip("/") or "https://example.org/badges"
    page = environment().get_template("badges.html.j2")
    files["index.html"] = page.render(
        badges=[(badge, badge.svg(), _markdown(badge, address), _plain(badge, address)) for badge in made]
    )
    return files


def _badge(name: str, world: str, level: str, rows: list[Row]) -> Badge:
    marks = [mark for row in rows for mark in row.marks]
    message, color = _message(marks)
    label = f"{world} conformance" if not level else f"{world} {level}"
    return Badge(file_name(name, "world"), world, level, label, message, color)


def _message(marks: list[Mark]) -> tuple[str, str]:
    count = {state: sum(mark.state == state for mark in marks) for state in {mark.state for mark in marks}}
    passed, failed = count.get("pass", 0), count.get("fail", 0)
    unsure = count.get("inconclusive", 0) + sum(bool(mark.missing) for mark in marks)
    if failed:
        return f"{failed} of {passed + failed} fail", "red"
    if unsure:
        return f"{passed} pass, {unsure} open", "orange"
    if not passed:
        return "not judged", "lightgrey"
    shallow = sum(mark.shallow for mark in marks)
    died = sum(mark.of_runtime for mark in marks)
    # The runtime's fault does not make the badge of a World worse.
    besides = f", {died} ◇ runtime" if died else ""
    if shallow:
        return f"{passed} pass, {shallow} shallow{besides}", "green"
    noted = any(mark.notes and not mark.of_runtime for mark in marks)
    return f"{passed} of {passed} pass{besides}", "green" if noted else "brightgreen"


def _markdown(badge: Badge, address: str) -> str:
    url = quote(f"{address}/{badge.name}.json", safe="")
    return f"![{badge.label}](https://img.shields.io/endpoint?url={url})"


def _plain(badge: Badge, address: str) -> str:
    return f"![{badge.label}]({address}/{badge.name}.svg)"
