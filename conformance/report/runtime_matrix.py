"""The runtime matrix: which release of the runtime keeps which shape of run alive, over a right World."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from conformance.core.errors import ConformanceError
from conformance.report.markdown import escape
from conformance.report.templates import environment

#: The sign of a fault of the runtime, here as in the matrix of Worlds.
FAULT: Final = "◇"
_SIGNS: Final = {"clean": "✓", "inconclusive": "?", "unsupported": "○"}
_SCHEMA: Final = 1


class RuntimeCell(msgspec.Struct, frozen=True):
    """One shape under one release. ``word``: ``clean``, ``dies``, ``wrong output``, …; ``first``: the
    schedule that showed it, ``again`` how often of ``replays`` it showed again, by the command ``replay``."""

    version: str
    shape: str
    word: str
    schedules: int = 0
    first: int = 0
    again: int = 0
    replays: int = 0
    findings: list[str] = []
    replay: str = ""
    why: str = ""

    @property
    def sign(self) -> str:
        return _SIGNS.get(self.word, FAULT)

    @property
    def decided(self) -> bool:
        """Whether it says that the shape lives, or that it does not."""
        return self.word not in ("inconclusive", "unsupported")


class RuntimeMatrix(msgspec.Struct, frozen=True):
    """Releases, oldest first, and shapes; ``made``: when, as ISO 8601; ``flows``: of each shape, as JSON;
    ``world``: a World that is right, over which they ran."""

    versions: list[str]
    shapes: list[str]
    cells: list[RuntimeCell]
    made: str = ""
    flows: dict[str, str] = {}
    schema: int = _SCHEMA
    world: str = "memory"

    def cell(self, version: str, shape: str) -> RuntimeCell | None:
        return next((one for one in self.cells if (one.version, one.shape) == (version, shape)), None)

    def changes(self) -> list[str]:
        """Since which release each shape dies or lives, as far as neighbours were both judged."""
        found: list[str] = []
        for shape in self.shapes:
            before: RuntimeCell | None = None
            for cell in (self.cell(version, shape) for version in self.versions):
                if cell is None or not cell.decided:
                    continue
                if before is not None and before.word != cell.word:
                    found.append(f"{shape}: {before.word} in {before.version}, {cell.word} in {cell.version}")
                before = cell
        return found


def read_matrix(path: Path) -> RuntimeMatrix:
    """What ``world-conformance runtime --json`` wrote. Raises :class:`ConformanceError`."""
    try:
        made = msgspec.json.decode(path.read_bytes(), type=RuntimeMatrix)
    except (OSError, msgspec.DecodeError) as error:
        raise ConformanceError(
            f"{path}: not a runtime matrix: {str(error)[:200]}",
            "Make one: world-conformance runtime VERSION... --json FILE.",
        ) from None
    if made.schema != _SCHEMA:
        raise ConformanceError(
            f"{path}: a runtime matrix of schema {made.schema}; this suite reads {_SCHEMA}."
        )
    return made


def data(matrix: RuntimeMatrix) -> dict[str, Any]:
    """The same as JSON-like data, with what changed from release to release."""
    return {**msgspec.to_builtins(matrix), "changes": matrix.changes()}


def render_markdown(matrix: RuntimeMatrix) -> str:
    """A table with a row for each shape and a column for each release, and what changed."""
    head = ["shape", *(escape(version, 40) for version in matrix.versions)]
    lines = ["# Releases of the runtime", "", escape(_about(matrix), 300), "", f"| {' | '.join(head)} |"]
    lines.append(f"|---|{':---:|' * len(matrix.versions)}")
    for shape in matrix.shapes:
        cells = [matrix.cell(version, shape) for version in matrix.versions]
        marks = ["·" if one is None else f"{one.sign} {escape(one.word, 40)}" for one in cells]
        lines.append(f"| {escape(shape, 60)} | {' | '.join(marks)} |")
    if changes := matrix.changes():
        lines += ["", "What changed:", "", *(f"- {escape(change, 200)}" for change in changes)]
    return "\n".join([*lines, ""])


def render_html(matrix: RuntimeMatrix) -> str:
    """A page by itself: the table, and under it each death with the command that shows it again."""
    template = environment().get_template("runtimes.html.j2")
    return template.render(matrix=matrix, about=_about(matrix), fault=FAULT)


def _over(matrix: RuntimeMatrix) -> str:
    return "the World in memory" if matrix.world == "memory" else matrix.world


def _about(matrix: RuntimeMatrix) -> str:
    made = f" Made on {matrix.made[:10]}." if matrix.made else ""
    return (
        f"The runtime, @workflow/core, over {_over(matrix)}, which gives every reader a true log: "
        f"a run that does not live is the runtime's fault ({FAULT}).{made}"
    )
