"""Lanes: the order, the race window, what is left out when there are too many, and the text of them."""

from __future__ import annotations

from typing import Any

from conformance.record.file import EventLine, Evidence, LaneItem
from conformance.record.readable_log import folded
from conformance.report.lanes import around_window, as_text, lay_out
from conformance.report.svg import draw
from tests.report import factory


def lanes(*entries: str) -> Evidence:
    """``"A call x"``: lane, kind, label; ``at`` counts up from 1."""
    items = []
    for at, entry in enumerate(entries, 1):
        lane, kind, label = entry.split(" ", 2)
        given: Any = kind
        items.append(LaneItem(lane=lane, at=at, kind=given, label=label))
    return Evidence(lanes=items)


def test_the_window_is_from_the_stale_look_to_the_last_write_that_relied_on_it() -> None:
    a_writes = ("A gate write", "A answer x")
    shown = lanes(
        "A call x", "A gate read", "B call x", "B gate read", *a_writes, "B gate write", "B answer x"
    )
    assert lay_out(shown).window == (4, 7)


def test_the_window_when_the_first_to_look_is_the_last_to_write() -> None:
    shown = lanes(
        "A call x", "A gate read", "B call x", "B gate all", "B answer x", "A gate write", "A answer x"
    )
    assert lay_out(shown).window == (2, 6)


def test_calls_to_one_end_make_the_window_where_there_are_such() -> None:
    shown = lanes("A call x", "C call y", "B call x", "B answer x", "A answer x", "C gate late", "C answer y")
    assert lay_out(shown).window == (3, 5)


def test_reads_do_not_race_and_the_reason_tells_which_race_is_meant() -> None:
    first = ("A call run_started", "B call run_started", "A answer run_started", "B answer run_started")
    reads = ("A call events.list", "B call events.list", "A answer events.list", "B answer events.list")
    second = (
        "A call step_created s",
        "B call step_created s",
        "A answer step_created s",
        "B answer step_created s",
    )
    shown = lanes(*first, *reads, *second)
    assert lay_out(shown).window == (2, 12)
    assert lay_out(shown, "B's step_created step1 got success").window == (10, 12)
    assert lay_out(lanes(*reads)).window is None


def test_a_source_line_says_what_ran_what_wrote_and_who_called() -> None:
    frames = ["src/fs.ts:469", "src/fs.ts:290", "src/events.ts:1633", "src/index.ts:9"]
    place, compiled = "src/events.ts:1633", "dist/events.js:1192"
    item = LaneItem(lane="A", at=0, kind="gate", label="x", where=place, compiled=compiled, frames=frames)
    evidence = Evidence(lanes=[item, LaneItem(lane="A", at=1, kind="gate", label="y", where="lib.js:7")])
    first, second = lay_out(evidence).sources
    assert (first.line, first.published) == ("src/events.ts:1633", "dist/events.js:1192")
    assert first.beside == "dist/events.js:1192; through src/fs.ts:469; called at src/index.ts:9"
    assert (second.line, second.published, second.beside) == ("lib.js:7", "lib.js:7", "")


def test_no_window_without_a_race() -> None:
    assert lay_out(lanes("A call x", "A answer x", "B call x", "B answer x")).window is None
    assert lay_out(lanes("A call x", "A call y")).window is None
    assert lay_out(Evidence()).window is None


def test_a_window_that_is_given_is_the_window() -> None:
    shown = factory.evidence(window=(1, 2))
    assert lay_out(shown).window == (1, 2)


def test_a_call_answered_at_once_is_one_happening() -> None:
    laid = lay_out(lanes("A call x", "A answer x", "B call x", "A log y", "B answer x"))
    assert [item.kind for item in laid.items] == ["call", "call", "log", "answer"]
    assert laid.items[0].text == "→ answered"


def test_the_suite_s_own_lane_stands_last() -> None:
    assert lay_out(lanes("- queue m", "B call x", "A call x")).names == ["A", "B", "-"]


def test_many_happenings_are_cut_about_the_window() -> None:
    shown = lanes(*[f"A gate {n}" for n in range(50)], "A call x", "B call x", "A answer x", "B answer x",
                  *[f"B gate {n}" for n in range(50)])  # fmt: skip
    kept, before, after = around_window(lay_out(shown), 10)
    assert len(kept.items) == 10
    assert before + after == 94
    assert all(kept.in_window(item) or item.kind != "answer" for item in kept.items)
    assert {item.label for item in kept.items} >= {"x"}


def test_as_text() -> None:
    text = as_text(lay_out(factory.evidence())).splitlines()
    assert text[0].split() == ["A", "B"]
    assert text[1].startswith("  → events.create step_completed result=1")
    assert text[2].endswith("dist/storage/events.js:214")
    assert text[4].startswith("| ")
    assert text[4].index("•") > 40


def test_the_drawing_holds_every_happening_within_its_bounds() -> None:
    drawing = draw(lay_out(factory.evidence()))
    assert len(drawing.spots) == 10
    assert all(0 < spot.x < drawing.width and 0 < spot.y < drawing.height for spot in drawing.spots)
    assert [head.name for head in drawing.heads] == ["A", "B"]
    assert drawing.window is not None
    assert drawing.title == "Lanes of A and B: 10 trace entries, the race window from 4 to 7"


def test_the_same_event_in_a_row_is_folded() -> None:
    events = [EventLine(id=str(n), type="run_started", at=str(n)) for n in range(3)]
    events += [EventLine(id="4", type="run_started", offending=True), EventLine(id="5", type="run_completed")]
    assert [(told.event.type, told.count) for told in folded(events)] == [
        ("run_started", 3), ("run_started", 1), ("run_completed", 1),
    ]  # fmt: skip


def test_ids_get_the_names_the_engine_gave_them() -> None:
    long = "step_01KE01DES4APXF4HMH5C4214Q5"
    other = "wait_01KE01DES4APXF4HMH5C421ZZZ"
    shown = factory.evidence(
        case={"id": long},
        lanes=[LaneItem(lane="A", at=1, kind="call", label=f"step_created {long}", text=other)],
        events=[EventLine(id=long, type="step_created", correlation_id=long, data={"x": [long]})],
        names={long: "step1"},
    )
    verdict = factory.matrix_of(factory.failed(6, evidence=shown)).rows[0].cells[6].marks["convergence"].worst
    assert verdict is not None
    assert verdict.evidence is not None
    assert verdict.evidence.lanes[0].label == "step_created step1"
    assert verdict.evidence.lanes[0].text == "wait_…1ZZZ"
    assert verdict.evidence.events[0].data == {"x": ["step1"]}
    assert verdict.evidence.case == {"id": long}
