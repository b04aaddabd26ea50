"""The rules a World is held to, each with an id, a level and where it comes from.

``must``: breaking it loses or doubles work, strands a run, or shows users an error. ``should``: the
runtime shrugs it off. A *should* never turns a cell red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["must", "should"]

_DOCS = "Workflow SDK docs, event sourcing: state machine of runs, steps, hooks and waits"
_REVIEW = "vercel/workflow#1418, concurrent scenarios"
_QUEUE = "Workflow SDK docs, Building a World: what a queue has to do"
_RUNTIME = "@workflow/core 4.8.9, behaviour of the handlers"
_READS_ON = (
    "@workflow/core, getWorkflowRunEvents: since 4.4.0 it reads on from its cursor after a sleep has ended, "
    "in 5.x always; @workflow/world 5, slot identity: every read is a prefix"
)
_SLOTS = "@workflow/world 5, slot identity: from spec version 6 the id of an event is its position"
_POLLS = (
    "@workflow/core 4.8.9, Run.returnValue: it takes the output of a run that runs.get shows as completed"
)
_STREAMS = "@workflow/world, Streamer: writeToStream, closeStream, readFromStream, getStreamChunks"
_LIVE = (
    "@workflow/world, Streamer: readFromStream gives a live stream, which waits for new chunks; "
    "@workflow/core, Run.getReadable hands it to users"
)
_AHEAD = "vercel/workflow#4112: a reader from index 2 of an empty stream gets the third chunk first"
_RESUMES = (
    "@workflow/core, createReconnectingFramedStream: it resumes at startIndex + consumedFrames, so the n-th "
    "chunk that a live reader gets has to be the n-th of the stream"
)
_LATE = "vercel/workflow#3712: what comes after the first end of a stream is ignored"
_INTERFACE = "@workflow/world, the types of Storage; @workflow/core throws where it reads what is not there"


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement. ``title`` completes the sentence "This world breaks: …"."""

    id: str
    severity: Severity
    title: str
    source: str


def _rules(*rules: tuple[str, Severity, str, str]) -> dict[str, Rule]:
    return {rule[0]: Rule(*rule) for rule in rules}


