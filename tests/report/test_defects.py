"""Red checks are put together by the race window and the line of the write that relied on a stale look."""

from __future__ import annotations

from typing import Any

from conformance.record.lines import Evidence, LaneItem, LaneKind
from conformance.report.defects import Defect, defects, merge, name
from conformance.report.findings import since
from conformance.report.matrix import build
from conformance.report.signs import died
from tests.report import factory
from tests.report.factory import failed


def _race(operation: str, line: int, *, other: str = "step_completed", **changes: Any) -> Any:
    """B looks and writes while A has looked; then A writes, at that line."""
    steps: list[tuple[str, LaneKind, str, str]] = [
        ("A", "call", f"{operation} step1", ""),
        ("B", "call", f"{other} step1", ""),
        ("A", "gate", "HGETALL steps:run1:step1", "dist/s.js:10"),
        ("B", "gate", "HGETALL steps:run1:step1", "dist/s.js:10"),
        ("B", "gate", "HSET steps:run1:step1", "dist/s.js:20"),
        ("B", "answer", f"{other} step1", ""),
        ("A", "gate", "HSET steps:run1:step1", f"dist/s.js:{line}"),
        ("A", "answer", f"{operation} step1", ""),
    ]
    lanes = [
        LaneItem(lane=lane, at=at, label=label, kind=kind, where=where or None)
        for at, (lane, kind, label, where) in enumerate(steps)
    ]
    fields = {"defect": "not-atomic", "reason": f"A's {operation} step1 got success; right is a conflict"}
    return failed(6, **{**fields, "evidence": Evidence(lanes=lanes, schedule="AB2A"), **changes})


def _found(*verdicts: Any) -> list[Defect]:
    return defects(build(factory.record(*verdicts)))


def test_the_window_is_the_look_the_write_between_and_the_write() -> None:
    [found] = _found(_race("step_retrying", 30))
    window = found.window
    assert window is not None
    assert window.look is not None
    assert window.between is not None
    assert (window.operation, window.look.at, window.other, window.between.at, window.line) == (
        "step_retrying",
        2,
        "step_completed",
        4,
        "dist/s.js:30",
    )


def test_one_line_is_one_defect_whatever_rule_and_check_it_reddens() -> None:
    one = _race("step_completed", 20, rules=["step.terminal-once"])
    other = _race("step_completed", 20, rules=["log.folds"], level="handlers", variant="step-message-twice")
    [found] = _found(other, one)
    assert len(found.places) == 2
    assert found.first.verdict.level == "storage", "the plainest place is told"
    assert found.rules == ["step.terminal-once", "log.folds"]


def test_another_line_or_another_operation_is_another_defect() -> None:
    lines = [_race("step_completed", 20), _race("step_completed", 40, variant="complete-fail")]
    assert len(_found(*lines)) == 2
    operations = [_race("step_completed", 20), _race("step_retrying", 20, variant="complete-retry")]
    assert len({one.slug for one in _found(*operations)}) == 2


def test_replays_show_which_failures_are_one_defect() -> None:
    """A record without lines cannot say so; a replay of each has the lines."""
    unknown = _race("step_completed", 20, variant="complete-complete+instance")
    for item in unknown.evidence.lanes:
        item.where = None
    found = _found(_race("step_completed", 20), unknown)
    assert len(found) == 2
    for one in found:
        one.seen_again(_race("step_completed", 20, defect=""))
    [only] = merge(found)
    name([only])
    assert (len(only.places), only.slug) == (2, "redis-0.2.2-step_completed-not-atomic")
    assert only.window is not None
    assert only.window.line == "dist/s.js:20"


def test_a_wrong_answer_is_one_defect_in_each_variant() -> None:
    reason = "events.create of run_started was answered with an object with event; due is an object with run"
    shapes = [
        failed(1, defect="wrong-shape", rules=["answer.shape"], reason=f"{who}'s {reason}", variant=variant)
        for who, variant in (("A", "start-missing"), ("A", "start-missing+instance"), ("B", "create-start"))
    ]
    [found] = _found(*shapes)
    assert (found.subject, len(found.places)) == ("run_started", 3)


