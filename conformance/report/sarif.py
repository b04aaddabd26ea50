"""SARIF 2.1.0: each failure at the source lines of the world's package where the race was lost.

``prefix`` is put before the paths. A world's own CI gives the folder of the package in its repository,
so that the findings stand beside the code; the default is where npm installed it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final
from urllib.parse import quote

from conformance.core.text import one_line
from conformance.record.lines import Evidence, LaneItem
from conformance.report.flat import Result, flatten, story
from conformance.report.lanes import lay_out
from conformance.report.matrix import Matrix

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_WHERE: Final = re.compile(r"(?P<path>[^:\s]+):(?P<line>[1-9]\d{0,6})(?::\d+)?")


def render_sarif(matrix: Matrix, prefix: str | None = None) -> dict[str, Any]:
    """The log as an object, to be written as JSON. Known failures are there, suppressed."""
    results = [result for result in flatten(matrix) if result.status in ("failed", "known")]
    names = sorted({_rule_of(result) for result in results})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "workflow-world-conformance",
                        "version": matrix.headers[-1].suite if matrix.headers else "0",
                        "rules": [_rule(name, matrix.rules.get(name, "")) for name in names],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(result, names, prefix) for result in results],
            }
        ],
    }


def _rule(name: str, text: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": text or name},
        "defaultConfiguration": {"level": "error"},
    }


def _rule_of(result: Result) -> str:
    assert result.verdict is not None
    return (result.verdict.rules or [result.verdict.defect or "fail"])[0]


def _result(result: Result, names: list[str], prefix: str | None) -> dict[str, Any]:
    verdict, key = result.verdict, result.row.key
    assert verdict is not None
    if prefix is None:
        prefix = f"node_modules/{result.row.package}" if result.row.package else ""
    evidence = verdict.evidence or Evidence()
    lanes = lay_out(evidence, verdict.reason)
    places = [place for where in lanes.places if (place := _place(where, prefix)) is not None]
    name = _rule_of(result)
    made: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": names.index(name),
        "level": "error",
        "message": {"text": f"{result.suite}, {result.name}: {verdict.reason}\n\n{story(verdict)}"},
        # GitHub shows only results that have a place: without source lines the package as a whole is meant.
        "locations": [{"physicalLocation": places[0] if places else _whole(prefix)}],
        "relatedLocations": [
            {"id": number, "physicalLocation": place} for number, place in enumerate(places[1:10], 1)
        ],
        "partialFingerprints": {"race/v1": _fingerprint(key.world, key.level, result.name, name)},
        "properties": {
            "world": key.world,
            "version": key.version,
            "level": key.level,
            "scenario": result.cell.name,
            "check": result.mark.check,
            "defect": verdict.defect,
            "replay": evidence.replay,
        },
    }
    flows = [_flow(lane, [item for item in lanes.items if item.lane == lane], prefix) for lane in lanes.names]
    if flows:
        made["codeFlows"] = [
            {"message": {"text": "the smallest schedule that shows it"}, "threadFlows": flows}
        ]
    if result.status == "known":
        made["suppressions"] = [{"kind": "external", "justification": result.mark.known}]
    return made


def _flow(lane: str, items: list[LaneItem], prefix: str) -> dict[str, Any]:
    """One lane; ``executionOrder`` says how the lanes interleave."""
    steps = []
    for item in items[:100]:
        location: dict[str, Any] = {"message": {"text": one_line(f"{item.label} {item.text}".strip())}}
        place = _place(item.where or "", prefix)
        location["physicalLocation"] = place if place is not None else _whole(prefix)
        step: dict[str, Any] = {"location": location, "executionOrder": max(0, item.at)}
        frames = [place for frame in item.frames if (place := _place(frame, prefix)) is not None]
        if frames:
            step["stack"] = {"frames": [{"location": {"physicalLocation": frame}} for frame in frames]}
        steps.append(step)
    return {"id": lane, "locations": steps}


def _place(where: str, prefix: str) -> dict[str, Any] | None:
    match = _WHERE.fullmatch(where)
    if match is None or match["path"].startswith("/") or ".." in match["path"].split("/"):
        return None
    return {
        "artifactLocation": {"uri": _join(prefix, match["path"].removeprefix("./"))},
        "region": {"startLine": int(match["line"])},
    }


def _whole(prefix: str) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _join(prefix, "package.json")}, "region": {"startLine": 1}}


def _join(prefix: str, path: str) -> str:
    return quote(f"{prefix.strip('/')}/{path}".lstrip("/"), safe="/@._-+~")


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
