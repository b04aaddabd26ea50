"""Everything observed while one case ran under one schedule. Checks are pure functions over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.core.faults import SCHEDULE_FAULTS, FaultKind
from conformance.core.gates import Access, Origin
from conformance.spec.shapes import WrongAnswer, read_answer
from conformance.spec.vocabulary import Answer, Entity, Event, WorldError

#: given: the prefix, alone. race: the actors, interleaved. then: what is done after it, alone.
#: drain: queued messages delivered one at a time. read: the suite's own look at the outcome.
Phase = Literal["given", "race", "drain", "then", "read"]
Level = Literal["debug", "info", "warn", "error"]
#: A creation of an event, as ``(phase, actor, n)``: ``n`` counts those of that actor in that phase.
CallId = tuple[str, str, int]


@dataclass(slots=True)
class Call:
    """One operation of a World: who asked what, in which phase, and what it answered.

    ``began`` and ``ended`` are positions on the history's own clock (one tick a trace entry), so two
    calls overlap when neither ended before the other began. ``ended`` is -1 while it is open.
    """

    actor: str
    phase: Phase
    op: str
    args: tuple[Any, ...]
    began: int
    ended: int = -1
    value: Any = None
    error: WorldError | None = None
    #: the logical time at which it was asked, in milliseconds since 1970
    time: float = 0.0
    #: of the calls that were one batch: when that began (-1: it was no part of a batch)
    batch: int = -1

    @property
    def answered(self) -> bool:
        """Whoever asked learnt what became of it."""
        return self.ended != -1

    @property
    def done(self) -> bool:
        """It succeeded, and whoever asked learnt of it."""
        return self.error is None and self.answered

    @property
    def answer(self) -> Answer:
        if self.error is not None:
            return self.error.answer
        if self.op == "events.create" and isinstance(self.value, dict):
            event = self.value.get("event")
            if event is not None and event.get("eventType") == "hook_conflict":
                return "hook_conflict"
        return "ok"

    @property
    def event(self) -> Event:
        """The event this call tried to create (only for ``events.create``)."""
        event: Event = self.args[1]
        return event

    @property
    def run_id(self) -> str | None:
        run_id: str | None = self.args[0]
        return run_id

    def take(self, value: Any, history: History) -> Any:
        """Keep what the World answered; gives what its readers may rely on. Raises :class:`WrongAnswer`.

        This and :meth:`refused` are the only ways by which an answer gets into a history.
        """
        notes: list[str] = []
        try:
            self.value = read_answer(self.op, self.args, value, notes)
        finally:
            if notes:
                history.misshapen += [WrongShape("answer.type", f"{self._whose} {note}") for note in notes]
        return self.value

    def refused(self, error: WorldError, history: History) -> None:
        """Keep how the World refused, or why its answer cannot be read."""
        self.error = error
        if isinstance(error, WrongAnswer):
            known = error.text.startswith(self.op)
            text = error.text if known else f"{self.op} was answered with {error.text}"
            history.misshapen.append(WrongShape("answer.shape", f"{self._whose} {text}"))
            history.old_line |= error.old_line

    @property
    def _whose(self) -> str:
        return "the suite's" if self.actor == "-" else f"{self.actor}'s"


@dataclass(slots=True)
class GateStep:
    """A gate that was released: the ``at``-th trace entry, of actor ``actor``."""

    actor: str
    label: str
    at: int
    origin: Origin | None = None
    access: Access = "unknown"

    @property
    def where(self) -> str:
        """``file:line`` of the package's source; empty when the host was not asked for it."""
        return self.origin.where if self.origin is not None else ""


@dataclass(slots=True)
class FaultStep:
    """A fault that happened, as the ``at``-th trace entry, to actor ``actor`` (``-``: to the queue, or
    to all)."""

    actor: str
    kind: FaultKind
    at: int


@dataclass(slots=True)
class Message:
    """A queue message captured by the suite.

    ``origin`` says which delivery queued it and why (``step_completed``, ``step_started:conflict``,
    ``suspension``, ``start``, ``timeout``, ``hook_received``, ``recovery``), ``about`` the correlation
    id it is about. ``absorbed`` marks a message that its idempotency key made a duplicate.
    """

    id: str
    queue: Literal["workflow", "step"]
    run_id: str
    step_id: str | None = None
    key: str | None = None
    origin: str = ""
    about: str | None = None
    delay: float = 0.0
    attempt: int = 1
    at: int = 0
    actor: str = ""
    phase: Phase = "given"
    absorbed: bool = False
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Delivery:
    """One message processed by one handler; ``outcome`` is why the handler ended.

    ``failed`` carries the error that reached the queue: HTTP 500, and a redelivery. Its outcome is
    ``failed``, or ``unrecognised`` for a refusal that is right, in words that this release of the
    runtime does not know.
    """

    message: Message
    actor: str
    phase: Phase
    began: int
    ended: int = -1
    outcome: str = ""
    failed: WorldError | None = None
    progressed: bool = False


