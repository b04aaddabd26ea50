"""Known defects: the file, and how what is said of two versions is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli import _known_judge
from conformance.cli._known import Defect, Known, add_known, known_defects, page, read_known
from conformance.cli._known_judge import Said, Services, judge_known
from conformance.core.errors import ConformanceError
from conformance.core.flows import SHAPES
from conformance.provision.catalog.target import Target, parse
from conformance.queues.catalogue import PROBES
from conformance.racemap.find import by_id, variant_of
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
_RED = Said(broken=frozenset({"run.created-once"}))
_OTHER = Said(broken=frozenset({"run.exists"}))
_NOTE = Said(noted=frozenset({"run.created-once"}))


def _judge(monkeypatch: pytest.MonkeyPatch, said: dict[str, Said | str], defect: Defect = _DEFECT) -> Known:
    """What is found of a defect when that is said of its versions; a text: why one cannot be judged."""

    def judged(_defect: Defect, version: str, _services: Services) -> Said:
        one = said[version]
        if isinstance(one, str):
            raise ConformanceError(one)
        return one

    monkeypatch.setattr(_known_judge, "judge_version", judged)
    [found] = judge_known([defect])
    return found


def _like(**more: object) -> Defect:
    return Defect(**{name: getattr(_DEFECT, name) for name in _DEFECT.__struct_fields__} | more)


@pytest.mark.parametrize("defect", known_defects(), ids=lambda one: f"{one.report}-{one.world}")
def test_each_names_what_shows_it_and_rules_that_exist(defect: Defect) -> None:
    ways = [bool(defect.variant), bool(defect.probe), bool(defect.shape)]
    assert sum(ways) == defect.shown, "one way to show it, or the reason why there is none"
    if defect.variant:
        assert variant_of(by_id(defect.scenario), defect.level, defect.variant) is not None
    if defect.probe:
        assert defect.probe in PROBES
    if defect.shape:
        assert defect.shape in SHAPES
        assert defect.world == "core"
    assert bool(defect.rules) == defect.shown
    assert {RULES[rule].severity for rule in defect.rules} <= {defect.severity}


def test_no_report_is_there_twice_for_one_package() -> None:
    keys = [one.key for one in known_defects()]
    assert len(keys) == len(set(keys))


def test_what_cannot_be_shown_is_listed_with_the_reason_and_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defect = Defect(
        report="x/y#2", about="it breaks", world="local", affected="1.0.0", why_not="no answers are held"
    )
    found = _judge(monkeypatch, {}, defect)
    assert not found.found
    assert "Not shown:\n\n- x/y#2, it breaks (local 1.0.0): no answers are held" in page([found])


def test_a_note_is_enough_where_the_rules_are_shoulds(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Said | str] = {"1.0.0": _NOTE, "1.0.1": Said()}
    assert _judge(monkeypatch, said, _like(severity="should")).found
    assert not _judge(monkeypatch, said).found


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (_RED, "red"),
        (Said(), "green"),
        (_OTHER, "green"),
        (_NOTE, "a note"),
        ("no database", "not judged: no database"),
    ],
)
def test_a_version_is_red_green_or_not_judged(
    monkeypatch: pytest.MonkeyPatch, said: Said | str, word: str
) -> None:
    assert _judge(monkeypatch, {"1.0.0": said, "1.0.1": Said()}).before == word


def test_a_defect_is_found_when_it_is_red_before_its_fix_and_green_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = _judge(monkeypatch, {"1.0.0": _RED, "1.0.1": _OTHER})
    assert found.found
    assert "| postgres | 1.0.0: red | 1.0.1: green | found |" in page([found])
    missed = _judge(monkeypatch, {"1.0.0": _RED, "1.0.1": _RED})
    assert not missed.found
    assert "**missed**" in page([missed])


def test_what_was_found_is_kept_report_by_report(tmp_path: Path) -> None:
    file = tmp_path / "known.jsonl"
    first, second, *_ = [one for one in known_defects() if one.shown]
    for one in (
        Known(first, "not judged: no network", ""),
        Known(second, "red", ""),
        Known(first, "red", ""),
    ):
        add_known(file, one)
    assert [(one.defect, one.before) for one in read_known(file)] == [(first, "red"), (second, "red")]
    file.write_text("{}\n")
    with pytest.raises(ConformanceError, match="does not say what was found"):
        read_known(file)


def test_a_defect_is_judged_by_its_variant_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The versions are the World in memory with a mutant, and without one."""

    def version(text: str) -> Target:
        mutant = text.partition("@")[2]
        return replace(parse("memory"), options={"mutant": mutant} if mutant != "right" else {})

    monkeypatch.setattr(_known_judge, "parse", version)
    step = {"scenario": "step_completed", "variant": "complete-complete", "rules": ("step.terminal-once",)}
    race = _like(affected="unguarded:step-completed", fixed="right", **step)
    crash = _like(
        affected="logs-later",
        fixed="right",
        scenario="step_completed",
        variant="step_completed-then-step_completed",
        rules=("log.repeat-needs-event",),
    )
    assert [one.found for one in judge_known([race, crash])] == [True, True]
