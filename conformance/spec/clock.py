"""Points in time as the handlers meet them: worlds give dates in several shapes, the model thinks in ms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def millis(value: Any) -> float | None:
    """Milliseconds since 1970 of a date from a world, or None when it is not one.

    Takes a number (already ms), an aware or naive ``datetime`` (naive means UTC), ISO 8601 text, and
    the tagged form of the host protocol (``{"$date": "…"}``).
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        value = value.get("$date")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    since: timedelta = value - _EPOCH
    return since / _MS


def date(ms: float) -> datetime:
    """The ``datetime`` (UTC, whole ms) that is sent to a world for a point in time."""
    return _EPOCH + timedelta(milliseconds=round(ms))
