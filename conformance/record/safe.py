"""Bounding and cleaning whole lines: on the way into a record, and again on the way out of one.

In: secrets and escape sequences taken out, long texts and lists bounded, so that no world can fill a disk
with a record; the case and the schedule stay exact, for they are fed back to the engine. Out: the same is
done again, before any renderer sees it, for a record may come from anyone.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from conformance.core.redact import REDACTED, shown
from conformance.core.text import TEXT_LIMIT, clean_data, encodable, hides, is_ours, one_line, unplaced
from conformance.record.lines import MANY, Failure, Footer, Header, Line, Verdict, WorldLine
from conformance.record.names import shorten

#: How many entries of each list of an evidence are kept.
KEPT: Final = {"lanes": 400, "events": 300, "errors": 100, "logs": 200, "timeline": 400}
_EXACT: Final = ("case", "schedule")
#: Commands: what they name must be found.
_TYPED: Final = (*_EXACT, "replay", "search", "command", "asked")
_LOG_RANK: Final = {"error": 0, "warn": 1, "info": 2, "debug": 3}
#: How deep an event's data is written: a reader refuses what is nested without end.
_WRITTEN_DEPTH: Final = 32
_READ_DEPTH: Final = 14
#: What names a thing is one line wherever it is shown.
_NAMES: Final = (
    "world",
    "implementation",
    "package",
    "version",
    "level",
    "runtime",
    "variant",
    "run",
    "started",
)

L = TypeVar("L", Header, WorldLine, Verdict, Failure, Footer)


def for_record(line: Line) -> dict[str, Any]:
    """The line as builtins, ready to be written."""
    data: dict[str, Any] = msgspec.to_builtins(line)
    evidences = _evidences(data)
    for evidence in evidences:
        _bound_lists(evidence)
        for event in evidence.get("events", []):
            if "data" in event:
                event["data"] = _shallow(event["data"], _WRITTEN_DEPTH)
    made: dict[str, Any] = _unplaced(_redacted(data, {id(evidence) for evidence in evidences}))
    return made


def for_reading(line: L) -> L:
    """The line with every text in it cleaned and bounded: what renderers may show."""
    data: dict[str, Any] = msgspec.to_builtins(line)
    for evidence in _evidences(data):
        _bound_lists(evidence)
    data = clean_data(data, TEXT_LIMIT, _READ_DEPTH, MANY)
    for evidence in _evidences(data):
        shorten(evidence)
    for named in (data, *data.get("planned", [])):
        for name in _NAMES:
            if isinstance(named.get(name), str):
                named[name] = one_line(named[name])
    return msgspec.convert(data, type(line), str_keys=True)


def _shallow(data: Any, depth: int) -> Any:
    """JSON-like ``data`` down to some depth."""
    if isinstance(data, dict | list | tuple) and depth == 0:
        return f"… [{len(data)} {'keys' if isinstance(data, dict) else 'items'}]"
    if isinstance(data, dict):
        return {key: _shallow(value, depth - 1) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_shallow(value, depth - 1) for value in data]
    return data


def _evidences(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Every evidence in a line of any kind."""
    verdict = data["verdict"] if data["kind"] == "failure" else data
    if verdict["kind"] != "verdict":
        return []
    told = [verdict, *verdict["shoulds"], *verdict["broken"]]
    return [found["evidence"] for found in told if found.get("evidence")]


def _bound_lists(evidence: dict[str, Any]) -> None:
    """Cut the lists of an evidence: the worst log lines and the offending events are what stays."""
    dropped: dict[str, int] = dict(evidence.get("dropped", {}))
    for name, limit in KEPT.items():
        entries: list[dict[str, Any]] = evidence.get(name, [])
        if len(entries) <= limit:
            continue
        ranks = [_rank(name, entry) for entry in entries]
        best = sorted(zip(ranks, range(len(entries)), strict=True))[:limit]
        evidence[name] = [entries[index] for index in sorted(index for _, index in best)]
        dropped[name] = dropped.get(name, 0) + len(entries) - limit
    if dropped:
        evidence["dropped"] = dropped


def _rank(name: str, entry: dict[str, Any]) -> int:
    if name == "logs":
        return _LOG_RANK[entry["level"]]
    return 0 if name == "events" and entry.get("offending") else 1


def _redacted(data: Any, evidences: set[int]) -> Any:
    """``data`` with its texts redacted and bounded; the dicts named by id keep their exact parts."""
    if isinstance(data, str):
        if len(data) <= TEXT_LIMIT:
            return shown(data)
        # Redact past the cut, so that a secret is not halved by it and missed.
        kept = shown(data[: TEXT_LIMIT + 2_000])[:TEXT_LIMIT]
        return f"{kept} … [{len(data) - TEXT_LIMIT:,} more characters]"
    if isinstance(data, dict):
        exact = _EXACT if id(data) in evidences else ()
        return {
            encodable(str(key)): _entry(key, value, evidences, key in exact) for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [_redacted(value, evidences) for value in data]
    return data


def _entry(key: Any, value: Any, evidences: set[int], exact: bool) -> Any:
    if exact:
        return _exact(value)
    if is_ours(key, value):
        return value
    return REDACTED if hides(key, value) else _redacted(value, evidences)


def _unplaced(data: Any) -> Any:
    """``data`` without places on this machine, but in what is to be typed again there."""
    if isinstance(data, str):
        return unplaced(data)
    if isinstance(data, dict):
        return {key: value if key in _TYPED else _unplaced(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_unplaced(value) for value in data]
    return data


def _exact(data: Any) -> Any:
    """``data`` as it is, but for lone surrogates, which no file can hold."""
    if isinstance(data, str):
        return encodable(data)
    if isinstance(data, dict):
        return {encodable(str(key)): _exact(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_exact(value) for value in data]
    return data
