"""Known defects: the file, and how the verdicts of two versions are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli import _known
from conformance.cli._known import Defect, add_known, known_defects, read_known
from conformance.core.errors import ConformanceError
from conformance.racemap.find import by_id
from conformance.racemap.variants import RACE_MAP
from conformance.record.lines import FindingLine, Verdict
from conformance.spec.rules import RULES

_DEFECT = Defect(
    report="x/y#1",
    about="it breaks",
    world="postgres",
    affected="1.0.0",
    fixed="1.0.1",
    scenario="run_started",
    variant="create-again",
    rules=("run.created-once",),
)


def _verdict(**more: object) -> Verdict:
    fields: dict[str, object] = {
        "world": "postgres",
        "level": "storage",
        "scenario": 1,
        "variant": "create-again",
        "check": "convergence",
        "verdict": "pass",
        **more,
    }
    return Verdict(**fields)  # type: ignore[arg-type]


_RED = _verdict(verdict="fail", rules=["run.created-once"])
_OTHER = _verdict(verdict="fail", rules=["run.exists"])
_NOTE = _verdict(shoulds=[FindingLine(rules=["run.created-once"], reason="x")])


def test_each_names_a_variant_and_rules_that_exist() -> None:
    for defect in known_defects():
        if not defect.shown:
            assert not defect.variant
            continue
        scenario, faulty = by_id(defect.scenario), defect.variant.endswith("+faults")
        variants = scenario.faulty(defect.level) if faulty else scenario.at(defect.level)
        assert defect.variant in [one.name for one in variants]
        assert defect.mapped == (scenario is RACE_MAP)
        assert defect.rules
        assert {RULES[rule].severity for rule in defect.rules} == {defect.severity}


def test_what_cannot_be_shown_is_listed_with_the_reason_and_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_known, "_verdicts", lambda *_: pytest.fail("it is judged"))
    defect = Defect(
        report="x/y#2", about="it breaks", world="local", affected="1.0.0", why_not="no answers are held"
    )
    [found] = _known.judge_known([defect])
    assert not found.found
    page = _known.page([found])
    assert "Not shown:\n\n- x/y#2, it breaks (local 1.0.0): no answers are held" in page


def test_a_note_is_enough_where_the_rules_are_shoulds(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = {"1.0.0": [_NOTE], "1.0.1": [_verdict()]}
    monkeypatch.setattr(_known, "_verdicts", lambda _world, version, *_: verdicts[version])
    fields = {name: getattr(_DEFECT, name) for name in _DEFECT.__struct_fields__}
    assert [one.found for one in _known.judge_known([Defect(**(fields | {"severity": "should"}))])] == [True]
    assert [one.found for one in _known.judge_known([_DEFECT])] == [False]


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([_RED], "red"),
        ([_verdict()], "green"),
        ([_OTHER], "green"),
        ([_NOTE], "a note"),
        ([_verdict(variant="another")], "not judged: the variant is missing"),
        ([_verdict(verdict="inconclusive")], "not judged: the variant is missing"),
        ("no database", "not judged: no database"),
    ],
)
def test_a_version_is_red_green_or_not_judged(verdicts: list[Verdict] | str, said: str) -> None:
    assert _known._state(_DEFECT, verdicts) == said


def test_a_defect_is_found_when_it_is_red_before_its_fix_and_green_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = {"1.0.0": [_RED], "1.0.1": [_verdict()]}
    monkeypatch.setattr(_known, "_verdicts", lambda _world, version, *_: verdicts[version])
    [found] = _known.judge_known([_DEFECT])
    assert found.found
    assert "| postgres | 1.0.0: red | 1.0.1: green | found |" in _known.page([found])
    verdicts["1.0.1"] = [_RED]
    [found] = _known.judge_known([_DEFECT])
    assert not found.found
    assert "**missed**" in _known.page([found])


def test_what_was_found_is_kept_report_by_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def cannot(*run: object) -> str:
        asked.append(run)
        return "no network"

    monkeypatch.setattr(_known, "_verdicts", cannot)
    first, second, *_ = [one for one in known_defects() if one.shown]
    file = tmp_path / "known.jsonl"
    found = _known.judge_known([first, second])
    add_known(file, next(found))
    # The second was not begun, and its versions of the same World are judged once.
    assert len(asked) == len({first.affected, first.fixed})
    assert [(one.defect, one.before) for one in read_known(file)] == [(first, "not judged: no network")]
    assert "not judged: no network" in _known.page(read_known(file))
    file.write_text("{}\n")
    with pytest.raises(ConformanceError, match="does not say what was found"):
        read_known(file)


def test_a_pair_of_the_race_map_is_chosen_alone() -> None:
    [defect] = [one for one in known_defects() if one.mapped]
    words = defect.chosen.split(" and ")
    assert words[0] == "hook_disposed"
    assert {"not run_completed", "not hook_received", "not hooks.getByToken", "not programs"} <= {*words[1:]}
