"""The suite bites on real databases: each mutant of each reference world is caught, and for what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.core.content import content
from conformance.provision.catalog.find import load
from conformance.provision.services.service import Service
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from tests.needs import stores

from .judged import judge_of, judged, variants
from .stores import STORES, make_world, shipped

MUTANTS = shipped("_reference.mutants").MUTANTS
#: those that races show; one caller shows the others: tests/reference/test_time_zones.py
_RACED = [mutant for mutant in MUTANTS if mutant.scenarios != (0,)]


@pytest.mark.parametrize("mutant", _RACED, ids=lambda mutant: mutant.name)
@pytest.mark.parametrize("name", stores(sorted(STORES), slow=("mongodb", "postgres")))
def test_is_caught(name: str, mutant: Any, service: Callable[[str], Service]) -> None:
    """By the first scenario that is to catch it, and on the quickest of the databases by all of them."""
    server = service(name) if load(name).service is not None else None
    with judge_of(name, server, mutant.name) as judge:
        for number in mutant.scenarios if name == "turso" else mutant.scenarios[:1]:
            found = _first_failure(judge, number)
            assert found is not None, f"scenario {number} passes {mutant.name} on {name}: {mutant.breaks}"
            assert found.defect == mutant.defect, f"scenario {number}: {found.defect}: {found.reason}"


def _first_failure(judge: Judge, number: int) -> Verdict | None:
    """The first verdict that is red, over all variants of a scenario at level storage."""
    for variant in variants("storage", (number,)):
        for verdict in judged(judge, variant, 20):
            if verdict.outcome == "fail":
                return verdict
    return None


@pytest.mark.parametrize("name", sorted(STORES))
def test_unknown_mutants_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no mutant 'nobody'; there are: start-not-atomic"):
        make_world(name, mutant="nobody")


def test_each_part_of_a_guard_is_taken_out_alone() -> None:
    """The others stay, and are asked in the statement itself."""
    moves = shipped("_reference.sql").MOVES
    made = [one for one in shipped("turso.mutants").made_ones() if one.operator == "guard-part"]
    texts = set()
    for one in made:
        kind = one.place.partition(".")[0]
        text = make_world("turso", mutant=one.name, path="").statement(kind)
        assert text != moves[kind]
        assert not one.kinds, "its whole guard is looked at first"
        texts.add((kind, text))
    assert len(texts) == len(made) > 20


def test_the_page_lists_them() -> None:
    page = (content("worlds").parent / "docs" / "reference-worlds.md").read_text(encoding="utf-8")
    for one in MUTANTS:
        numbers = ", ".join(map(str, one.scenarios))
        assert f"| `{one.name}` | {one.breaks} | {numbers} | {one.defect} |" in page
