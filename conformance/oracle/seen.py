"""The values that checks see: what was asked, answered, stored and sent, by names and ranks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from conformance.core.faults import FaultKind
from conformance.oracle.contents import SeenLoss
from conformance.oracle.finding import Finding
from conformance.oracle.log_batches import SeenBatch
from conformance.oracle.log_ids import SeenTwoThings
from conformance.oracle.log_reads import SeenRead
from conformance.oracle.log_reports import SeenReport
from conformance.oracle.looks import SeenLook
from conformance.oracle.streams_seen import SeenStream
from conformance.spec.table import Line
from conformance.spec.vocabulary import Answer

#: A ``retryAfter`` that does not come while a schedule of storage operations is played.
FAR = "far"


class SeenCall(NamedTuple):
    """One ``events.create``: what was asked, and what the answer said.

    ``n`` counts the calls of that actor in that phase. ``started`` ranks the distinct ``startedAt``
    values of the history (-1: the answer had none).
    """

    phase: str
    actor: str
    n: int
    run: str
    kind: str
    entity: str
    token: str
    value: Hashable
    answer: Answer
    message: str
    status: str
    started: int
    attempt: int
    #: the resumption that it brings, where the World declares that one resumption is one event
    resume: str = ""
    #: the answer says that this start created its step
    created: bool = False


class SeenStep(NamedTuple):
    name: str
    status: str
    attempt: int
    output: Hashable


class SeenRun(NamedTuple):
    """The outcome of one run: entity, log as ``(type, entity)``, steps, live hooks as ``(name, token)``."""

    name: str
    status: str
    started: int
    output: Hashable
    events: tuple[tuple[str, str], ...]
    steps: tuple[SeenStep, ...]
    hooks: tuple[tuple[str, str], ...]
    #: what the events of the log hold: ``(type, entity, result or output)``
    results: tuple[tuple[str, str, Hashable], ...] = ()
    #: the ids of its events have to be positions, and what is wrong with them (empty: nothing)
    numbered: bool = False
    misnumbered: str = ""
    #: hooks that have one resumption in the log more than once
    resumed_twice: tuple[str, ...] = ()
    #: the code of the error with which the run failed, as the runtime gave it
    error_code: str = ""
    #: the attributes of the run, as ``(key, value)``
    attributes: tuple[tuple[str, Hashable], ...] = ()
    #: by its log: the tokens of hooks that are alive, and those of hooks that were
    held: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    #: what is wrong with the log as small pages have it (empty: nothing)
    mispaged: str = ""


class SeenMessage(NamedTuple):
    """A queue message: for what it is, why it was queued, and whether its key absorbed it."""

    phase: str
    queue: str
    run: str
    step: str
    origin: str
    about: str
    absorbed: bool
    actor: str


class SeenLog(NamedTuple):
    phase: str
    actor: str
    level: str
    origin: str
    text: str
    by_design: bool


class Observed(NamedTuple):
    """Everything that verdicts are made of."""

    level: str
    #: nothing raced: the calls are in the order in which they were made
    in_order: bool
    calls: tuple[SeenCall, ...]
    runs: tuple[SeenRun, ...]
    owners: tuple[tuple[str, str], ...]
    messages: tuple[SeenMessage, ...]
    #: ``(outcome, error)`` of every delivery that failed
    failed: tuple[tuple[str, str], ...]
    #: step name -> how often its body ran, and how often of these after its run had ended
    bodies: tuple[tuple[str, int, int], ...]
    logs: tuple[SeenLog, ...]
    #: replays of logs that were read: ``(reader, verdict)``
    replays: tuple[tuple[str, str], ...]
    #: whether the queue fell silent
    quiet: bool
    #: what could not be read back: ``(name, error)``
    unreadable: tuple[tuple[str, str], ...] = ()
    #: runs that nobody will carry on: ``(name, why)``
    stuck: tuple[tuple[str, str], ...] = ()
    #: kinds of the faults that happened
    faults: tuple[FaultKind, ...] = ()
    #: answers of a wrong shape: ``(rule, text)``
    misshapen: tuple[tuple[str, str], ...] = ()
    #: whoever finishes a step goes on by itself, as in 5.x: no message says so
    inline: bool = False
    #: reads that were no prefix of the final log
    misreads: tuple[SeenRead, ...] = ()
    #: correlation ids by which two creations asked for different things
    two_things: tuple[SeenTwoThings, ...] = ()
    #: real time: for each racing call, in the order of ``calls``, which racing calls had been answered when
    #: it began, as bits (bit 0 is the first racing call); empty when that is not known, or nothing raced
    order: tuple[int, ...] = ()
    #: racing calls that were told that they did one thing which is done once, by their numbers, the one that
    #: did it first at the front; empty where there are none
    winners: tuple[int, ...] = ()
    #: the outputs of the runs do not depend on the order in which things happen
    settled: bool = False
    #: what reads of entities showed in the race
    looks: tuple[SeenLook, ...] = ()
    #: the line of the spec that the World is of
    line: Line = 4
    #: what is wrong with streams
    streams: tuple[SeenStream, ...] = ()
    #: reports that came with the answer of a write, and are wrong
    reports: tuple[SeenReport, ...] = ()
    #: batches whose events do not stand together
    batches: tuple[SeenBatch, ...] = ()
    #: what was handed over with success and is not there in the end
    losses: tuple[SeenLoss, ...] = ()
    #: nothing raced, and what is wrong in every answer and read; None where actors may race
    sequence: tuple[Finding, ...] | None = None
