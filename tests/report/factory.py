"""Records made by hand: every kind of verdict, with evidence as the engine would write it."""

from __future__ import annotations

from typing import Any

from conformance.record.file import (
    ErrorLine,
    EventLine,
    Evidence,
    FindingLine,
    Footer,
    Header,
    LaneItem,
    LogText,
    Planned,
    Record,
    Run,
    Service,
    Verdict,
    WorldLine,
)
from conformance.record.lines import CHECKS, LEVELS, Check
from conformance.report.matrix import Matrix, build
from conformance.report.scenario_names import of_this_suite

__all__ = [
    "CHECKS", "LEVELS", "all_kinds", "evidence", "failed", "finding", "header", "matrix_of", "passed",
    "planned", "record", "run", "service", "world", "worlds_of",
]  # fmt: skip


def header(**changes: Any) -> Header:
    fields: dict[str, Any] = {
        "suite": "0.1.0",
        "started": "2026-11-20T10:00:00Z",
        "run": "run-1",
        "seed": 7,
        "budget": "500 schedules, 60 s",
        "python": "3.11.7",
        "node": "24.19.0",
        "platform": "Linux 6.1 x86_64",
        "git": "7e18cd0a",
    }
    return Header(**(fields | changes))


def service(**changes: Any) -> Service:
    return Service(**({"kind": "redis", "version": "7.2", "how": "embedded"} | changes))


def world(name: str = "redis", **changes: Any) -> WorldLine:
    fields: dict[str, Any] = {
        "world": name,
        "package": f"@workflow-worlds/{name}",
        "version": "0.2.2",
        "service": Service(kind=name, version="7.2", how="embedded", url=f"{name}://127.0.0.1:6379/0"),
    }
    return WorldLine(**(fields | changes))


def passed(scenario: int = 1, check: Check = "convergence", **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "world": "redis",
        "version": "0.2.2",
        "level": "storage",
        "scenario": scenario,
        "check": check,
        "verdict": "pass",
        "schedules": 120,
        "distinct": 96,
        "exhausted": True,
        "bound": "2 preemptions",
        "control": "pass",
        "seconds": 0.8,
        "reason": "all 96 distinct schedules agree with the spec",
        "test": f"scenario_{scenario}[redis-storage]",
    }
    return Verdict(**(fields | changes))


def failed(scenario: int = 6, check: Check = "convergence", **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "verdict": "fail",
        "rules": ["step.terminal-once"],
        "defect": "not-atomic",
        "schedules": 4,
        "distinct": 4,
        "exhausted": False,
        "replayed": "20/20",
        "reason": "two handlers completed one step: both creates were accepted, the log holds it twice.",
        "evidence": evidence(),
    }
    return passed(scenario, check, **(fields | changes))


