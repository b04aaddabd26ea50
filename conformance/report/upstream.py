"""The shapes the SDK's own tools read: vitest's JSON of one world, and the worlds-status file of its docs.

Both are published, and are no gate: a failure that a baseline declares as known is a failure here.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from conformance.core.output import distinct, file_name
from conformance.report.ctrf import milliseconds
from conformance.report.flat import Result, flatten
from conformance.report.matrix import Matrix, Row

_VITEST: Final = {"passed": "passed", "failed": "failed", "known": "failed"}


def vitest_files(matrix: Matrix) -> dict[str, dict[str, Any]]:
    """File name -> vitest's JSON report, one for each world: ``e2e-community-redis.json``."""
    worlds = list(dict.fromkeys(row.key.world for row in matrix.rows))
    names = distinct(f"e2e-community-{file_name(world.lower(), 'world')}" for world in worlds)
    return {f"{name}.json": render_vitest(matrix, world) for name, world in zip(names, worlds, strict=True)}


def render_vitest(matrix: Matrix, world: str) -> dict[str, Any]:
    """One world as ``vitest --reporter=json`` would write it. What neither passed nor failed is skipped."""
    results = _of_world(matrix, world)
    statuses = [_VITEST.get(result.status, "skipped") for result in results]
    start = min((milliseconds(result.started) for result in results), default=0)
    files = [list(group) for _, group in groupby(results, key=lambda result: result.suite)]
    return {
        "numTotalTestSuites": len(files),
        "numPassedTestSuites": sum(not _failed(file) for file in files),
        "numFailedTestSuites": sum(_failed(file) for file in files),
        "numPendingTestSuites": 0,
        "numTotalTests": len(results),
        "numPassedTests": statuses.count("passed"),
        "numFailedTests": statuses.count("failed"),
        "numPendingTests": statuses.count("skipped"),
        "numTodoTests": 0,
        "startTime": start,
        "success": "failed" not in statuses,
        "testResults": [_file(file, start) for file in files],
    }


def render_status(matrix: Matrix, *, commit: str | None = None, branch: str | None = None) -> dict[str, Any]:
    """``{worlds: {id: {status, total, passed, failed, skipped, progress, lastRun}}}``."""
    last = matrix.headers[-1] if matrix.headers else None
    return {
        "lastUpdated": last.started if last else None,
        "commit": commit or (last.git if last else None) or None,
        "branch": branch,
        "type": "conformance",
        "worlds": {
            world: _status(_of_world(matrix, world))
            for world in dict.fromkeys(row.key.world for row in matrix.rows)
        },
    }


def _of_world(matrix: Matrix, world: str) -> list[Result]:
    """The newest version of a world's published package, or what there is of it."""
    rows = [row for row in matrix.rows if row.key.world == world]
    published = [row for row in rows if row.key.implementation == "package"] or rows
    newest = published[-1].key
    kept = {id(row) for row in published if _same(row, newest.implementation, newest.version)}
    return [result for result in flatten(matrix) if id(result.row) in kept]


def _same(row: Row, implementation: str, version: str) -> bool:
    return (row.key.implementation, row.key.version) == (implementation, version)


def _status(results: list[Result]) -> dict[str, Any]:
    statuses = [_VITEST.get(result.status) for result in results]
    passed, failed = statuses.count("passed"), statuses.count("failed")
    judged = passed + failed
    status = "pending" if not judged else "passing" if not failed else "partial" if passed else "failing"
    if status == "passing" and any(result.status in ("inconclusive", "not_judged") for result in results):
        status = "partial"
    return {
        "status": status,
        "total": len(results),
        "passed": passed,
        "failed": failed,
        "skipped": len(results) - judged,
        "progress": round(100 * passed / len(results)) if results else 0,
        "lastRun": max((result.started for result in results), default="") or None,
    }


def _file(results: list[Result], start: int) -> dict[str, Any]:
    return {
        "name": results[0].suite,
        "status": "failed" if _failed(results) else "passed",
        "startTime": start,
        "endTime": start + round(1000 * sum(result.seconds for result in results)),
        "message": "",
        "assertionResults": [
            {
                "ancestorTitles": [result.suite],
                "title": result.name,
                "fullName": f"{result.suite} {result.name}",
                "status": _VITEST.get(result.status, "skipped"),
                "duration": round(1000 * result.seconds),
                "failureMessages": [result.detail] if _failed([result]) else [],
                "meta": {"status": result.status},
            }
            for result in results
        ],
    }


def _failed(results: list[Result]) -> bool:
    return any(_VITEST.get(result.status) == "failed" for result in results)
