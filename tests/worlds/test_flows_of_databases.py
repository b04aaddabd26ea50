"""A flow over published Worlds: its run dies because a read of its log was no prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.open import OpenWorld, open_world
from conformance.search.judge import Judge
from tests.opened import opening
from tests.runtime.play import SMALLEST, variant

_CORE = RuntimeWanted("4.8.9", translate=True)
_REPLAYS = 2


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], OpenWorld]]:
    """``opened("redis")``: that published World, with the real runtime over it."""
    with opening(lambda target, service, _, __: open_world(target, service, "flows", runtime=_CORE)) as make:
        yield make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "token"),
    [
        ("postgres", "aA7bB8bB8bB8bB3AaA3aA3aA3aA8ab"),
        ("redis", "aA9bB10bB9bB10bB5AaA5aA5aA5aA10ab"),
    ],
)
def test_an_event_that_appears_before_what_was_read_is_the_worlds_fault(
    opened: Callable[[str], OpenWorld], world: str, token: str
) -> None:
    """Ids are drawn before the write, so the older id may come second. Over a World that gives every reader a
    true log the flow lives (``tests/reference/test_runtime.py``)."""
    judge = Judge(opened(world).driver)
    convergence = judge.replay(variant("8/even-branches"), SMALLEST, token, _REPLAYS)[0]
    assert (convergence.outcome, convergence.fault) == ("fail", "world"), convergence.reason
    again = {one.finding.rule for one in judge.trials.failures.values() if one.reproduced == _REPLAYS}
    assert again >= {"log.prefix-whole", "run.no-divergence"}