def test_a_log_that_is_read_out_of_order_is_one_defect_whatever_was_written() -> None:
    """Each event gets its place before it can be read: one line, one change."""
    orders = [
        _race(operation, line, defect="order", rules=["log.prefix"], variant=variant)
        for operation, line, variant in (("step_created", 20, "one"), ("hook_disposed", 40, "two"))
    ]
    [found] = _found(*orders)
    assert found.subject == "log.prefix"


def _half_done(reason: str, made: str, missing: str, line: int) -> Any:
    steps: list[tuple[LaneKind, str, str]] = [
        ("gate", made, f"dist/s.js:{line}"),
        ("fault", "kill: what it means", ""),
        ("gate", missing, f"dist/s.js:{line + 1}"),
    ]
    lanes = [
        LaneItem(lane="A", at=at, label=label, kind=kind, where=where or None, access="write")
        for at, (kind, label, where) in enumerate(steps)
    ]
    return failed(
        2, defect="half-done", level="handlers", variant=f"{line}+faults", reason=reason, rules=["log.folds"],
        evidence=Evidence(lanes=lanes, schedule="A"),
    )  # fmt: skip


def test_a_half_done_transition_is_one_defect_wherever_the_fault_came() -> None:
    first = "the events say run1 is running; the database says completed"
    [found] = _found(
        _half_done(first, "UPDATE runs", "DELETE hooks", 10),
        _half_done(first, "DELETE hooks", "INSERT events", 20),
        _half_done("the log of run1 folds to running, but it is stored as completed", "X a1", "Y b1", 30),
    )
    assert (found.subject, len(found.places)) == ("run_completed", 3)
    named = _half_done("the database says step1 is failed; no event says so", "UPDATE steps", "x", 40)
    unnamed = _half_done("run1 ended as failed; without a race it completes", "UPDATE steps", "Z c1", 40)
    assert [one.subject for one in _found(named, unnamed)] == ["step_failed"], "one write of a transition"


def test_in_which_versions_a_defect_is() -> None:
    ran = [
        ("0.1.0", "could not be judged: x"),
        ("0.1.1", "not seen: x"),
        ("0.2.0", "wrong"),
        ("0.2.1", "wrong"),
    ]
    assert since(ran) == "Since `0.2.0`: not seen in `0.1.1`; wrong in `0.2.0`, `0.2.1`."
    assert since(ran[2:]) == "Since `0.2.0` or before: wrong in `0.2.0`, `0.2.1`."
    assert since(ran[3:]) == "Wrong in `0.2.1`."
    assert since([("0.2.1", "wrong, as above; no other version is published")]) == (
        "Wrong in `0.2.1`; no other version is published."
    )
    assert since(ran[:2]) == "Not seen in `0.1.1`."
    assert since(ran[:1]) == "None of them could be judged."


def test_what_an_operation_does_is_said_by_the_record_and_not_by_its_label() -> None:
    race = _race("step_completed", 20)
    for item in race.evidence.lanes:
        if item.kind == "gate":
            item.access = "write" if item.label.startswith("HSET") else "read"
            item.label = item.label.replace("HGETALL", "look at").replace("HSET", "select")
    [found] = _found(race)
    assert found.window is not None
    assert found.window.line == "dist/s.js:20"


def test_what_follows_from_another_failure_is_none() -> None:
    assert _found(_race("step_completed", 20, defect="consequence")) == []


def test_who_is_killed_has_not_made_the_next_write_and_who_dies_after_it_has() -> None:
    def faulty(kind: str) -> Evidence:
        steps: list[tuple[LaneKind, str]] = [
            ("gate", "HSET runs:run1"),
            ("fault", f"{kind}: what it means"),
            ("gate", "ZADD events:run1"),
        ]
        return Evidence(
            lanes=[LaneItem(lane="A", at=at, label=label, kind=of) for at, (of, label) in enumerate(steps)]
        )

    made, missing = died(faulty("kill"))
    assert made is not None
    assert missing is not None
    assert (made.label, missing.label) == ("HSET runs:run1", "ZADD events:run1")
    made, missing = died(faulty("die"))
    assert made is not None
    assert (made.label, missing) == ("ZADD events:run1", None)


