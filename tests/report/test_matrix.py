"""The matrix: which state a mark has, over variants, shards and runs."""

from __future__ import annotations

from conformance.record.file import Planned, Record, Verdict
from conformance.report.html import render_html
from conformance.report.json_matrix import render_json
from conformance.report.markdown import render_table
from conformance.report.matrix import Matrix, build
from tests.report import factory
from tests.report.factory import failed, header, passed, run


def matrix(*verdicts: Verdict) -> Matrix:
    return build(Record([run(list(verdicts))]))


def state(made: Matrix, scenario: int, check: str = "convergence") -> str:
    marks = {mark.check: mark for mark in made.rows[0].cells[scenario].marks.values()}
    return next(mark.state for name, mark in marks.items() if name == check)


def test_every_kind_of_verdict_has_its_state() -> None:
    made = build(factory.record())
    assert [state(made, number) for number in range(1, 9)] == [
        "pass", "pass", "unsupported", "inconclusive", "pass", "fail", "fail", "not_judged",
    ]  # fmt: skip
    assert [mark.defect for mark in made.rows[0].cells[6].marks.values()] == [
        "not-atomic",
        "dialect",
        "noisy",
    ]


def test_a_cell_is_as_bad_as_its_worst_variant() -> None:
    made = matrix(
        passed(6, variant="a"), failed(6, variant="b"), passed(6, variant="c", verdict="inconclusive")
    )
    mark = made.rows[0].cells[6].marks["convergence"]
    assert mark.state == "fail"
    assert [one.verdict.variant for one in mark.judged] == ["b", "c", "a"]


def test_a_broken_should_stays_green_with_a_note() -> None:
    made = matrix(failed(7, severity="should"), passed(1, shoulds=[factory.finding()]))
    assert state(made, 7) == state(made, 1) == "pass"
    assert [made.rows[0].cells[number].marks["convergence"].notes for number in (7, 1, 2)] == [1, 1, 0]


def test_what_was_planned_and_not_reached_is_not_judged() -> None:
    line = factory.world(planned=factory.planned(1, 2))
    made = build(Record([run([passed(1)], worlds=[line], footer=None)]))
    assert state(made, 2) == "not_judged"
    assert made.rows[0].cells[2].marks["convergence"].planned
    assert not made.rows[0].cells[3].marks["convergence"].planned


def test_a_world_of_which_nothing_was_judged_still_has_its_row() -> None:
    line = factory.world("mongodb", planned=factory.planned(1))
    made = build(Record([run([], worlds=[line], footer=None)]))
    assert [row.key.title for row in made.rows] == ["mongodb 0.2.2 · storage"]
    assert made.count("not_judged") == 27


def test_a_variant_that_was_not_reached_shows() -> None:
    plans = [Planned(level="storage", scenario=6, variant=name) for name in "ab"]
    made = build(Record([run([passed(6, variant="a")], worlds=[factory.world(planned=plans)])]))
    assert state(made, 6) == "not_judged"
    assert made.rows[0].cells[6].marks["convergence"].missing == ["b"]


def test_the_newest_run_speaks_but_only_of_what_it_judged() -> None:
    old = run([failed(6), failed(7)], header=header(run="1", started="2026-11-01T00:00:00Z"))
    new = run([passed(6)], header=header(run="2", started="2026-11-02T00:00:00Z"))
    made = build(Record([old, new]))
    assert (state(made, 6), state(made, 7)) == ("pass", "fail")


def test_shards_of_one_run_give_the_worst() -> None:
    shards = [
        run([failed(6)], header=header(shard="1/2")),
        run([passed(6), passed(7)], header=header(shard="2/2", started="2026-11-20T10:00:05Z")),
    ]
    made = build(Record(shards))
    assert (state(made, 6), state(made, 7)) == ("fail", "pass")


def test_shards_give_the_matrix_of_the_unsharded_run() -> None:
    whole = factory.all_kinds()
    shards = [run(whole[index::4], header=header(shard=f"{index + 1}/4")) for index in range(4)]

    def states(made: Matrix) -> list[str]:
        return [mark.state for _, _, mark in made.marks]

    assert states(build(Record(shards))) == states(build(Record([run(whole)])))


def test_rows_are_ordered_by_world_version_and_level() -> None:
    made = matrix(
        passed(world="redis", version="0.10.0"),
        passed(world="redis", version="0.2.0", level="runtime", runtime="4.8.9"),
        passed(world="redis", version="0.2.0", level="handlers"),
        passed(world="redis", version="0.2.0", implementation="reference"),
        passed(world="mongodb"),
        passed(world="redis", version="0.2.0"),
    )
    assert [row.key.title for row in made.rows] == [
        "mongodb 0.2.2 · storage",
        "redis 0.2.0 · storage",
        "redis 0.2.0 · handlers",
        "redis 0.2.0 · runtime 4.8.9",
        "redis 0.10.0 · storage",
        "redis (reference) 0.2.0 · storage",
    ]


def test_the_matrix_holds_no_control_characters() -> None:
    made = matrix(failed(6, reason="\x1b]0;title\x07red \x1b[31mtext\x1b[0m\x00\u202e"))
    worst = made.rows[0].cells[6].marks["convergence"].worst
    assert worst is not None
    assert worst.reason == "red text"


def test_the_state_machine_is_judged_as_any_other_scenario() -> None:
    made = build(factory.record(factory.failed(0)))
    (cell,) = [cell for _, cell, _ in made.failures]
    assert (cell.title, cell.state, cell.probe) == ("0 state_machine", "fail", "")


def test_a_scenario_that_a_level_does_not_have_is_not_said_to_be_not_judged() -> None:
    made = build(Record([run([passed(1), passed(1, level="handlers")])]))
    at = {row.key.level: row for row in made.rows}
    assert list(at["storage"].cells[0].marks) == list(at["handlers"].cells[1].marks) != []
    assert at["handlers"].cells[0].marks == {}
    assert at["storage"].count("not_judged") - at["handlers"].count("not_judged") == 3
    rows = render_json(made)["rows"]
    assert [("0" in row["cells"], "1" in row["cells"]) for row in rows] == [(True, True), (False, True)]
    table = [line for line in render_table(made).splitlines() if line.startswith("| redis")]
    assert [line.split(" | ")[1] for line in table] == ["⬜⬜⬜", "–"]
    assert "is not played at level handlers" in render_html(made)


def test_a_record_that_has_such_a_verdict_shows_it() -> None:
    made = build(Record([run([passed(0, level="handlers")])]))
    assert state(made, 0) == "pass"
