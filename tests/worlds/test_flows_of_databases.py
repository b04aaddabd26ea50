"""Flows over published Worlds: a run dies, or is at its edge, because a read of its log was no prefix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.core.scenario import Case
from conformance.oracle import check
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.open import OpenWorld, open_world
from tests.opened import opening
from tests.runtime.play import flow_variant, once

_CORE = RuntimeWanted("4.8.9")


@pytest.fixture(scope="module")
def redis() -> Iterator[OpenWorld]:
    """The published redis World, with the real runtime over it."""
    with opening(lambda target, service, _, __: open_world(target, service, "flows", runtime=_CORE)) as make:
        yield make("redis")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "token", "rules"),
    [
        ("even-branches", "aA4bB10bB9bB10bB5A6aA9aA10aA10ab", {"log.prefix-whole"}),
        ("sleep-and-step", "bB9aA12aA10aA5BbB5bB5bB5bB10ba", {"log.prefix-whole", "run.no-divergence"}),
    ],
)
def test_an_event_that_appears_before_what_was_read_is_the_worlds_fault(
    redis: OpenWorld, flow: str, token: str, rules: set[str]
) -> None:
    """Ids are drawn before the write, so the older id may come second."""
    played = once(redis, flow_variant(), token, case=Case(flow=flow))
    assert played.history.broken == ""
    found = check(played.observe("runtime"))
    assert {one.rule for one in found if one.fault == "world"} >= rules
