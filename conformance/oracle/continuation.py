"""Exactly-once continuation: progress queues one continuation, never none and never a second.

At the levels with handlers the messages themselves are counted. At level ``storage`` there are no
handlers, so the answers are read as the runtime reads them: a success on ``step_completed`` makes the
caller queue the continuation, a conflict makes it stop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conformance.oracle.control import Control
from conformance.oracle.finding import Finding
from conformance.oracle.mismatches import id_of
from conformance.oracle.seen import Observed, SeenCall

#: After a success on these the caller queues the one continuation of that entity.
_ENDS = frozenset({"step_completed", "step_failed"})
#: Callers of these go on by themselves, whichever of them won; it takes one that does.
_GOES_ON = {
    "run_started": ("ok",),
    "step_created": ("ok", "conflict"),
    "wait_created": ("ok", "conflict"),
    "hook_created": ("ok", "conflict", "hook_conflict"),
    "wait_completed": ("ok", "conflict"),
    "step_started": ("ok", "conflict", "gone", "too_early"),
}
#: Of these only one caller may get a success: every caller that gets one does what follows.
_ONE_WINNER = {
    "step_end": "got a success for the end of {about}: each queues a message that continues the run",
    "run_completed": "got a success for completing {about}: each goes on as the one who ended it",
    "wait_completed": "got a success for completing {about}: it wakes the run twice",
}


def continuation(observed: Observed, control: Control | None) -> list[Finding]:
    """Continuations per finished step, lost ones, second ones, and bodies that should not have run."""
    stopped = _stopped(observed)
    if observed.level == "storage":
        return [*_from_answers(observed), *stopped]
    if observed.inline:
        # Whoever finishes a step goes on by itself; a run that nobody carried on is found to hang.
        return [*_queued(observed), *stopped, *bodies(observed, control)]
    return [*_from_messages(observed), *stopped, *_asked_and_left(observed), *bodies(observed, control)]


def _from_answers(observed: Observed) -> Iterator[Finding]:
    asked: dict[tuple[str, str, str], list[SeenCall]] = {}
    race = [call for call in observed.calls if call.phase == "race"]
    for call in race:
        group = "step_end" if call.kind in _ENDS else call.kind
        asked.setdefault((group, call.run, call.entity), []).append(call)
    turns = {id_of(race[number]): turn for turn, number in enumerate(observed.winners)}
    for (group, run, entity), calls in asked.items():
        if _came_too_early(observed, run, entity, calls):
            continue
        about = entity or run
        won = [call for call in calls if call.answer == "ok"]
        won.sort(key=lambda call: turns.get(id_of(call), -1))
        if group in _ONE_WINNER and len(won) > 1:
            text = f"{len(won)} callers {_ONE_WINNER[group].format(about=about)}"
            yield _of_calls("continuation.twice", text, group, won)
        if group == "step_end" and not won and not _step_had_ended(observed, run, entity):
            text = f"no caller got a success for the end of {about}: no message continues the run"
            yield _of_calls("continuation.lost", text, group, calls)
        if group in _GOES_ON and _nobody_goes_on(observed, group, run, entity, calls):
            text = f"nobody who asked for {group} of {about} can go on: the run is stuck"
            yield _of_calls("continuation.lost", text, group, calls)


def _stopped(observed: Observed) -> Iterator[Finding]:
    """Starts of a run that were refused although it had been started before: not the loser of two starts.

    Every handler that continues a run starts it first, and stops when it gets a conflict.
    """
    starts = [call for call in observed.calls if call.kind == "run_started"]
    race = [call for call in observed.calls if call.phase == "race"]
    for call in starts:
        if call.answer != "conflict" or call.phase == "given" or _run_ended(observed, call.run):
            continue
        started = [one for one in starts if one.run == call.run and one.answer == "ok"]
        before = next((one for one in started if _is_before(one, call, race, observed)), None)
        if before is not None:
            text = f"{call.actor}'s run_started of {call.run} got a conflict, and it had been started before"
            yield _of_calls(
                "continuation.lost", f"{text}: whoever continues it stops", "run_started", [before, call]
            )


def _is_before(one: SeenCall, call: SeenCall, race: list[SeenCall], observed: Observed) -> bool:
    """Whether a call had been answered when another began."""
    if one.phase == "given" or call.phase != "race" or one.phase != "race":
        return one.phase == "given" or (one.phase == "race" and call.phase != "race")
    first, then = race.index(one), race.index(call)
    return first < then if observed.in_order else bool(observed.order and observed.order[then] >> first & 1)


def _of_calls(rule: str, text: str, group: str, calls: list[SeenCall]) -> Finding:
    """A finding about several calls, the last of which is the one too many, or the last hope."""
    last = calls[-1]
    about = tuple(name for name in (last.run, last.entity) if name)
    wrong = f"{group} {last.answer}"
    return Finding("continuation", rule, text, id_of(last), wrong, about, tuple(map(id_of, calls[:-1])))


def _nobody_goes_on(observed: Observed, group: str, run: str, entity: str, calls: list[SeenCall]) -> bool:
    if any(call.answer in _GOES_ON[group] for call in calls):
        return False
    # There may be no run to carry on; if there is one, that answer is a finding of its own.
    if _run_ended(observed, run) or (
        group == "run_started" and all(call.answer == "not_found" for call in calls)
    ):
        return False
    # Whoever creates it in the race, or finishes the step, goes on for those who came too early or too late.
    others = {
        "step_started": ("step_created", *_ENDS),
        "wait_completed": ("wait_created",),
    }.get(group, ())
    return not any(
        (call.phase, call.answer, call.run, call.entity) == ("race", "ok", run, entity)
        and call.kind in others
        for call in observed.calls
    )


def _came_too_early(observed: Observed, run: str, entity: str, calls: list[SeenCall]) -> bool:
    """Whether all were told that there is no such thing, and the prefix had made no such run, step, wait or
    hook: only who knows of a thing can carry it on."""
    if any(call.answer != "not_found" for call in calls):
        return False
    made = {
        call.entity
        for call in observed.calls
        if call.phase == "given"
        and call.answer == "ok"
        and call.run == run
        and call.kind.endswith("_created")
    }
    return entity not in made


def _step_had_ended(observed: Observed, run: str, entity: str) -> bool:
    """Whether the step had ended in the prefix, or its run had, or a retry sent it back to wait."""
    return _run_ended(observed, run) or any(
        call.answer == "ok"
        and call.run == run
        and call.entity == entity
        and call.kind in (*_ENDS, "step_retrying")
        for call in observed.calls
    )


def _run_ended(observed: Observed, run: str) -> bool:
    return any(
        call.answer == "ok"
        and call.run == run
        and call.kind in ("run_completed", "run_failed", "run_cancelled")
        for call in observed.calls
    )


def _from_messages(observed: Observed) -> Iterator[Finding]:
    """Per finished step: the continuations that its finishing queued, over all deliveries."""
    finished = Counter(
        (call.run, call.entity)
        for call in observed.calls
        if call.kind in _ENDS and call.answer == "ok" and call.phase != "given"
    )
    queued = _continued(observed)
    for run, step in finished:
        if queued[run, step] == 0:
            text = f"{step} finished and no message was queued to continue {run}: it may stop for ever"
            yield _about("continuation.lost", text, "messages", run, step)
    yield from twice(observed)
    yield from _queued(observed)


def _queued(observed: Observed) -> Iterator[Finding]:
    """Steps that were queued twice, or made and neither queued nor started."""
    delivered = Counter(
        (message.run, message.step)
        for message in observed.messages
        if message.queue == "step" and message.origin == "suspension" and not message.absorbed
    )
    for (run, step), count in delivered.items():
        if count > 1:
            text = f"{step} was queued for execution {count} times: its idempotency key was not used"
            yield _about("continuation.twice", text, "step messages", run, step)
    created = {
        (call.run, call.entity)
        for call in observed.calls
        if call.kind == "step_created" and call.answer == "ok" and call.phase != "given"
    }
    started = {(call.run, call.entity) for call in observed.calls if call.kind == "step_started"}
    for run, step in sorted(created - set(delivered) - (started if observed.inline else set())):
        if not _run_ended(observed, run):
            text = f"{step} was created and never queued: {run} waits for it forever"
            yield _about("continuation.lost", text, "step messages", run, step)


def _asked_and_left(observed: Observed) -> Iterator[Finding]:
    """Whoever asks for a step queues it, also when another handler has made it: that one may die."""
    if observed.failed:
        # A delivery that failed is made again, and asks again.
        return
    queued = {
        (message.actor, message.run, message.step) for message in observed.messages if message.queue == "step"
    }
    for call in observed.calls:
        if call.kind != "step_created" or call.answer not in ("ok", "conflict") or call.phase == "given":
            continue
        if (call.actor, call.run, call.entity) not in queued:
            text = (
                f"{call.actor} asked for {call.entity} and did not queue it; if its creator dies, nobody does"
            )
            yield _of_calls("continuation.lost", text, "step_created", [call])


def _continued(observed: Observed) -> Counter[tuple[str, str]]:
    """Per finished step, how often its run was continued for it."""
    return Counter(
        (message.run, message.about)
        for message in observed.messages
        if message.queue == "workflow" and message.origin in _ENDS and message.phase != "given"
    )


def twice(observed: Observed) -> Iterator[Finding]:
    """Steps for which the run is continued more than once."""
    for (run, step), count in _continued(observed).items():
        if count > 1:
            text = f"{step} finished and {count} messages were queued to continue its run"
            yield _about("continuation.twice", text, "messages", run, step)


def bodies(observed: Observed, control: Control | None) -> Iterator[Finding]:
    usual = dict(control.bodies) if control is not None else {}
    for step, ran, late in observed.bodies:
        if late:
            text = f"the code of {step} ran although its run had ended"
            yield Finding("continuation", "body.after-end", text)
        counted = max(
            (seen.attempt for run in observed.runs for seen in run.steps if seen.name == step), default=ran
        )
        # At-least-once allows a second body when the second start was counted as an attempt.
        if ran > max(usual.get(step, ran), counted):
            text = f"the code of {step} ran {ran} times; without a race it runs {usual[step]}"
            yield Finding("continuation", "body.as-control", text)


def _about(rule: str, text: str, wrong: str, *about: str) -> Finding:
    return Finding("continuation", rule, text, wrong=wrong, about=about)
