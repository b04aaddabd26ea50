"""The step handler: start the step, run its body, record how it ended, and continue the workflow."""

from __future__ import annotations

from math import ceil
from typing import Any

from conformance.core.history import Body
from conformance.handlers.classify import ended, retry_after, throttled
from conformance.handlers.job import End, Job
from conformance.handlers.runtime import MAX_DELIVERIES
from conformance.handlers.workflow import StepBody, StepError
from conformance.spec.clock import date, millis
from conformance.spec.lines import line_of
from conformance.spec.rows import LINES
from conformance.spec.vocabulary import Entity, WorldError


async def handle_step(job: Job) -> End:
    """One delivery of a step message. A :class:`WorldError` that escapes fails the delivery."""
    message = job.message
    if message.attempt > MAX_DELIVERIES:
        return await _give_up(job)
    step = await _started(job)
    if isinstance(step, End):
        return step
    workflow = job.runtime.workflow(job.workflow_name)
    body = workflow.steps.get(_name(job)) if workflow is not None else None
    if body is None:
        error = f'Step "{_name(job)}" is not registered'
        job.log("error", f"{error}, failing step (not run)")
        return await _fail(job, error)
    if step["attempt"] > body.max_retries + 1:
        # The attempt that should have said so died, or more deliveries started than there are attempts.
        error = f'Step "{_name(job)}" exceeded max retries ({step["attempt"] - 1})'
        job.log("error", error, by_design=True)
        return await _fail(job, error)
    if millis(step.get("startedAt")) is None:
        error = f'Step "{_id(job)}" has no "startedAt" timestamp'
        job.log("error", f"Fatal runtime error during step setup: {error}")
        return await _fail(job, error, says_lost=False)
    return await _run(job, step, body)


def _id(job: Job) -> str:
    step_id = job.message.step_id
    assert step_id is not None
    return step_id


def _name(job: Job) -> str:
    name: str = job.message.body["stepName"]
    return name


async def _run(job: Job, step: Entity, body: StepBody) -> End:
    """Run the body. It has run before anyone learns whether its result still counts."""
    history = job.actor.history
    attempt: int = step["attempt"]
    history.bodies.append(Body(job.actor.name, history.phase, job.run_id, _id(job), attempt, history.tick()))
    given = step.get("input")
    args: list[Any] = given if isinstance(given, list) else [] if given is None else [given]
    try:
        result = body.run(_name(job), args, attempt)
    except StepError as thrown:
        return await _threw(job, body, attempt, thrown)
    return await _complete(job, result)


async def _started(job: Job) -> Entity | End:
    """The step, running; or why its body must not run now."""
    step_id = _id(job)
    event = {"eventType": "step_started", "correlationId": step_id, "eventData": {"stepName": _name(job)}}
    try:
        answer = await job.create(event)
    except WorldError as error:
        kind = job.answer(error)
        if throttled(error):
            job.log("info", "Throttled again on retry, deferring to queue")
            return End("step_started:throttled", retry_after(error), step_id)
        if kind == "gone":
            return _gone(job, error)
        if kind == "conflict":
            return await _conflict(job, error)
        if kind == "too_early":
            job.log("debug", "Step retryAfter timestamp not yet reached")
            return End("step_started:too_early", retry_after(error), step_id)
        raise
    step: Entity | None = answer.get("step")
    if not step:
        raise WorldError(
            "WorkflowRuntimeError", f'step_started event for "{step_id}" did not return step entity'
        )
    return step


def _gone(job: Job, error: WorldError) -> Entity | End:
    on_gone = job.policy.on_step_started_gone
    if on_gone == "raise":
        raise error
    job.lost(f"Workflow run has already completed, skipping step {_id(job)}", error)
    return _made_up(job) if on_gone == "run_body" else End("step_started:gone")


