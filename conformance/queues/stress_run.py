"""One run of a stress run's flow: what was seen of it, and what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from conformance.queues.driver import RuntimeMessage

_ENDS: Final = frozenset({"run_completed", "run_failed", "run_cancelled"})


@dataclass(slots=True)
class StressRun:
    """One run: what was seen of it while it ran, and what is stored of it afterwards."""

    id: str
    number: int
    #: the hook that is to be resumed, if there is one
    token: str = ""
    messages: list[RuntimeMessage] = field(default_factory=list)
    responses: list[RuntimeMessage] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    #: why it could not be read, if so
    unreadable: str = ""
    entity: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    output: Any = None

    @property
    def ended(self) -> bool:
        """A terminal event of it was accepted."""
        return any(
            each["type"] == "event_asked" and each["eventType"] in _ENDS and "error" not in each
            for each in self.messages
        )
