"""Pages about streams are read by people who do not know the race map."""

from __future__ import annotations

from conformance.core.scenario import TOGETHER
from conformance.racemap.live_readers import live_variants
from conformance.record.lines import EventLine, Evidence, LaneItem
from conformance.report.issue import picture
from conformance.report.racemap import raced
from conformance.report.streams import legend
from tests.report.factory import failed

_PLACE = "stream.write~stream.open:closing@running+stream-empty"


def test_what_races_is_said_in_words() -> None:
    alone = failed(900, variant=_PLACE)
    assert raced(alone, "") == (
        "a live reader comes while another actor writes the last chunk and closes; the stream is empty"
    )
    assert raced(failed(900, variant=_PLACE + TOGETHER), "").endswith(
        "the stream is empty, all in one process"
    )
    pair = failed(900, variant="run_started~run_cancelled@pending")
    assert raced(pair, "") == "run_started meets run_cancelled, from pending"


def test_each_operation_of_the_lanes_is_explained_once() -> None:
    labels = ["stream.open first, from 0", "stream.write A1", "stream.write A2", "GET closed"]
    evidence = Evidence(
        lanes=[LaneItem(lane="A", at=at, label=one, kind="call") for at, one in enumerate(labels)]
    )
    _, _, *said = legend(evidence)
    assert [line.split("`")[1] for line in said] == ["stream.open", "stream.write"]
    assert not [*legend(Evidence(lanes=[LaneItem(lane="A", at=1, label="run_created", kind="call")]))]


def test_what_was_there_before_the_race_is_said() -> None:
    cancelled = LaneItem(lane="A", at=1, label="stream.cancel first", kind="call")
    rest = LaneItem(lane="-", at=2, label="stream.rest second", kind="answer", text="given, no end")
    said, *_ = legend(Evidence(lanes=[cancelled, rest]))
    assert said.endswith(
        "Opened before the race, from index 0: `first` and `second`. The chunk `given` was written before it."
    )
    opened = LaneItem(lane="A", at=1, label="stream.open first, from 1", kind="call")
    said, *_ = legend(
        Evidence(lanes=[opened, LaneItem(lane="-", at=2, label="stream.rest first", kind="call")])
    )
    assert said.endswith("in the process of A.")


def test_every_operation_that_races_has_an_explanation() -> None:
    raced_ones = {op for one in live_variants() for op in one.name.partition("@")[0].split(":")[0].split("~")}
    for op in (*raced_ones, "stream.rest", "stream.read"):
        assert len([*legend(Evidence(lanes=[LaneItem(lane="A", at=1, label=op, kind="call")]))]) == 3, op


def test_the_log_of_events_is_left_out_where_it_says_nothing() -> None:
    lanes = [LaneItem(lane="A", at=1, label="call", kind="call")]
    evidence = Evidence(lanes=lanes, schedule="A", events=[EventLine(id="event1", type="run_created")])
    assert "run_created" in picture(failed(6, rules=["step.terminal-once"]), evidence)
    assert "run_created" not in picture(failed(6, rules=["stream.live-kept"]), evidence)