def evidence(**changes: Any) -> Evidence:
    """The smallest race on a check-then-set guard: read, read, write, write."""

    def item(lane: str, at: int, kind: Any, label: str, *rest: str) -> LaneItem:
        text, where = (*rest, "", "")[:2]
        return LaneItem(lane=lane, at=at, kind=kind, label=label, text=text, where=where or None)

    fields: dict[str, Any] = {
        "case": {"shape": "sequence", "actors": 2, "payload": {"result": "a"}},
        "schedule": "ABAB",
        "lanes": [
            item("A", 1, "call", "events.create step_completed", "result=1"),
            item("A", 2, "gate", "HGET step:s1 status", "running", "dist/storage/events.js:214"),
            item("B", 3, "call", "events.create step_completed", "result=2"),
            item("B", 4, "gate", "HGET step:s1 status", "running", "dist/storage/events.js:214"),
            item("A", 5, "gate", "HSET step:s1 status completed", "OK", "dist/storage/events.js:231"),
            item("A", 6, "answer", "events.create step_completed", "ok"),
            item("B", 7, "gate", "HSET step:s1 status completed", "OK", "dist/storage/events.js:231"),
            item("B", 8, "answer", "events.create step_completed", "ok"),
            item("A", 9, "queue", "workflow continuation", "step_completed"),
            item("B", 10, "queue", "workflow continuation", "step_completed"),
        ],
        "events": [
            EventLine(id="wevt_01", type="run_created", at="2026-11-20T10:00:00.001Z"),
            EventLine(id="wevt_02", type="run_started", at="2026-11-20T10:00:00.101Z"),
            EventLine(id="wevt_03", type="step_created", correlation_id="step_01", data={"stepName": "add"}),
            EventLine(id="wevt_04", type="step_started", correlation_id="step_01", data={"attempt": 1}),
            EventLine(id="wevt_05", type="step_completed", correlation_id="step_01", data={"result": 1}),
            EventLine(id="wevt_06", type="step_completed", correlation_id="step_01", data={"result": 2}),
        ],
        "errors": [
            ErrorLine(lane="B", op="events.create", name="ReplyError", message="WRONGTYPE wrong kind")
        ],
        "logs": [
            LogText(lane="A", level="info", origin="runtime", text="step finished"),
            LogText(lane="B", level="error", origin="world", text="failed to append event"),
        ],
        "replay": "pytest --world=redis --world-replay .world/failures/redis-6-convergence.json",
    }  # fmt: skip
    for event in fields["events"][4:]:
        event.offending = True
    return Evidence(**(fields | changes))


def finding(**changes: Any) -> FindingLine:
    fields: dict[str, Any] = {
        "rules": ["run.started-once"],
        "reason": "a second run_started event lists after the first.",
        "defect": "duplicate-event",
    }
    return FindingLine(**(fields | changes))


def run(verdicts: list[Verdict], **changes: Any) -> Run:
    """A run that came to its end, with a world line for each world in its verdicts."""
    fields: dict[str, Any] = {
        "header": header(),
        "footer": Footer(finished="2026-11-20T10:01:00Z", exit=0),
        "verdicts": verdicts,
        "worlds": worlds_of(verdicts),
    }
    return Run(**(fields | changes))


def worlds_of(verdicts: list[Verdict]) -> list[WorldLine]:
    named = dict.fromkeys((one.world, one.version, one.implementation) for one in verdicts)
    return [world(name, version=version, implementation=how) for name, version, how in named]


def all_kinds() -> list[Verdict]:
    """One row in which every state and every common defect is to be seen."""
    verdicts = [
        passed(number, check)
        for number in of_this_suite()
        if number
        for check in CHECKS
        if number not in (3, 4, 6, 7, 8)
    ]
    verdicts[0] = passed(1, "convergence", shoulds=[finding()])
    verdicts += [
        passed(3, check, verdict="unsupported", reason="the world offers no hooks.", control="")
        for check in CHECKS
    ]
    verdicts += [
        passed(4, check, verdict="inconclusive", reason="the host died twice while it was opened.")
        for check in CHECKS
    ]
    verdicts += [
        failed(6, "convergence", variant="completed/completed"),
        failed(6, "continuation", defect="dialect", rules=["step.loser"],
               reason="the loser got an error the runtime cannot classify."),
        failed(6, "logs", defect="noisy", rules=["logs.no-error"],
               reason="an error-level line was logged for a lost race."),
        passed(6, "convergence", variant="completed/failed"),
        failed(7, "convergence", defect="no-guard", control="fail", rules=["step.start-after-end"]),
        passed(7, "continuation"),
        failed(7, "logs", severity="should", defect="order", rules=["log.order"],
               reason="an event lists after the terminal one."),
    ]  # fmt: skip
    return verdicts


def planned(*scenarios: int, level: str = "storage") -> list[Planned]:
    return [Planned(level=level, scenario=number) for number in scenarios]


def record(*verdicts: Verdict) -> Record:
    return Record([run(list(verdicts) or all_kinds())])


def matrix_of(*verdicts: Verdict) -> Matrix:
    return build(record(*verdicts))
