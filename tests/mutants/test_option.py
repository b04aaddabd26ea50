"""Choosing a mutant: by an option of the memory world, with a word of help for a wrong name."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import ConformanceError
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS
from conformance.memory.mutants.document import document
from conformance.memory.numbered import NumberedWorld
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.select import select
from conformance.provision.open import open_world

_DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["attempt-lost", "attempt_lost", "drops-rest"])
def test_the_driver_is_of_the_mutant(name: str) -> None:
    [target] = select(["memory"], options=[f"mutant={name}"])
    opened = open_world(target, None)
    mutant = MUTANTS[name.replace("_", "-")]
    assert isinstance(opened.driver, InProcessDriver)
    assert type(opened.driver.world) is type(mutant.world())
    assert opened.policy is mutant.policy
    assert opened.code.notes == (f"mutant {mutant.name}: {mutant.about}",)


def test_the_world_of_line_5_is_an_option() -> None:
    [target] = select(["memory"], options=["spec=6"])
    opened = open_world(target, None)
    assert isinstance(opened.driver, InProcessDriver)
    assert isinstance(opened.driver.world, NumberedWorld)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("mutant=atempt-lost", "attempt-lost"),
        ("mutant=xyzzy", "docs/mutants.md"),
        ("keyPrefix=a", "mutant=NAME"),
        ("spec=5", "It has 6"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(option: str, hint: str) -> None:
    [target] = select(["memory"], options=[option])
    with pytest.raises(ConformanceError) as caught:
        resolve(target)
    assert hint in caught.value.hint


def test_the_page_lists_them_all() -> None:
    assert (_DOCS / "mutants.md").read_text() == document(), (
        "run: python -m conformance.memory.mutants.document > docs/mutants.md"
    )
