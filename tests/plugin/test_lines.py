"""What a failing test prints of one verdict."""

from __future__ import annotations

import pytest

from conformance.plugin.items import _line
from tests.report.factory import failed


@pytest.mark.parametrize(
    ("replayed", "says"), [("20/20", "20/20 times; again with: "), ("0/0", "not replayed yet; again with: ")]
)
def test_a_failure_says_how_often_it_came_back_and_how_to_replay_it(replayed: str, says: str) -> None:
    verdict = failed(replayed=replayed)
    assert verdict.evidence is not None
    assert says + verdict.evidence.replay in _line(verdict)