@dataclass(slots=True)
class Body:
    """A step body that ran."""

    actor: str
    phase: Phase
    run_id: str
    step_id: str
    attempt: int
    at: int


@dataclass(slots=True)
class LogLine:
    """A line logged by a world, the handlers or the queue. ``by_design``: the user's own exception."""

    actor: str
    phase: Phase
    level: Level
    origin: str
    text: str
    at: int = 0
    by_design: bool = False


@dataclass(slots=True)
class WrongShape:
    """An answer that is not of the shape that it should have: which rule says so, and a sentence."""

    rule: Literal["answer.shape", "answer.type"]
    text: str


@dataclass(slots=True)
class Snapshot:
    """The outcome, read by the suite once all is quiet: entities and log of one run. ``paged``: the log once
    more, read in small pages; None where it was not."""

    run_id: str
    run: Entity
    events: list[Event]
    steps: list[Entity]
    hooks: list[Entity]
    paged: list[Event] | None = None


@dataclass(slots=True)
class History:
    """The record of one schedule of one case."""

    calls: list[Call] = field(default_factory=list)
    gates: list[GateStep] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    #: runs and tokens whose outcome the world could not give back
    unreadable: list[tuple[str, WorldError]] = field(default_factory=list)
    #: answers of a wrong shape, in that order
    misshapen: list[WrongShape] = field(default_factory=list)
    #: what went wrong, in that order
    faults: list[FaultStep] = field(default_factory=list)
    #: token -> the hook entity that ``hooks.getByToken`` finds, or None
    tokens: dict[str, Entity | None] = field(default_factory=dict)
    #: replays of the logs that were read: ``(reader, what is wrong with it, or "")``
    replays: list[tuple[str, str]] = field(default_factory=list)
    #: runs that nobody will carry on, though no message is left: ``(run id, why)``
    stuck: list[tuple[str, str]] = field(default_factory=list)
    #: whether the queue fell silent within a bounded number of deliveries
    quiet: bool = True
    #: handlers go on by themselves when they have finished a step, as in 5.x
    inline: bool = False
    #: the World answered as those of line 4.0 did
    old_line: bool = False
    #: the outputs of its runs do not depend on the order in which things happen
    settled: bool = False
    #: nothing races: every answer and read is due to be what the calls before it give
    exact: bool = False
    #: what the World declares that it can do, by the names of its interface
    capabilities: frozenset[str] = frozenset()
    #: the spec version that the World declares, if it does: it says of which line the World is
    spec_version: int | None = None
    #: why nothing can be concluded (the prefix was refused, an actor never came back …), if so
    broken: str = ""
    phase: Phase = "given"
    clock: int = 0
    #: the history that this one goes on from, and what the checks saw of it (they keep that here)
    origin: History | None = None
    seen: Any = None

    @property
    def still(self) -> bool:
        """Whether all of it happened within one millisecond."""
        return any(fault.kind == "still" for fault in self.faults)

    @property
    def disturbed(self) -> bool:
        """Whether anything went wrong. That time stood still is no wrong, nor is where a machine is."""
        return any(fault.kind not in SCHEDULE_FAULTS for fault in self.faults)

    def fork(self) -> History:
        """Another history that goes on from this prefix, whose records are shared: they no longer change."""
        return History(
            self.calls.copy(),
            messages=self.messages.copy(),
            deliveries=self.deliveries.copy(),
            bodies=self.bodies.copy(),
            logs=self.logs.copy(),
            misshapen=self.misshapen.copy(),
            faults=self.faults.copy(),
            inline=self.inline,
            capabilities=self.capabilities,
            spec_version=self.spec_version,
            broken=self.broken,
            clock=self.clock,
            origin=self,
        )

    def creations(self) -> Iterator[tuple[CallId, Call]]:
        """The calls that create events and were answered, with the ids by which the checks know them."""
        counts: dict[tuple[str, str], int] = {}
        for call in self.calls:
            if call.op == "events.create" and call.answered:
                key = (call.phase, call.actor)
                counts[key] = n = counts.get(key, -1) + 1
                yield (*key, n), call

    def in_hand(self, actor: str, at: int) -> Delivery | None:
        """What the handler of an actor works on at a position of the clock; None when that is nothing."""
        return next(
            (
                each
                for each in self.deliveries
                if each.actor == actor and each.began <= at and (each.ended == -1 or at < each.ended)
            ),
            None,
        )

    def tick(self) -> int:
        """The next position on the history's clock."""
        self.clock += 1
        return self.clock
