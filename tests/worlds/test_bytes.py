"""A World gets values as the runtime sends them: bytes, under its own spec version."""

from __future__ import annotations

from pathlib import Path

from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.search.budget import Limits
from conformance.search.judge import Judge

_TOY = Path(__file__).parent / "toys" / "bytes"
_LIMITS = Limits((Case(),), searched=10, generated=0, free=0, replays=1)


def test_a_world_that_keeps_bytes_alone_is_right() -> None:
    target = parse(str(_TOY))
    opened = open_world(target, None, "bytes")
    try:
        [variant] = [one for one in by_id("run_completed").at("storage") if one.name == "complete-complete"]
        verdicts = Judge(opened.driver).judge(variant, _LIMITS)
        assert [one.outcome for one in verdicts] == ["pass"] * 3, [one.reason for one in verdicts]
        assert opened.driver.spec_version == 3
    finally:
        opened.driver.close()