def _misled(rule: str, order: str, variant: str) -> Any:
    """A live reader that is given something else than later readers; ``order``: whose turn it is."""
    turns = [LaneItem(lane=lane, at=at, label="x", kind="gate") for at, lane in enumerate(order)]
    return failed(
        6,
        defect="live-reader",
        rules=[f"stream.live-{rule}"],
        reason=f"a live reader {rule}",
        evidence=Evidence(lanes=turns, schedule=order),
        variant=variant,
    )


def test_live_readers_are_put_together_by_how_they_are_misled() -> None:
    """Told too little between processes, in one, or in a race only; or otherwise than too little."""
    found = _found(
        _misled("kept", "AABBBB--", "write~open"),
        _misled("ends", "BBBB-", "write~cancel"),
        _misled("ends", "ABBBB-", "write~cancel+instance"),
        _misled("kept", "ABBBBA", "close~open+instance"),
        _misled("ends", "BAABAA", "write~close"),
        _misled("order", "ABBA", "write~write+instance"),
        _misled("index", "AABB", "write~open:from-index"),
        _misled("index", "AABB", "write~open:from-index+instance"),
        _misled("once", "ABBA", "write~open:once"),
    )
    together = {one.subject: len(one.places) for one in found}
    assert together == {
        "missed": 2,
        "missed-in-one-process": 1,
        "missed-in-a-race": 2,
        "wrong-order": 1,
        "before-its-index": 2,
        "chunk-twice": 1,
    }


def test_an_order_that_is_wrong_while_the_clock_stands_still_is_a_defect_of_its_own() -> None:
    """What orders the log there is a time; with time that passes the same operations are in order."""

    def wrong(line: int, faults: str, variant: str) -> Any:
        made = _race("step_started", line, defect="order", rules=["log.replays"], variant=variant)
        made.evidence.case = {"faults": faults} if faults else {}
        return made

    found = _found(wrong(20, "", "plain"), wrong(20, "still@0", "one"), wrong(40, "still@0", "two"))
    assert [(one.subject, len(one.places)) for one in found] == [("step_started", 1), ("one-millisecond", 2)]
    assert found[1].slug == "redis-0.2.2-one-millisecond-order"


def test_a_page_that_lacks_events_of_one_millisecond_is_a_sign_of_the_same_defect() -> None:
    """It is told by the order, whatever is easier to read."""
    lacks = _race("step_started", 20, defect="stored-wrong", rules=["list.log"], variant="lacks")
    lacks.evidence.case = {"faults": "still@0"}
    order = _race("step_created", 40, defect="order", rules=["log.replays"], variant="order", level="runtime")
    order.evidence.case = {"faults": "still@0"}
    [one] = _found(lacks, order)
    assert (one.label, one.subject, len(one.places)) == ("order", "one-millisecond", 2)


def test_a_failed_delivery_is_about_the_operation_that_failed_it() -> None:
    """Whatever else raced in the schedule."""
    one = _race("run_started", 20, rules=["logs.failed-delivery"], check="logs", variant="failed")
    one.reason = "a delivery failed with WorkflowAPIError: no such step"
    one.evidence.lanes.append(
        LaneItem(lane="A", at=99, label="step_started step1", kind="answer", text="not_found: no such step")
    )
    found = _found(_race("run_started", 20, variant="other"), one)
    assert [each.subject for each in found] == ["run_started", "step_started"]


def test_only_what_was_asked_for_is_looked_at() -> None:
    matrix = build(factory.record(_race("step_completed", 20, variant="one"), _race("step_failed", 30)))
    assert [one.subject for one in defects(matrix, ["on*"])] == ["step_completed"]
