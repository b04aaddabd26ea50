"""On every store a World of line 5.x that numbers its events in a wrong way is red by the right rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.core.content import content
from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.find import load
from conformance.provision.services.service import Service
from conformance.search.strategies import Replay
from tests.needs import stores

from .judged import judge_of, judged, variants
from .stores import ALL, shipped

MUTANTS = shipped("_reference.misnumbered").SLOT_MUTANTS


#: A third actor is needed, so that more comes after what was passed over. A call has one gate before it is
#: taken, on PostgreSQL two. On files a lost attempt reads the time anew: there times are in order.
_PASSED_OVER = dict.fromkeys(("mongodb", "redis", "turso"), "BBACB") | {"postgres": "BBBAACCB"}


#: What does not depend on the store is tried on one.
_ANYWHERE = ("slots-with-holes", "slots-unpadded")
_CASES = [
    pytest.param(*param.values, mutant, marks=param.marks, id=f"{param.values[0]}-{mutant.name}")
    for param in stores(sorted(ALL), slow=("local", "mongodb", "postgres"))
    for mutant in MUTANTS
    if (mutant.name not in _ANYWHERE or param.values == ("turso",))
    and mutant.only in ("", *param.values)
    and (mutant.name != "pages-by-time" or param.values[0] in _PASSED_OVER)
]


@pytest.mark.parametrize(("name", "mutant"), _CASES)
def test_is_caught(name: str, mutant: Any, service: Callable[[str], Service]) -> None:
    server = service(name) if load(name).service is not None else None
    number, _, wanted = mutant.caught.partition("/")
    [variant] = [one for one in variants("storage", (int(number),), 5) if one.name == wanted]
    with judge_of(name, server, mutant.name) as judge:
        if mutant.name == "pages-by-time":
            [choose] = Replay(_PASSED_OVER[name]).choosers()
            played = judge.trials.play(variant, Case(actors=3), choose)
            found = {one.rule for one in check(played.observe("storage"))}
        else:
            found = {
                rule for one in judged(judge, variant, 12) if one.outcome == "fail" for rule in one.rules
            }
    assert mutant.rule in found


def test_the_page_lists_them() -> None:
    page = (content("worlds").parent / "docs" / "reference-worlds.md").read_text(encoding="utf-8")
    for one in MUTANTS:
        assert f"| `{one.name}` | {one.breaks} | {one.caught} | `{one.rule}` |" in page
