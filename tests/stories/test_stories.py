"""Every red verdict tells one story: its sentence, its label, its rules, its lanes and its log agree."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.core.scenario import Variant
from conformance.core.scenarios import all_scenarios
from conformance.memory.mutants import MUTANTS, Mutant
from conformance.provision.catalog.select import select
from conformance.record.convert import convert
from conformance.record.lines import Evidence, FindingLine, LaneItem, Verdict
from conformance.record.provenance import Provenance
from conformance.spec.lines import line_of
from tests.mutants.judged import judged
from tests.stories.check import CONTROL, contradictions, unlogged
from tests.stories.forty import chosen, published, told

_BY_NUMBER = {scenario.number: scenario for scenario in all_scenarios()}
#: Those that a scenario catches; what only the race map catches is judged in ``tests/racemap``.
_CAUGHT = [
    name for name, one in MUTANTS.items() if {caught.scenario for caught in one.caught} <= _BY_NUMBER.keys()
]
#: A few from each file of mutants: in a second or two.
_SOME = _CAUGHT[::9]


def reds(mutant: Mutant) -> Iterator[Verdict]:
    """The red verdicts on a mutant, as a record holds them."""
    [target] = select(["memory"], options=[f"mutant={mutant.name}"])
    cells = {(caught.scenario, caught.level, caught.faulty) for caught in mutant.caught}
    for number, level, faulty in sorted(cells):
        scenario = _BY_NUMBER[number]
        line = line_of(mutant.world().spec_version)
        variants: list[Variant] = scenario.faulty(level) if faulty else scenario.at(level, line)
        for variant in variants:
            context = Provenance(
                target, None, scenario, level, variant.name, f"{scenario.id}[memory-{level}]"
            )
            yield from (one for one in (convert(v, context) for v in judged(mutant, variant)) if one.red)


def _wrong(mutant: Mutant) -> list[str]:
    return [
        f"{mutant.name}: {one.scenario} {one.level} {one.variant} {one.check}: {wrong}"
        for one in reds(mutant)
        for wrong in (*contradictions(one), *unlogged(one))
    ]


@pytest.mark.parametrize("name", _SOME)
def test_the_reds_of_some_mutants_agree_with_their_lanes(name: str) -> None:
    assert _wrong(MUTANTS[name]) == []


def test_errors_that_are_logged_while_the_queue_is_drained_are_on_the_lanes_and_say_so() -> None:
    late = 0
    for red in reds(MUTANTS["second-start-raises"]):
        assert unlogged(red) == []
        lanes = red.evidence.lanes if red.evidence is not None else []
        late += sum(item.text == "error, after the race" for item in lanes)
    assert late


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in _CAUGHT if name not in _SOME])
def test_so_do_those_of_the_others(name: str) -> None:
    assert _wrong(MUTANTS[name]) == []


# -- the published matrix -----------------------------------------------------------------------------

#: Cells of the published matrix that a suite judged which did not look at real time. They are wrong until the
#: matrix is made again: a verdict that has a finding for each rule may not be among them.
_BEFORE_REAL_TIME = {(world, "runtime", "only-message-twice") for world in ("local", "postgres")}


def _is_known(verdict: Verdict) -> bool:
    known = (verdict.world, verdict.level, verdict.variant) in _BEFORE_REAL_TIME
    # That suite also took a race in which an hour passes for a control.
    late = verdict.level == "storage" and contradictions(verdict) == [CONTROL]
    return late or (known and not verdict.broken)


def test_so_do_all_reds_of_the_published_matrix() -> None:
    found = list(published())
    assert len(found) > 40
    assert [wrong for red in found if not _is_known(red) for wrong in contradictions(red)] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_by_seed_are_of_many_packages_and_can_be_read(seed: int) -> None:
    """Those that a person reads with ``python -m tests.stories.forty SEED``."""
    forty = [*chosen(list(published()), seed, 30), *_some_of_mutants(seed, 10)]
    assert len(forty) == 40
    assert len({(red.world, red.version, red.level, red.runtime) for red in forty}) >= 10
    for red in forty:
        text = told(red)
        assert red.reason in text
        assert _is_known(red) or "story, label, lines and lanes agree" in text, text


def _some_of_mutants(seed: int, most: int) -> list[Verdict]:
    found: list[Verdict] = []
    for name in random.Random(seed).sample(_SOME, len(_SOME)):
        found += list(reds(MUTANTS[name]))[: most - len(found)]
        if len(found) == most:
            break
    return found


# -- the reader of stories notices -------------------------------------------------------------------


def _item(lane: str, at: int, kind: str, label: str, text: str = "") -> LaneItem:
    return LaneItem(lane=lane, at=at, kind=kind, label=label, text=text)  # type: ignore[arg-type]


_REVIVED = [
    _item("A", 1, "call", "run_started"),
    _item("A", 2, "answer", "run_started", "success, run running"),
    _item("B", 3, "call", "run_started"),
    _item("B", 4, "answer", "run_started", "success, run running"),
    _item("A", 5, "call", "run_completed"),
    _item("A", 6, "answer", "run_completed", "success, run completed"),
]


def _red(reason: str, lanes: list[LaneItem], **more: object) -> Verdict:
    return Verdict(
        world="w",
        level="storage",
        check="convergence",
        verdict="fail",
        scenario=1,
        reason=reason,
        evidence=Evidence(lanes=lanes),
        **more,  # type: ignore[arg-type]
    )


def test_a_call_that_was_answered_before_the_end_began_is_no_revival() -> None:
    reason = "B's run_started got success; right is gone or a conflict"
    assert len(contradictions(_red(reason, _REVIVED))) == 1
    late = [*_REVIVED[:2], *_REVIVED[4:], _item("B", 7, "call", "run_started")]
    late += [_item("B", 8, "answer", "run_started", "success, run running")]
    assert contradictions(_red(reason, late)) == []


def test_a_creation_that_was_taken_was_not_refused() -> None:
    asked = _item("A", 1, "call", "step_created step1")
    taken = _item("A", 2, "answer", "step_created step1", "success")
    refused = _item("A", 2, "answer", "step_created step1", "conflict: it is there")
    reason = "step1 is stored, but its creation was refused"
    assert len(contradictions(_red(reason, [asked, taken]))) == 1
    assert contradictions(_red(reason, [asked, refused])) == []


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("C's run_started got success; right is gone", {}),
        ("3 callers got a success for completing run1: each goes on as the one who ended it", {}),
        ("nobody who asked for run_started of run1 can go on: the run is stuck", {}),
        ("the log of run1 holds step_created step1 that no success explains", {}),
        ("x", {"defect": "half-done"}),
        ("x", {"control": "breaks the rule without a race"}),
        ("x", {"defect": "no-guard", "control": "2 sequential orders, as they should be"}),
        ("x", {"rules": ["log.folds"], "broken": [FindingLine(rules=["run.terminal-once"], reason="x")]}),
    ],
)
def test_what_the_lanes_do_not_show_is_a_contradiction(reason: str, more: dict[str, object]) -> None:
    assert len(contradictions(_red(reason, _REVIVED, **more))) >= 1
