"""CTRF, the common test report format (https://ctrf.io)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from conformance.record.header import now
from conformance.report.flat import Result, Status, flatten
from conformance.report.matrix import Matrix

SPEC_VERSION: Final = "0.0.0"
_STATUS: Final[dict[Status, str]] = {
    "passed": "passed",
    "failed": "failed",
    "known": "skipped",
    "unsupported": "skipped",
    "not_shown": "skipped",
    "not_judged": "pending",
    "inconclusive": "other",
}


def render_ctrf(matrix: Matrix) -> dict[str, Any]:
    """The report as an object, to be written as JSON."""
    results = flatten(matrix)
    statuses = [_STATUS[result.status] for result in results]
    starts = [moment for header in matrix.headers if (moment := milliseconds(header.started))]
    start = min(starts, default=0)
    last = matrix.headers[-1] if matrix.headers else None
    report: dict[str, Any] = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "reportId": str(uuid.uuid4()),
        "timestamp": now(),
        "generatedBy": "workflow-world-conformance",
        "results": {
            "tool": {"name": "workflow-world-conformance", **({"version": last.suite} if last else {})},
            "summary": {
                "tests": len(results),
                **{
                    name: statuses.count(name) for name in ("passed", "failed", "pending", "skipped", "other")
                },
                "start": start,
                "stop": start + round(1000 * sum(result.seconds for result in results)),
            },
            "tests": [_test(result) for result in results],
        },
    }
    if last is not None:
        report["results"]["environment"] = {
            "osPlatform": last.platform,
            "commit": last.git,
            "extra": {"node": last.node, "python": last.python, "seed": last.seed, "budget": last.budget},
        }
    return report


def _test(result: Result) -> dict[str, Any]:
    key = result.row.key
    test: dict[str, Any] = {
        "name": f"{result.suite} · {result.name}",
        "status": _STATUS[result.status],
        "rawStatus": result.status,
        "duration": round(1000 * result.seconds),
        "suite": [part for part in (key.world, key.level, key.runtime) if part],
        "type": "conformance",
        "tags": [part for part in (key.world, key.level, result.mark.check) if part],
    }
    verdict = result.verdict
    if result.status == "known":
        test["message"] = f"known failure: {result.mark.known}"
    elif result.status != "passed":
        test["message"] = result.message
        test["trace"] = result.detail
    if verdict is not None:
        extra = {"rules": verdict.rules, "defect": verdict.defect, "schedules": verdict.schedules}
        if verdict.evidence is not None:
            extra["replay"] = verdict.evidence.replay
        test["extra"] = {name: value for name, value in extra.items() if value}
    return test


def milliseconds(moment: str) -> int:
    """Milliseconds since 1970 of an ISO time; 0 when it is none."""
    try:
        return round(1000 * datetime.fromisoformat(moment).timestamp())
    except (ValueError, OverflowError, OSError):
        return 0
