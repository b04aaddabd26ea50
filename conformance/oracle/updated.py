"""When an entity was changed last: ``updatedAt`` never goes back, and goes on with each change."""

from __future__ import annotations

from typing import Any

from conformance.spec.clock import millis

#: Which entity: its kind and its id.
Key = tuple[str, str]


class Updated:
    """What was shown of the last change of every entity, and whether it has changed since."""

    def __init__(self) -> None:
        self._shown: dict[Key, float] = {}
        #: entities that have changed since they were shown, and the logical time at which that was asked for
        self._changed: dict[Key, float | None] = {}

    def change(self, key: Key, time: float | None) -> None:
        """An entity is changed by a call that was made at this logical time, in ms since 1970; None where the
        time stands still."""
        self._changed[key] = time

    def difference(self, key: Key, value: Any) -> str:
        """What is wrong with the time that is shown now, in words; empty when nothing is."""
        now = millis(value)
        if now is None:
            return "missing"
        before = self._shown.get(key)
        self._shown[key] = max(now, before or now)
        changed = self._changed.pop(key, None)
        if before is None:
            return ""
        if now < before:
            return "gone back"
        # The clock of a database may show one time twice. Of the logical clock every reading is another.
        by_logical_clock = changed is not None and before <= changed
        return "the same as before it was changed" if by_logical_clock and now == before else ""
