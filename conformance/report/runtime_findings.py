"""A page for each shape of workflow that a release of the runtime does not keep alive over a right World."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from conformance.core.output import file_name
from conformance.report.issue import INSTALL
from conformance.report.markdown import block, code, escape
from conformance.report.runtime_matrix import RuntimeCell, RuntimeMatrix

_CORE = "@workflow/core"
_NO_SCRIPT = (
    "There is no script: it takes the real runtime over a World that holds its reads, which is the suite's."
)


class RuntimeDefect(NamedTuple):
    """A shape that does not live, in the newest release in which it does not. That is a preview only where
    the shape lives in all others."""

    matrix: RuntimeMatrix
    cell: RuntimeCell

    @property
    def slug(self) -> str:
        """The name of its page: ``core-4.8.9-unread-payload``."""
        return file_name(f"core-{self.cell.version}-{self.cell.shape}", "finding")

    @property
    def title(self) -> str:
        """``core 4.8.9, unread-payload: A asked for step more and B for step last under one id``."""
        return f"core {self.cell.version}, {self.cell.shape}: {_text(self.cell.findings)}"

    @property
    def row(self) -> str:
        """Its line of the index."""
        rule = self.cell.findings[0].partition(":")[0] if self.cell.findings else ""
        oldest = next((one.version for one in self.cells if one.decided and one.findings), "")
        return (
            f"| {code(f'{_CORE} {self.cell.version}')} | [{escape(self.title, 160)}]({self.slug}.md) "
            f"| the runtime, {escape(self.cell.word, 40)} | {code(rule)} | 0 "
            f"| {'≤ ' if oldest == self.cells[0].version else ''}{code(oldest)} |  |"
        )

    @property
    def cells(self) -> list[RuntimeCell]:
        """What each release says of the shape, the oldest first."""
        cells = [self.matrix.cell(version, self.cell.shape) for version in self.matrix.versions]
        return [one for one in cells if one is not None]


def runtime_defects(matrix: RuntimeMatrix) -> list[RuntimeDefect]:
    """The shapes that a release does not keep alive, each once."""
    found = []
    for shape in matrix.shapes:
        dead = [one for one in matrix.cells if one.shape == shape and one.decided and one.findings]
        newest = max(
            dead, key=lambda one: ("-" not in one.version, matrix.versions.index(one.version)), default=None
        )
        if newest is not None:
            found.append(RuntimeDefect(matrix, newest))
    return found


def page(defect: RuntimeDefect, links: Sequence[tuple[str, str]] = ()) -> str:
    """The page in Markdown; it can be filed as an issue as it is."""
    cell, matrix = defect.cell, defect.matrix
    lines = [
        f"# {escape(defect.title, 300)}",
        "",
        f"{code(f'{_CORE} {cell.version}')} over a World that gives every reader a true log. Two handlers",
        "replay one run, one of them from an older log. Both logs are right, and the run comes to another",
        f"end: {escape(cell.word)}. It is a defect of the runtime: no World is red because of it.",
        "",
        *(f"- {escape(_plain(one), 300)}" for one in cell.findings),
        f"- First in schedule {cell.first} of {cell.schedules}, replayed {cell.again}/{cell.replays}.",
        "",
        "## The workflow",
        "",
        "Its branches go on by themselves; each item of one is a step, a `sleep` in ms, a hook or a race of",
        "these. `payloads` says which hooks get their payload before the race, and from whom in it.",
        "",
        block(matrix.flows.get(cell.shape, "")),
        "",
        "## What to change",
        "",
        "The id of a step is its place in the order in which a replay comes to steps, waits and hooks. That",
        "order has to follow from the log alone: a branch goes on when its event has been read, and not when",
        "its value happens to be ready. Where a creation is refused as already there, compare the names.",
        "",
        "## See it again",
        "",
        block("\n".join([INSTALL, cell.replay])),
        "",
        _NO_SCRIPT,
        "",
        "## Versions",
        "",
        "| version | |",
        "|---|---|",
        *(f"| {code(one.version)} | {escape(one.word, 60)} |" for one in defect.cells),
        "",
        *(
            ["## Public reports", "", *(f"- [{escape(name)}]({address})" for name, address in links)]
            if links
            else []
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _plain(finding: str) -> str:
    return finding.replace("the runtime, not the World: ", "")


def _text(findings: list[str]) -> str:
    return _plain(findings[0]).partition(": ")[2] if findings else ""
