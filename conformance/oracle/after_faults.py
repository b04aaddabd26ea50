"""After something went wrong: the run still ends as its control does, and nothing is there twice.

A handler that dies never learns what became of its last operation, and an operation that takes several
writes may be half done. So there is no order of answers to explain. What must hold is what a queue that
delivers at least once is there for: the message comes again, and whoever gets it finishes the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from conformance.core.faults import BREAKS_CALLS
from conformance.oracle.continuation import twice
from conformance.oracle.control import Control
from conformance.oracle.convergence import outcome
from conformance.oracle.finding import REPEATABLE, Finding
from conformance.oracle.logs import logs
from conformance.oracle.mismatches import id_of, place, what
from conformance.oracle.seen import Observed, SeenRun
from conformance.spec.machine import State
from conformance.spec.table import inert
from conformance.spec.vocabulary import RUN_TERMINAL, TERMINAL_EVENTS

#: Events that are in the log once for the entity that they end or create.
_ONCE: Final = {
    "run_completed": "run.terminal-once",
    "run_failed": "run.terminal-once",
    "run_cancelled": "run.terminal-once",
    "step_created": "step.created-once",
    "step_completed": "step.terminal-once",
    "step_failed": "step.terminal-once",
    "wait_created": "wait.created-once",
    "wait_completed": "wait.completed-once",
    "hook_created": "hook.created-once",
}


def after_faults(observed: Observed, control: Control | None) -> list[Finding]:
    """What is wrong once the queue has delivered everything that is left."""
    found = outcome(observed, control)
    for run in observed.runs:
        found += _once(run, inert(observed.line))
        found += _released(run)
    found += list(_owned(observed)) or _kept_from_others(observed)
    found += _taken_by_nobody(observed)
    # Who asks for a run again asks for another one, so nothing that was done before is in its way.
    for call in observed.calls:
        if call.kind == "run_created" and call.phase == "drain":
            found += place(State(observed.line), call)
    # Bodies are not counted: a step that was started before its handler died may run again, even late.
    found += twice(observed)
    if BREAKS_CALLS.isdisjoint(observed.faults):
        found += logs(observed, control)
    else:
        # Whose connection breaks may say so, and carry on.
        found += [
            Finding("logs", "logs.uncaught-error", f"an error nobody caught ends the process: {line.text}")
            for line in observed.logs
            if line.origin == "process"
        ]
    return found


def _once(run: SeenRun, passed_over: frozenset[str]) -> Iterator[Finding]:
    """``passed_over``: types of events that every replay takes once, however often they are there."""
    found = Counter(event for event in run.events if event[0] in _ONCE and event[0] not in passed_over)
    seen: Counter[tuple[str, str]] = Counter()
    for (kind, entity), count in found.items():
        seen[_ONCE[kind], entity] += 1 if kind in REPEATABLE else count
        if kind in REPEATABLE and count > 1:
            text = f"{kind} is in the log of {run.name} {count} times"
            yield Finding(
                "convergence", REPEATABLE[kind], text, wrong=f"log {kind}", about=(run.name, entity)
            )
    for (rule, entity), count in seen.items():
        if count > 1:
            text = f"the log of {run.name} ends or makes {entity or run.name} {count} times"
            yield Finding("convergence", rule, text, wrong="events", about=(run.name, entity))


def _released(run: SeenRun) -> Iterator[Finding]:
    if run.status in RUN_TERMINAL:
        for hook, token in run.hooks:
            text = f"{hook} is alive on {run.name}, which has ended"
            about = (run.name, hook)
            yield Finding("convergence", "hook.released-at-end", text, wrong="hook", about=about, token=token)


def _owned(observed: Observed) -> Iterator[Finding]:
    """Who holds the tokens, against the logs. A run whose log and entity disagree on its end says nothing."""
    runs = [run for run in observed.runs if _has_ended(run) == (run.status in RUN_TERMINAL)]
    for token, owner in observed.owners:
        holders = [run.name for run in runs if token in run.held]
        others = [name for name in holders if name != owner]
        if others:
            text = f"{token} is held by {owner or 'nobody'}; its owner is {others[0]}"
            if owner in holders:
                text = f"{token} is held by {owner}; by the log of {others[0]} that run has it, too"
            about = (owner or others[0], token)
            yield Finding("convergence", "hook.token-unique", text, wrong="token", about=about, token=token)
        elif not holders and owner in [run.name for run in runs if token in run.freed]:
            text = f"{token} is still held by {owner}, which gave it up"
            about = (owner, token)
            yield Finding(
                "convergence", "hook.token-free-at-end", text, wrong="token", about=about, token=token
            )


def _taken_by_nobody(observed: Observed) -> Iterator[Finding]:
    """Claims that were told that their token is taken, where no log has a hook that ever had it: they met
    what a dead caller left half done, and are told so for good."""
    had = Counter(token for run in observed.runs for token in (*run.held, *run.freed))
    later = Counter(call.token for call in observed.calls if (call.phase, call.answer) == ("then", "ok"))
    for call in observed.calls:
        met = had[call.token] - (later[call.token] if call.phase != "then" else 0)
        if call.answer == "hook_conflict" and call.phase != "given" and met <= 0:
            text = (
                f"{call.actor}'s {what(call)} was told that {call.token} is taken, "
                "and no event in a log says that a hook ever had it"
            )
            wrong, about = f"{call.kind} {call.answer}", (call.run, call.entity)
            yield Finding(
                "convergence", "log.repeat-needs-event", text, id_of(call), wrong, about, token=call.token
            )


def _kept_from_others(observed: Observed) -> Iterator[Finding]:
    """Claims that were told, when all was over, that their token is taken, where by the logs a hook had it
    and gave it up, and nobody has it: who died before the token was free keeps it taken for good."""
    held = {token for run in observed.runs for token in run.held}
    by = {token: run.name for run in observed.runs for token in run.freed}
    for call in observed.calls:
        kept = call.token in by and call.token not in held
        if kept and (call.phase, call.answer) == ("then", "hook_conflict"):
            text = (
                f"the {what(call)} that comes afterwards was told that {call.token} is taken; "
                f"{by[call.token]} had it and gave it up, and nobody has it"
            )
            wrong, about = f"{call.kind} {call.answer}", (by[call.token], call.token)
            yield Finding(
                "convergence", "hook.token-free-at-end", text, id_of(call), wrong, about, token=call.token
            )


def _has_ended(run: SeenRun) -> bool:
    return any(kind in TERMINAL_EVENTS for kind, _ in run.events)