async def _conflict(job: Job, error: WorldError) -> Entity | End:
    """The step is finished. Whoever finished it may have died before the continuation: queue one."""
    on_conflict = job.policy.on_step_started_conflict
    lost_race = job.policy.lost_race
    level = "debug" if lost_race == "info" else lost_race
    job.log(level, f"Step in terminal state, re-enqueuing workflow: {error.message}")
    if on_conflict == "run_body":
        return _made_up(job)
    if on_conflict == "continue":
        await job.carry_on("step_started:conflict", _id(job))
    return End("step_started:conflict")


def _made_up(job: Job) -> Entity:
    """What a broken handler runs the body with when the world did not start the step."""
    return {"attempt": 1, "startedAt": job.now(), "input": []}


async def _complete(job: Job, result: Any) -> End:
    data = {"stepName": _name(job), "workflowName": job.workflow_name, "result": result}
    return await _finish(job, "step_completed", data)


async def _fail(job: Job, message: str, *, says_lost: bool = True) -> End:
    data = {"stepName": _name(job), "error": message}
    return await _finish(job, "step_failed", data, says_lost=says_lost)


async def _finish(job: Job, kind: str, data: dict[str, Any], *, says_lost: bool = True) -> End:
    """Record the end of the step; who succeeds queues the one continuation."""
    step_id = _id(job)
    try:
        await job.create({"eventType": kind, "correlationId": step_id, "eventData": data})
    except WorldError as error:
        return await _finished_elsewhere(job, kind, error, says_lost=says_lost)
    for _ in range(job.policy.continuations):
        await job.carry_on(kind, step_id)
    return End(kind)


async def _threw(job: Job, body: StepBody, attempt: int, thrown: StepError) -> End:
    """Fail for good, or give up when the attempts are used up, or try again later."""
    name = _name(job)
    if thrown.fatal:
        job.log("error", f"Encountered FatalError while executing step {name}: {thrown}", by_design=True)
        return await _fail(job, str(thrown))
    if attempt >= body.max_retries + 1:
        job.log("error", f"Max retries reached, bubbling error to parent workflow: {thrown}", by_design=True)
        return await _fail(job, f'Step "{name}" failed after {body.max_retries} retries: {thrown}')
    job.log("info", f"Encountered Error, step {name} will be retried: {thrown}")
    data: dict[str, Any] = {"stepName": name, "error": str(thrown)}
    wait = 1.0
    if thrown.retry_after is not None:
        data["retryAfter"] = date(job.now() + thrown.retry_after)
        wait = max(1.0, float(ceil(thrown.retry_after / 1000)))
    try:
        await job.create({"eventType": "step_retrying", "correlationId": _id(job), "eventData": data})
    except WorldError as error:
        return await _finished_elsewhere(job, "step_retrying", error)
    return End("step_retrying", wait, _id(job))


async def _finished_elsewhere(job: Job, kind: str, error: WorldError, *, says_lost: bool = True) -> End:
    """Another handler finished the step, and queues the continuation. Only a conflict says that, and to the
    handlers of 5.x the refusal of a step_completed because the run has ended."""
    on_conflict = job.policy.on_step_finished_conflict
    answer, of_5 = job.answer(error), line_of(job.actor.history.spec_version) != LINES[0]
    is_quiet = answer == "conflict" or (answer == "gone" and kind == "step_completed" and of_5)
    if not is_quiet or on_conflict == "raise":
        raise error
    if says_lost:
        job.lost(f"Tried {kind} for {_id(job)}, but step has already finished.", error)
    if on_conflict == "continue":
        await job.carry_on(kind, _id(job))
    return End(f"{kind}:conflict")


async def _give_up(job: Job) -> End:
    message = f"Step exceeded maximum queue deliveries ({job.message.attempt}/{MAX_DELIVERIES})"
    job.log("error", message)
    data = {"stepName": _name(job), "error": message}
    try:
        await job.create({"eventType": "step_failed", "correlationId": _id(job), "eventData": data})
    except WorldError as error:
        if not ended(job.answer(error)):
            job.log("error", f"Failed to mark step as failed after {job.message.attempt} attempts: {error}")
        return End("gave up")
    await job.carry_on("step_failed", _id(job))
    return End("gave up")
