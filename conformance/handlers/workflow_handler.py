"""The workflow handler: start the run, read its log, end elapsed waits, replay, and act on the outcome."""

from __future__ import annotations

from typing import Any

from conformance.handlers.classify import broken_contract, ended
from conformance.handlers.job import End, Job
from conformance.handlers.log import EventLog
from conformance.handlers.outcome import Completed, Diverged, HookItem, Item, Outcome, Suspended
from conformance.handlers.replay import replay
from conformance.handlers.runtime import MAX_DELIVERIES, MAX_RECOVERIES
from conformance.handlers.suspension import suspend
from conformance.spec.clock import millis
from conformance.spec.vocabulary import Entity, Event, WorldError


async def handle_workflow(job: Job) -> End:
    """One delivery of a workflow message. A :class:`WorldError` that escapes fails the delivery."""
    if job.message.attempt > MAX_DELIVERIES:
        return await _give_up(job)
    found = await _started(job)
    if isinstance(found, End):
        return found
    run = found["run"]
    log = await _loaded(job, found)
    if isinstance(log, End):
        return log
    end = _already_ended(job, log) or await _end_elapsed_waits(job, log)
    if end is not None:
        return end
    workflow = job.runtime.workflow(job.workflow_name)
    if workflow is None:
        message = f'Workflow "{job.workflow_name}" is not registered'
        job.log("error", f"Error while running workflow: WorkflowNotRegisteredError: {message}")
        return await _fail(job, message, "RUNTIME_ERROR")
    return await _act(job, run, replay(workflow, run, log.events, job.now()))


async def _act(job: Job, run: Entity, outcome: Outcome) -> End:
    """Do what the replay came to."""
    if isinstance(outcome, Suspended):
        return await suspend(job, run, outcome)
    if isinstance(outcome, Completed):
        return await _complete(job, outcome)
    if isinstance(outcome, Diverged):
        return await _diverged(job, outcome)
    _warn_outstanding(job, outcome.outstanding, "failed")
    job.log("error", f"Error while running workflow: {outcome.name}: {outcome.message}", by_design=True)
    return await _fail(job, outcome.message, "USER_ERROR")


async def _started(job: Job) -> dict[str, Any] | End:
    """What the world answered, with the running run in it; or why there is nothing to do."""
    try:
        answer = await job.create({"eventType": "run_started"}, progress=False)
    except WorldError as error:
        return await _not_started(job, error)
    run: Entity | None = answer.get("run")
    if not run:
        return await _fatal(job, "Fatal runtime error during workflow setup", "run_started gave no run")
    if millis(run.get("startedAt")) is None:
        return await _fatal(job, "Fatal runtime error during workflow setup", 'the run has no "startedAt"')
    if run["status"] != "running":
        job.log("info", f"Workflow already completed or failed, skipping: {run['status']}")
        return End(f"run_started:{run['status']}")
    return answer


async def _not_started(job: Job, error: WorldError) -> End:
    kind = job.answer(error)
    if ended(kind):
        on_conflict = job.policy.on_run_started_conflict
        if on_conflict == "raise":
            raise error
        if on_conflict == "fail_run":
            return await _fail(job, error.message, "RUNTIME_ERROR")
        job.lost("Run already finished during setup, skipping", error)
        return End(f"run_started:{kind}")
    if broken_contract(error):
        return await _fatal(job, "Fatal world contract error during workflow setup", error.message)
    raise error


async def _loaded(job: Job, found: dict[str, Any]) -> EventLog | End:
    """The log: given along with the run by some worlds, which saves a read."""
    if found.get("events") and found.get("hasMore") is not True:
        return EventLog(job.run_id, list(found["events"]), found.get("cursor"))
    try:
        return await EventLog.load(job.actor, job.run_id)
    except WorldError as error:
        if broken_contract(error):
            return await _fatal(
                job, "Fatal world contract error while loading workflow events", error.message
            )
        raise


def _already_ended(job: Job, log: EventLog) -> End | None:
    """A log that says the run has ended is not replayed, whatever the run looked like a moment ago."""
    if log.terminal() is None:
        return None
    job.log("info", "Workflow event log already contains a terminal run event, skipping replay")
    return End("log:ended")


