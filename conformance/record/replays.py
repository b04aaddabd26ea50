"""What ``--world-replay`` names: one failure by its spec, or all failures of a file.

A spec is ``SCENARIO/LEVEL/VARIANT/SCHEDULE``, such as ``step_completed/storage/complete-complete/A2B5A3``;
a case other than the smallest stands behind the variant, as in ``…/complete-fail?actors=3/A2B5A3C``,
``…/step-message-twice+faults?faults=die@3/A9B4``, ``…/programs?program=run_created~run_started/A5`` or
``step_created/runtime/flow?flow=blocked-branch/aA4B4``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl, quote

from conformance.core.errors import ConformanceError
from conformance.core.faults import written
from conformance.core.scenario import Case, Level
from conformance.core.scenarios import all_scenarios
from conformance.drivers.driver import ACTORS
from conformance.racemap.find import DERIVED, by_id, variant_of
from conformance.search.schedule import decode
from conformance.spec.programs import parse

if TYPE_CHECKING:
    from conformance.record.file import Verdict, WorldLine

#: More than any case has that the suite makes; a record may come from anybody.
_MOST_SIBLINGS: Final = 100
#: So many names are listed to someone who mistyped one.
_MOST_NAMED: Final = 60
#: What stands in a spec as it is, and not as JSON.
_PLAIN: Final = frozenset({"faults", "flow", "program"})
#: How often a schedule is played again.
REPLAYS: Final = 20


@dataclass(frozen=True, slots=True)
class Replayed:
    """A failure to replay. ``world`` is empty when the command line says which."""

    world: str
    scenario: str
    level: str
    variant: str
    case: Case
    token: str
    #: the release of the real runtime it was found with, when a record says so
    runtime: str = ""
    #: the options that name its world, as the record has them, and whether this suite wrote them here
    asked: tuple[str, ...] = ()
    own: bool = False
    #: the seed of its run, when a record says so
    seed: int | None = None


def spec(scenario: str, level: str, variant: str, case: Case, token: str) -> str:
    """The spec of a failure, as its replay command shows it."""
    default = replace(case, siblings=0, payload_json=Case().payload_json).to_json()
    if not case.program:
        default["actors"] = Case().actors
    parts = [
        f"{key}={quote(json.dumps(value, separators=(',', ':')), safe='')}"
        for key, value in case.faultless.to_json().items()
        if key not in _PLAIN and value != default[key]
    ]
    if case.flow:
        parts.append(f"flow={quote(case.flow, safe='')}")
    if case.program:
        parts.append(f"program={case.program}")
    if case.faults:
        parts.append(f"faults={written(case.faults)}")
    query = f"?{'&'.join(parts)}" if parts else ""
    return f"{scenario}/{level}/{variant}{query}/{token}"


def read_replays(value: str) -> list[Replayed]:
    """The failures that a file or a spec names. Raises :class:`ConformanceError`."""
    path = Path(value)
    if _is_file(path):
        found = _from_file(path)
        if not found:
            raise ConformanceError(
                f"{value}: no failure in it can be replayed.", "Only scheduled failures can."
            )
        return found
    if value.count("/") != 3 or value.endswith((".json", ".jsonl")):
        raise ConformanceError(
            f"--world-replay={value}: neither a file nor a failure.",
            "Give a record file, or SCENARIO/LEVEL/VARIANT/SCHEDULE as a failure's replay command shows it.",
        )
    scenario, level, named, token = value.split("/")
    variant, _, query = named.partition("?")
    try:
        case = Case.from_json(
            {
                key: text if key in _PLAIN else json.loads(text)
                for key, text in parse_qsl(query, keep_blank_values=True)
            }
        )
    except (ValueError, TypeError) as error:
        raise ConformanceError(
            f"--world-replay={value[:200]}: {query[:200]!r} is not a case: {str(error)[:200]}"
        ) from None
    return [_checked(Replayed("", scenario, level, variant, case, token))]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name of a file at all: too long, or with a NUL
        return False


def _from_file(path: Path) -> list[Replayed]:
    from conformance.record.file import read, read_failure  # noqa: PLC0415 - only when asked for

    if path.suffix == ".json":
        failure = read_failure(path)
        told = [(failure.verdict, [failure.world], failure.seed)]
    else:
        told = [(one, run.worlds, run.header.seed) for run in read(path).runs for one in run.verdicts]
    found = [
        replayed_of(verdict, worlds, seed, path)
        for verdict, worlds, seed in told
        if verdict.verdict == "fail" and verdict.evidence is not None and verdict.evidence.schedule
    ]
    return list(dict.fromkeys(found))


def replayed_of(verdict: Verdict, worlds: list[WorldLine], seed: int, path: Path) -> Replayed:
    """How the failure of a verdict with evidence is replayed; ``worlds`` are those of its run.

    ``path`` is its record. Raises :class:`ConformanceError`.
    """
    from conformance.record.seal import is_sealed  # noqa: PLC0415 - only when asked for

    assert verdict.evidence is not None
    about = (verdict.world, verdict.implementation, verdict.version)
    line = next((one for one in worlds if (one.world, one.implementation, one.version) == about), None)
    try:
        case = Case.from_json(verdict.evidence.case)
    except (ValueError, TypeError) as error:
        raise ConformanceError(f"{path}: not a case: {str(error)[:200]}") from None
    return _checked(
        Replayed(
            verdict.world,
            str(verdict.scenario),
            verdict.level,
            verdict.variant,
            case,
            verdict.evidence.schedule,
            verdict.runtime,
            _asked(verdict, line),
            line is not None and is_sealed(line.asked, line.seal),
            seed,
        )
    )


def _asked(verdict: Verdict, line: WorldLine | None) -> tuple[str, ...]:
    """The options that name the world of a verdict; none when its lines do not say enough.

    A record of an older suite has only the name and the version of a world.
    """
    if line is not None and line.asked:
        return tuple(line.asked)
    if verdict.implementation not in ("package", "reference"):
        return ()
    suffix = (
        ":reference" if verdict.implementation == "reference" else verdict.version and f"@{verdict.version}"
    )
    return (f"--world={verdict.world}{suffix}",)


def _near(name: str, names: list[str]) -> str:
    """The variants there are: all, or those most like the name."""
    if len(names) > _MOST_NAMED:
        return f"The nearest: {', '.join(get_close_matches(name, names, 5)) or 'none'}."
    return f"There are: {', '.join(names) or 'none'}."


def _checked(replayed: Replayed) -> Replayed:
    """The same, with the scenario's id; a word that names nothing is a mistake of the user's."""
    try:
        scenario = by_id(replayed.scenario)
    except KeyError:
        known = ", ".join(one.id for one in (*all_scenarios(), *DERIVED))
        raise ConformanceError(f"no scenario {replayed.scenario!r}", f"There are: {known}.") from None
    if variant_of(scenario, cast(Level, replayed.level), replayed.variant) is None:
        raise ConformanceError(
            f"{scenario.id} has no variant {replayed.variant!r} at level {replayed.level!r}",
            _near(replayed.variant, [one.name for one in scenario.every(cast(Level, replayed.level))]),
        )
    try:
        decode(replayed.token)
        parse(replayed.case.program)
    except ValueError as error:
        raise ConformanceError(str(error)) from None
    case = replayed.case
    if not 1 <= case.actors <= len(ACTORS) or not 0 <= case.siblings <= _MOST_SIBLINGS:
        raise ConformanceError(
            f"not a case: {case.actors} actors and {case.siblings} siblings",
            f"At most {len(ACTORS)} actors race, beside at most {_MOST_SIBLINGS} siblings.",
        )
    return replace(replayed, scenario=scenario.id)
