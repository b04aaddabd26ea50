"""What ``--world-replay`` names: one failure by its spec, or all failures of a file.

A spec is ``SCENARIO/LEVEL/VARIANT/SCHEDULE``, such as ``step_completed/storage/complete-complete/A2B5A3``;
a case other than the smallest stands behind the variant, as in ``…/complete-fail?actors=3/A2B5A3C`` or
``…/step-message-twice+faults?faults=die@3/A9B4``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qsl, quote

from conformance.core.errors import ConformanceError
from conformance.core.faults import written
from conformance.core.scenario import Case, Level
from conformance.core.scenarios import by_id, scenarios
from conformance.search.schedule import decode

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


def spec(scenario: str, level: str, variant: str, case: Case, token: str) -> str:
    """The spec of a failure, as its replay command shows it."""
    default = Case().to_json()
    parts = [
        f"{key}={quote(json.dumps(value, separators=(',', ':')), safe='')}"
        for key, value in case.faultless.to_json().items()
        if value != default[key]
    ]
    if case.faults:
        parts.append(f"faults={written(case.faults)}")
    query = f"?{'&'.join(parts)}" if parts else ""
    return f"{scenario}/{level}/{variant}{query}/{token}"


def read_replays(value: str) -> list[Replayed]:
    """The failures that a file or a spec names. Raises :class:`ConformanceError`."""
    path = Path(value)
    if path.is_file():
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
                key: text if key == "faults" else json.loads(text)
                for key, text in parse_qsl(query, keep_blank_values=True)
            }
        )
    except (ValueError, TypeError) as error:
        raise ConformanceError(f"--world-replay={value}: {query!r} is not a case: {error}") from None
    return [_checked(Replayed("", scenario, level, variant, case, token))]


def _from_file(path: Path) -> list[Replayed]:
    from conformance.record.file import read, read_failure  # noqa: PLC0415 - only when asked for

    verdicts = [read_failure(path).verdict] if path.suffix == ".json" else read(path).verdicts
    found = [
        _checked(
            Replayed(
                verdict.world,
                str(verdict.scenario),
                verdict.level,
                verdict.variant,
                Case.from_json(verdict.evidence.case),
                verdict.evidence.schedule,
                verdict.runtime,
            )
        )
        for verdict in verdicts
        if verdict.verdict == "fail" and verdict.evidence is not None and verdict.evidence.schedule
    ]
    return list(dict.fromkeys(found))


def _checked(replayed: Replayed) -> Replayed:
    """The same, with the scenario's id; a word that names nothing is a mistake of the user's."""
    try:
        scenario = by_id(replayed.scenario)
    except KeyError:
        known = ", ".join(one.id for one in scenarios())
        raise ConformanceError(f"no scenario {replayed.scenario!r}", f"There are: {known}.") from None
    names = [one.name for one in scenario.every(cast(Level, replayed.level))]
    if replayed.variant not in names:
        raise ConformanceError(
            f"{scenario.id} has no variant {replayed.variant!r} at level {replayed.level!r}",
            f"There are: {', '.join(names) or 'none'}.",
        )
    try:
        decode(replayed.token)
    except ValueError as error:
        raise ConformanceError(str(error)) from None
    return Replayed(
        replayed.world,
        scenario.id,
        replayed.level,
        replayed.variant,
        replayed.case,
        replayed.token,
        replayed.runtime,
    )