async def _end_elapsed_waits(job: Job, log: EventLog) -> End | None:
    """Create ``wait_completed`` for every wait whose time has come, then read the log on."""
    elapsed = _elapsed(log.events, job.now())
    for event in elapsed:
        try:
            await job.create(event)
        except WorldError as error:
            if job.answer(error) != "conflict" or job.policy.on_wait_completed_conflict == "raise":
                raise
            job.lost("Wait already completed, skipping", error)
    if elapsed:
        await log.read_on(job.actor, {event["correlationId"] for event in elapsed})
        return _already_ended(job, log)
    return None


def _elapsed(events: list[Event], now: float) -> list[Event]:
    done: set[str] | None = None
    found: list[Event] = []
    for event in events:
        if event["eventType"] != "wait_created":
            continue
        if done is None:
            done = {each["correlationId"] for each in events if each["eventType"] == "wait_completed"}
        if event["correlationId"] in done:
            continue
        resume_at = (event.get("eventData") or {}).get("resumeAt")
        time = millis(resume_at)
        if time is None:
            raise WorldError(
                "TypeError", f"wait_created of {event['correlationId']} has no time to resume at"
            )
        if now >= time:
            found.append(
                {
                    "eventType": "wait_completed",
                    "correlationId": event["correlationId"],
                    "eventData": {"resumeAt": resume_at},
                }
            )
    return found


async def _complete(job: Job, outcome: Completed) -> End:
    _warn_outstanding(job, outcome.outstanding, "completed")
    try:
        await job.create({"eventType": "run_completed", "eventData": {"output": outcome.output}})
    except WorldError as error:
        kind = job.answer(error)
        if not ended(kind) or job.policy.on_run_completed_conflict == "raise":
            raise
        job.lost("Tried completing workflow run, but run has already finished.", error)
        return End(f"run_completed:{kind}")
    return End("run_completed")


async def _diverged(job: Job, outcome: Diverged) -> End:
    """The log does not fit: maybe this reader saw it half-written, so try again, three times in a chain."""
    earlier = job.message.body.get("replayDivergence") or {}
    count: int = earlier.get("count", 0) + 1
    if count <= MAX_RECOVERIES:
        job.log("warn", f"Workflow replay diverged; queueing recovery replay {count}: {outcome.reason}")
        chain = {"eventId": outcome.event.get("eventId"), "count": count}
        await job.carry_on("recovery", None, replayDivergence=chain)
        return End("diverged")
    message = f"Workflow replay diverged {count} times; last divergence: {outcome.reason}"
    job.log("error", f"Error while running workflow: CorruptedEventLogError: {message}")
    return await _fail(job, message, "CORRUPTED_EVENT_LOG")


async def _fatal(job: Job, text: str, message: str) -> End:
    job.log("error", f"{text}: {message}")
    return await _fail(job, message, "RUNTIME_ERROR", says_lost=False)


async def _fail(job: Job, message: str, code: str, *, says_lost: bool = True) -> End:
    """Create ``run_failed``; someone else having ended the run is fine, and said so or not."""
    data = {"error": {"message": message}, "errorCode": code}
    try:
        await job.create({"eventType": "run_failed", "eventData": data})
    except WorldError as error:
        kind = job.answer(error)
        if ended(kind) and job.policy.on_run_failed_conflict == "stop":
            if says_lost:
                job.lost("Tried failing workflow run, but run has already finished.", error)
            return End(f"run_failed:{kind}")
        if broken_contract(error):
            job.log("error", f"Fatal world contract error while recording workflow failure: {error.message}")
            return End("run_failed:unexpected")
        raise
    return End("run_failed")


async def _give_up(job: Job) -> End:
    message = f"Workflow exceeded maximum queue deliveries ({job.message.attempt}/{MAX_DELIVERIES})"
    job.log("error", message)
    data = {"error": {"message": message}, "errorCode": "MAX_DELIVERIES_EXCEEDED"}
    try:
        await job.create({"eventType": "run_failed", "eventData": data})
    except WorldError as error:
        if not ended(job.answer(error)):
            job.log("error", f"Failed to mark run as failed after {job.message.attempt} attempts: {error}")
    return End("gave up")


def _warn_outstanding(job: Job, outstanding: tuple[Item, ...], how: str) -> None:
    """A run that ends with calls nobody recorded: usually a forgotten ``await``. Live hooks are fine."""
    count = sum(
        not (isinstance(item, HookItem) and (item.has_created or item.disposed)) for item in outstanding
    )
    if count:
        job.log("warn", f"Workflow run {how} with {count} uncommitted operation(s)")