RULES: Final[dict[str, Rule]] = _rules(
    ("run.created-once", "must", "a run is created once", _DOCS),
    (
        "run.start-idempotent",
        "must",
        "starting a run that is running gives the run back, or a conflict",
        _REVIEW,
    ),
    ("run.started-at-once", "must", "every starter of a run sees the same startedAt", _RUNTIME),
    ("run.started-event-once", "should", "the log holds one run_started event", _DOCS),
    ("run.terminal-once", "must", "a run ends once, with one terminal event", _DOCS),
    ("run.terminal-stays", "must", "a finished run never leaves its terminal status", _DOCS),
    ("run.no-start-after-end", "must", "a finished run cannot be started", _REVIEW),
    ("run.cancelled-event-once", "should", "the log holds one run_cancelled event", _DOCS),
    ("run.no-creation-after-end", "must", "a finished run gets no new steps, waits or hooks", _REVIEW),
    ("run.exists", "must", "the start of a run that does not exist is refused", _DOCS),
    (
        "run.unknown",
        "should",
        "every other event for a run that does not exist is refused as not found",
        "@workflow/core 4.8.9 sends them after a start that gave the run, and run_cancelled when a user asks",
    ),
    ("run.status-agrees", "must", "the stored run is what its events make of it", _DOCS),
    ("run.readable", "must", "what is stored can be read back", _RUNTIME),
    ("run.ends-as-control", "must", "the run ends as it does without a race", _REVIEW),
    ("run.no-hang", "must", "when every message has been delivered, the run has ended", _REVIEW),
    (
        "run.no-divergence",
        "must",
        "no run dies of a log that cannot be replayed (CORRUPTED_EVENT_LOG, REPLAY_DIVERGENCE)",
        "vercel/workflow#2300, #3070 and #4017; @workflow/core 4.8.9, the error codes of runs",
    ),
    (
        "run.output-agrees",
        "must",
        "a run whose output does not depend on the race has the output that it has without one",
        _REVIEW,
    ),
    (
        "attribute.live-run",
        "must",
        "in 5.x a live run takes attributes, and one that has ended takes none",
        "@workflow/world-local 5.0.0-beta.46 and world-postgres 5.0.0-beta.27, attr_set",
    ),
    (
        "attribute.merged",
        "must",
        "the attributes of a run are those that its events set, each as the last of them has it",
        "@workflow/world 5, attr_set: the World materializes the changes into run.attributes",
    ),
    ("step.created-once", "must", "a step is created once, with the winner's data", _REVIEW),
    ("step.terminal-once", "must", "a step ends once; later transitions conflict", _REVIEW),
    (
        "step.no-start-after-end",
        "must",
        "a step that had not started cannot start once its run has ended",
        _REVIEW,
    ),
    (
        "step.no-restart-after-end",
        "must",
        "in 5.x a step cannot be started again once its run has ended",
        "@workflow/world-local 5.0.0-beta.46, step validation: no work begins on a finished run",
    ),
    ("step.start-again", "must", "an unfinished step can be started again", _REVIEW),
    ("step.attempt-exact", "must", "each successful start counts as one attempt", _DOCS),
    ("step.exists", "must", "events for a step that does not exist are refused as not found", _DOCS),
    ("step.retry-after", "must", "a retry before its time is refused as too early", _DOCS),
    ("step.status-agrees", "must", "the stored step is what its events make of it", _DOCS),
    ("wait.created-once", "must", "a wait is created once", _REVIEW),
    ("wait.completed-once", "must", "a wait is completed once; later completions conflict", _REVIEW),
    ("wait.exists", "must", "completing a wait that does not exist is refused", _DOCS),
    ("hook.created-once", "must", "a hook is created once; the same hook again conflicts", _REVIEW),
    (
        "hook.token-unique",
        "must",
        "a token has one owner; another run that wants it gets a hook_conflict event",
        _DOCS,
    ),
    ("hook.released-at-end", "must", "no hook outlives its run", _REVIEW),
    ("hook.token-free-at-end", "must", "a released token can be claimed again", _REVIEW),
    ("hook.received-alive", "must", "only a live hook receives payloads", _DOCS),
    ("hook.disposed-once", "must", "a hook is disposed of once", _DOCS),
    ("hook.status-agrees", "must", "the stored hooks are what their events make of them", _DOCS),
    ("creation.winner-told", "should", "the call that creates a step, wait or hook gets a success", _DOCS),
    (
        "step.creator-told",
        "should",
        "in 5.x the start that creates its step is told so (stepCreated)",
        "@workflow/world 5.0.0-beta.37, EventResult; core 5.0.0-beta.55 goes by the refusal of the others",
    ),
    ("log.agrees-with-answers", "must", "the log holds an event for every success, and no other", _DOCS),
    ("log.folds", "must", "the events of a run and the stored run and steps say the same", _DOCS),
    (
        "log.replays",
        "must",
        "every log that was read can be replayed, and each replay ends the same",
        _REVIEW,
    ),
    ("log.order", "should", "events are listed in an order in which they could have happened", _DOCS),
    (
        "log.prefix",
        "must",
        "a log that is read page by page, while others write, misses no event before the last one that "
        "it has; nor does any read in 5.x",
        _READS_ON,
    ),
    (
        "log.prefix-whole",
        "should",
        "a log that is read at once, while others write, misses no event before the last one that it has",
        _READS_ON,
    ),
    (
        "read.run-whole",
        "must",
        "a run that is read while it is written has the output that belongs to its status",
        _POLLS,
    ),
    (
        "read.whole",
        "should",
        "steps and hooks that are read while they are written are as they were at one moment",
        _POLLS,
    ),
    ("stream.kept", "must", "a chunk that was written before its stream was closed is read", _STREAMS),
    ("stream.once", "must", "a chunk that was written once is read once", _STREAMS),
    (
        "stream.order",
        "must",
        "the chunks of one writer are read in the order in which it wrote them",
        _STREAMS,
    ),
    ("stream.ends", "must", "whoever reads a closed stream comes to its end", _STREAMS),
    ("stream.same", "must", "a closed stream is the same for every reader", _STREAMS),
    ("stream.index", "must", "a reader that starts at an index gets the chunks from there on", _STREAMS),
    (
        "stream.prefix",
        "must",
        "what is read of an open stream is the beginning of the whole stream",
        _STREAMS,
    ),
    (
        "stream.live-kept",
        "must",
        "a live reader is given the chunks that later readers get: all from its index on, and no others",
        _LIVE,
    ),
    ("stream.live-once", "must", "a live reader is given each chunk once", _LIVE),
    (
        "stream.live-order",
        "must",
        "a live reader is given chunks in the order in which later readers get them",
        _RESUMES,
    ),
    ("stream.live-index", "must", "a live reader is given no chunk before its index", _AHEAD),
    ("stream.live-ends", "must", "a live reader is told of the end of its stream", _LIVE),
    (
        "stream.live-late",
        "should",
        "a chunk that is written while the stream is closed is given to all readers or to none",
        _LIVE,
    ),
    ("stream.closed", "should", "what is written after the end of a stream is not read", _LATE),
    ("stream.real-time", "should", "a chunk that was written before another one is read before it", _STREAMS),
    ("stream.from-end", "should", "a negative index counts from the end of the stream", _STREAMS),
    ("read.current", "should", "a read shows what had been answered before it was asked for", _INTERFACE),
    (
        "log.slots",
        "must",
        "the positions in a log are 1, 2, 3 and so on, written as the SDK writes them: none twice, none "
        "missing, in order",
        _SLOTS,
    ),
    (
        "log.repeat-needs-event",
        "must",
        "what is refused as already there has its event in the log",
        "vercel/workflow#3081: a crash between entity and event loses the event for good",
    ),
    (
        "hook.resume-once",
        "must",
        "one resumption of a hook, with one resumeId, is one event",
        "@workflow/world 5, hookResumeDedup; vercel/workflow#3230",
    ),
    (
        "id.one-thing",
        "must",
        "one correlation id is used for one step, wait or hook",
        "vercel/workflow#2300 and #4090: two replays bind one id to two things",
    ),
    (
        "data.kept",
        "must",
        "inputs, results, outputs, payloads, errors and times are kept as they were handed over, in the "
        "event and in what it moved",
        "@workflow/core 4.8.9: a replay reads them from the events, handlers and callers from step and run",
    ),
    (
        "stored.whole",
        "should",
        "answers and entities hold the times and details of the interface, and nothing that nobody set",
        _INTERFACE,
    ),
    (
        "read.finds",
        "must",
        "a read finds what is there, and says not found otherwise",
        "@workflow/core 4.8.9: runs.get, and hooks.getByToken, which resumeHook goes by",
    ),
    (
        "list.log",
        "must",
        "a list of a log holds every event once, in the order asked for, in pages of the size asked for",
        "@workflow/core 4.8.9, getWorkflowRunEvents reads page by page; @workflow/world, PaginationOptions",
    ),
    (
        "list.entities",
        "should",
        "a list of runs, steps, hooks or the events of one correlation id holds each once, in order, in "
        "pages of the size asked for",
        "@workflow/world, PaginationOptions; no handler reads them",
    ),
    (
        "error.classifiable",
        "must",
        "a refusal is a conflict, gone, not found or too early, never a raw error",
        _REVIEW,
    ),
    (
        "error.recognised",
        "must",
        "a refusal is an error that this release of the runtime recognises",
        _RUNTIME,
    ),
    (
        "answer.shape",
        "must",
        "every answer holds what the runtime reads of it: the run, the step, the page of a list",
        _INTERFACE,
    ),
    (
        "answer.type",
        "should",
        "every answer is of the type that the interface gives it, also where the runtime does not look",
        _INTERFACE,
    ),
    (
        "answer.report",
        "must",
        "the answer of a write brings every event that the caller has not seen, or says that there are more",
        "@workflow/world 5.0.0-beta.37, CreateEventParams: eventCount, sinceCursor and preloads; #3938",
    ),
    (
        "batch.one-write",
        "must",
        "in 5.x the events of a batch that are taken stand together in the log, in the order asked for",
        "@workflow/world 5.0.0-beta.37, interfaces: Storage.events.createBatch; vercel/workflow#3025",
    ),
    ("continuation.lost", "must", "when something has finished, a message continues the run", _REVIEW),
    (
        "continuation.twice",
        "must",
        "when something has finished, one caller continues the run, and not two",
        _REVIEW,
    ),
    ("body.after-end", "must", "the code of a step does not run once its run has ended", _REVIEW),
    ("body.as-control", "should", "the code of a step runs as often as it does without a race", _RUNTIME),
    ("logs.error-line", "must", "a lost race writes nothing at error level", _REVIEW),
    ("logs.failed-delivery", "must", "a lost race does not fail the delivery", _REVIEW),
    (
        "logs.uncaught-error",
        "should",
        "a connection that breaks is an error of the call, which does not end the process",
        _RUNTIME,
    ),
    ("queue.delivers", "must", "every message is delivered, at least once", _QUEUE),
    (
        "queue.intact",
        "must",
        "what is delivered is what was queued, under its queue's name, at its endpoint",
        _QUEUE,
    ),
    (
        "queue.idempotency-key",
        "must",
        "of messages with one key that a process queues while the first is unfinished, one is delivered",
        _QUEUE,
    ),
    (
        "queue.idempotency-shared",
        "should",
        "of messages with one key that two processes queue, one is delivered",
        "the key's use over processes is promised nowhere; a step executed twice is the price",
    ),
    ("queue.redelivers", "must", "a message whose delivery failed is delivered again", _QUEUE),
    (
        "queue.persists",
        "must",
        "a message whose delivery failed three times is delivered once more",
        "@workflow/core 4.8.9: its handlers give up by themselves, after 48 deliveries",
    ),
    (
        "queue.attempt",
        "should",
        "deliveries of a message that fail are counted, from 1, in its attempt number",
        _QUEUE,
    ),
    (
        "queue.timeout",
        "must",
        "a handler that asks for another delivery gets it, and not before its time",
        "@workflow/world, createQueueHandler: the handler's {timeoutSeconds}",
    ),
    (
        "queue.timeout-zero",
        "must",
        "a handler that asks for another delivery at once ({timeoutSeconds: 0}) gets it",
        _RUNTIME,
    ),
    (
        "queue.delay",
        "should",
        "a message queued with delaySeconds is not delivered before its time",
        "@workflow/world, QueueOptions; runtimes of the 4.x line never send it",
    ),
    (
        "queue.survives",
        "should",
        "the run of a message that a process died with is taken up by another process",
        "at-least-once, Building a World; how soon is promised nowhere",
    ),
)


def rule(rule_id: str) -> Rule:
    """The rule with that id; an unknown id is a mistake in the suite (``KeyError``)."""
    return RULES[rule_id]
