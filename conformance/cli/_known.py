"""Public defect reports as data, and whether the suite sees each before its fix and no longer after it."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from conformance.cli._suite import run_suite
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Level
from conformance.racemap.operations import operations
from conformance.racemap.variants import RACE_MAP
from conformance.record.file import read
from conformance.record.lines import Verdict
from conformance.spec.rows import LINES
from conformance.spec.rules import Severity

_FILE: Final = Path(__file__).parents[1] / "known_defects.toml"
#: how long one version may take, in seconds
_LIMIT: Final = 1_200.0


class Defect(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One public report: at which version of a World's package which rules break, and since when not.

    ``severity`` should: the rules are one, so the report is a note. ``why_not``: it is not shown, for that
    reason, and has no variant.
    """

    report: str
    about: str
    world: str
    affected: str
    scenario: str = ""
    variant: str = ""
    rules: tuple[str, ...] = ()
    fixed: str = ""
    level: Level = "storage"
    severity: Severity = "must"
    why_not: str = ""

    @property
    def mapped(self) -> bool:
        """Whether it is a pair of the race map that shows it."""
        return self.scenario == RACE_MAP.id

    @property
    def chosen(self) -> str:
        """The tests that judge it, as an expression of ``-k``."""
        if not self.mapped:
            return self.scenario
        raced = {one.partition(":")[0] for one in self.variant.partition("@")[0].split("~")}
        others = [one.name for one in operations(LINES[-1]) if one.name not in raced]
        return " and ".join([*sorted(raced), *(f"not {name}" for name in [*others, "stream", "programs"])])

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


#: A World, its version, the level, and whether it is judged by the race map.
_Run = tuple[str, str, Level, bool]


def add_known(path: Path, one: Known) -> None:
    """Append what was found of a report to a file, as one line of JSON."""
    line = {"report": one.defect.report, "before": one.before, "after": one.after}
    with path.open("a", encoding="utf-8") as file:
        file.write(msgspec.json.encode(line).decode() + "\n")


def read_known(path: Path) -> list[Known]:
    """What a file says of the reports that there are today; the last line of each counts.

    Raises :class:`ConformanceError` when it cannot be read.
    """
    lines: dict[str, dict[str, str]] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            said = msgspec.json.decode(line, type=dict[str, str])
            lines[said["report"]] = said
        mine = [one for one in known_defects() if one.report in lines]
        return [Known(one, lines[one.report]["before"], lines[one.report]["after"]) for one in mine]
    except (OSError, ValueError, KeyError, msgspec.DecodeError) as error:
        hint = "Make it with: world-conformance score --known --file FILE"
        raise ConformanceError(
            f"{path} does not say what was found of known defects: {error}", hint
        ) from error


def known_defects() -> list[Defect]:
    """All reports of the file."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), _File).defect


def judge_known(defects: Iterable[Defect], service: str | None = None) -> Iterator[Known]:
    """Judge each report's World before and after its fix, each version once, with what its reports need. Each
    is given as soon as it is done."""
    wanted = list(defects)
    scenarios: dict[_Run, set[str]] = {}
    for one in wanted:
        for version in (one.affected, one.fixed):
            if one.shown and version:
                scenarios.setdefault((one.world, version, one.level, one.mapped), set()).add(one.chosen)

    @cache
    def found(run: _Run) -> list[Verdict] | str:
        return _verdicts(*run, sorted(scenarios[run]), service)

    for one in wanted:
        if not one.shown:
            yield Known(one, "not shown", "")
            continue
        before = _state(one, found((one.world, one.affected, one.level, one.mapped)))
        after = _state(one, found((one.world, one.fixed, one.level, one.mapped))) if one.fixed else ""
        yield Known(one, before, after)


def _verdicts(
    world: str, version: str, level: Level, mapped: bool, chosen: list[str], service: str | None
) -> list[Verdict] | str:
    arguments = [
        f"--world={world}@{version}",
        f"--world-level={level}",
        # Faults are no part of the quick one.
        f"--world-budget={'quick' if level == 'storage' else 'default'}",
        "--world-fail-on=never",
        *(["--world-map"] if mapped else []),
        "-k",
        " or ".join(f"({one})" for one in chosen),
        *([f"--world-service={service}"] if service else []),
    ]
    with tempfile.TemporaryDirectory(prefix="world-known-") as scratch:
        record = Path(scratch) / "run.jsonl"
        why_not = run_suite(arguments, record, limit=_LIMIT, told=lambda _count: None)
        if not record.exists():
            return why_not or "nothing was judged"
        verdicts = read(record).verdicts
        return verdicts if any(one.verdict in ("pass", "fail") for one in verdicts) else why_not


def _state(defect: Defect, verdicts: list[Verdict] | str) -> str:
    if isinstance(verdicts, str):
        return f"not judged: {verdicts}"
    mine = [one for one in verdicts if one.variant == defect.variant]
    if any(one.red and not set(defect.rules).isdisjoint(one.rules) for one in mine):
        return "red"
    if any(not set(defect.rules).isdisjoint(note.rules) for one in mine for note in one.shoulds):
        return "a note"
    judged = [one for one in mine if one.check == "convergence" and one.verdict in ("pass", "fail")]
    return "green" if judged else "not judged: the variant is missing"


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
