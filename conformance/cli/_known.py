"""Public defect reports as data, what was found of each, and the page that says so."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from conformance.core.errors import ConformanceError
from conformance.core.scenario import Level
from conformance.spec.rules import Severity

_FILE: Final = Path(__file__).parents[1] / "known_defects.toml"


class Defect(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One public report: at which version of a World's package which rules break, and since when not.

    What shows it is a ``variant`` of a ``scenario`` at a ``level``; or a ``probe`` of the World's own queue;
    or, where the ``world`` is ``core`` and the versions are releases of the runtime, a workflow of that
    ``shape``. ``severity`` should: the rules are one, so the report is a note. ``why_not``: nothing shows it,
    for that reason.
    """

    report: str
    about: str
    world: str
    affected: str
    scenario: str = ""
    variant: str = ""
    probe: str = ""
    shape: str = ""
    rules: tuple[str, ...] = ()
    fixed: str = ""
    level: Level = "storage"
    severity: Severity = "must"
    why_not: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What no two of them share: one report may be about two packages."""
        return self.report, self.world

    @property
    def shown(self) -> bool:
        """Whether the suite can show it."""
        return not self.why_not


class _File(msgspec.Struct, forbid_unknown_fields=True):
    defect: list[Defect] = []


@dataclass(frozen=True, slots=True)
class Known:
    """What the suite says of one report: ``red``, ``green`` or why not, before and after its fix."""

    defect: Defect
    before: str
    after: str

    @property
    def found(self) -> bool:
        wanted = "red" if self.defect.severity == "must" else "a note"
        return self.before == wanted and self.after == ("green" if self.defect.fixed else "")


def add_known(path: Path, one: Known) -> None:
    """Append what was found of a report to a file, as one line of JSON."""
    report, world = one.defect.key
    line = {"report": report, "world": world, "before": one.before, "after": one.after}
    with path.open("a", encoding="utf-8") as file:
        file.write(msgspec.json.encode(line).decode() + "\n")


def read_known(path: Path) -> list[Known]:
    """What a file says of the reports that there are today; the last line of each counts.

    Raises :class:`ConformanceError` when it cannot be read.
    """
    lines: dict[tuple[str, str], dict[str, str]] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            said = msgspec.json.decode(line, type=dict[str, str])
            lines[said["report"], said["world"]] = said
        mine = [one for one in known_defects() if one.key in lines]
        return [Known(one, lines[one.key]["before"], lines[one.key]["after"]) for one in mine]
    except (OSError, ValueError, KeyError, msgspec.DecodeError) as error:
        hint = "Make it with: world-conformance score --known --file FILE"
        raise ConformanceError(
            f"{path} does not say what was found of known defects: {error}", hint
        ) from error


def known_defects() -> list[Defect]:
    """All reports of the file."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), _File).defect


def page(found: Iterable[Known]) -> str:
    """A table, in Markdown, and what cannot be shown."""
    every = list(found)
    lines = ["| report | what is wrong | world | before | after | |", "|---|---|---|---|---|---|"]
    for one in every:
        if not one.defect.shown:
            continue
        defect = one.defect
        after = f"{defect.fixed}: {one.after}" if defect.fixed else "not fixed"
        before = f"{defect.affected}: {one.before}"
        said = "found" if one.found else "**missed**"
        lines.append(f"| {defect.report} | {defect.about} | {defect.world} | {before} | {after} | {said} |")
    if any(not one.defect.shown for one in every):
        lines += ["", "Not shown:", ""]
        lines += [
            f"- {one.defect.report}, {one.defect.about} ({one.defect.world} {one.defect.affected}): "
            f"{one.defect.why_not}"
            for one in every
            if not one.defect.shown
        ]
    return "\n".join(lines) + "\n"
