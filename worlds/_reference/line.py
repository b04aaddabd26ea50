"""The two lines of the spec that the reference worlds know: 4.x, and 5.x, where event ids are positions.

One store holds runs of one line. The line is an option of each reference: ``spec="6"`` is 5.x.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from conformance.spec.vocabulary import WorldError

from .shapes import Event, data_of

#: A start that brings the name and the input of its step: it makes two events, the creation first.
CREATED_AND_STARTED: Final = "step_created_and_started"


@dataclass(frozen=True, slots=True)
class Line:
    """``spec_version``: what runs are stamped with; None: whatever their first event says.

    ``numbered``: the id of an event is its position in the log of its run, and no more.
    ``strict``: a step of a run that has ended is not started any more, not even one that runs.
    """

    spec_version: int | None = None
    numbered: bool = False
    strict: bool = False
    capabilities: frozenset[str] = frozenset()

    def event_id(self, run_id: str, position: int) -> str:
        """The id of the event at a position, from 1: ids list in the order in which events were taken."""
        if self.numbered:
            return f"evnt_{position:026d}"
        return f"wevt_{run_id.removeprefix('wrun_')}_{position:06d}"

    def stamped(self, event: Event) -> Event:
        """A new run has the version of its World."""
        if self.spec_version is None or event["eventType"] != "run_created":
            return event
        return event | {"specVersion": self.spec_version}

    def kind_of(self, event: Event) -> str:
        """The transition that an event asks for: its type, but for a start that creates its step."""
        kind: str = event["eventType"]
        lazy = self.numbered and kind == "step_started" and "input" in data_of(event)
        return CREATED_AND_STARTED if lazy else kind

    def once_of(self, event: Event, resume: Mapping[str, Any]) -> str | None:
        """What a log holds once besides creations: a resumption, or an event that sets attributes."""
        if event["eventType"] == "attr_set" and event.get("correlationId") is not None:
            return f"attr {event['correlationId']}"
        return f"resume {resume['resumeId']}" if resume else None

    def resume_of(self, event: Event, params: Mapping[str, Any] | None) -> dict[str, Any]:
        """``{resumeId, resumePayloadDigest?}`` of a payload that may come again, else empty."""
        if not self.numbered or event["eventType"] != "hook_received" or not params:
            return {}
        names = ("resumeId", "resumePayloadDigest")
        return {name: params[name] for name in names if params.get("resumeId") and params.get(name)}


LINES: Final = {
    "": Line(),
    "6": Line(6, numbered=True, strict=True, capabilities=frozenset({"hookResumeDedup"})),
}


def line_of(spec: str | int) -> Line:
    """The line of the option ``spec``. Raises ``ValueError`` for one that there is not."""
    if str(spec) not in LINES:
        raise ValueError(f"no spec version {spec!r}; there is 6, and without the option that of line 4.x")
    return LINES[str(spec)]


def halves(event: Event) -> tuple[Event, Event]:
    """The two events of a start that creates its step: name and input go to the creation."""
    data = dict(data_of(event))
    created = {name: data.pop(name) for name in ("stepName", "input") if name in data}
    return (
        {**event, "eventType": "step_created", "eventData": created},
        {**event, "eventData": data},
    )


class OfLine:
    """What a reference world declares of its line. Set ``line`` first."""

    line: Line
    #: what the client of its database raises when a connection breaks
    disconnected: ClassVar[tuple[type[Exception], ...]] = (ConnectionError,)

    @asynccontextmanager
    async def transport(self) -> AsyncIterator[None]:
        """Around a round trip: a broken connection is said in the words of the interface. The runtime then
        has the message delivered again. In line 5.x it takes any other error for one of the workflow's, and
        the run fails for good."""
        try:
            yield
        except self.disconnected as error:
            raise WorldError("WorkflowWorldError", f"no connection: {error}", code="TRANSPORT") from error

    @property
    def spec_version(self) -> int | None:
        """What its runs are stamped with; None: it does not say."""
        return self.line.spec_version

    @property
    def capabilities(self) -> frozenset[str]:
        """What it declares that it can do, by the names of the interface."""
        return self.line.capabilities
