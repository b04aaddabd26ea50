"""A moment that does not come: neither by the clock of the suite, nor by that of a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.levels.storage import Suite

_DAY = timedelta(days=1)


@pytest.mark.parametrize("behind", [timedelta(days=-2000), timedelta(0), timedelta(days=330, hours=5)])
def test_it_is_a_day_away_by_either_clock(behind: timedelta) -> None:
    """The clock of the suite is behind, or is years ahead in another worker."""
    real = datetime.now(UTC)
    here = real - behind
    actor: Any = SimpleNamespace(now=lambda: here.timestamp() * 1000)
    far = Suite(actor, "1").far()
    assert far >= max(real, here) + _DAY - timedelta(seconds=1)
    assert far <= max(real, here) + 2 * _DAY + timedelta(minutes=1)
    assert abs((far - here) % _DAY - _DAY / 2) > _DAY / 2 - timedelta(seconds=1), "whole days"
