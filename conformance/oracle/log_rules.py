"""Rules about logs themselves, over every log that anyone read, at every level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, get_args

from conformance.core.history import Phase
from conformance.oracle.finding import Finding
from conformance.oracle.mismatches import id_of
from conformance.oracle.seen import Observed, SeenCall, SeenRun
from conformance.spec.vocabulary import TERMINAL_EVENTS

#: One after the other.
_PHASES: Final[tuple[str, ...]] = get_args(Phase)
_STEP_ENDS: Final = ("step_completed", "step_failed")
#: Who is refused because something is there already -> the events of that entity that can be the reason.
_REASONS: Final = {
    "step_created": ("step_created",),
    "wait_created": ("wait_created",),
    "hook_created": ("hook_created", "hook_conflict"),
    "step_started": _STEP_ENDS,
    "step_completed": _STEP_ENDS,
    "step_failed": _STEP_ENDS,
    "step_retrying": _STEP_ENDS,
    "wait_completed": ("wait_completed",),
    "run_completed": (),
    "run_failed": (),
    "run_cancelled": (),
}


def log_rules(observed: Observed) -> Iterator[Finding]:
    """Reads that are no prefix, positions, ids with two meanings, and events that were lost for good."""
    yield from _prefixes(observed)
    logs = {run.name: run for run in observed.runs}
    for run in observed.runs:
        yield from _of_log(run)
    for report in observed.reports:
        what = f"{report.kind} {report.entity}".rstrip()
        text = f"the answer to {report.actor}'s {what} {report.text}"
        yield Finding("convergence", "answer.report", text)
    for batch in observed.batches:
        text = f"{batch.actor}'s batch is not one write: {batch.text}"
        yield Finding("convergence", "batch.one-write", text, about=(batch.run,))
    for two in observed.two_things:
        (one, asks), (other, wants) = two.first, two.second
        # Two of one name differ in what they are given.
        given = f", with another {'token' if asks == 'a hook' else 'input'}" if asks == wants else ""
        text = f"{one} asked for {asks} and {other} for {wants}{given} under one correlation id, {two.entity}"
        later, before = next(iter(two.calls), None), two.calls[1:]
        about = (two.run, two.entity)
        yield Finding("convergence", "id.one-thing", text, later, about=about, because=before)
    for call in observed.calls:
        log = logs.get(call.run)
        if log is not None and call.phase != "given" and _was_lost(call, log, observed.calls):
            what = f"{call.kind} {call.entity}".rstrip()
            text = f"{call.actor}'s {what} was refused as already there, and no event in the log says so"
            names = tuple(name for name in (call.run, call.entity) if name)
            wrong = f"{call.kind} {call.answer}"
            yield Finding("convergence", "log.repeat-needs-event", text, id_of(call), wrong, names)


def _prefixes(observed: Observed) -> Iterator[Finding]:
    numbered = {run.name for run in observed.runs if run.numbered}
    for read in observed.misreads:
        how = ", and on from its cursor," if read.joined else ""
        text = f"{read.reader} read the log of {read.run}{how} and {read.text}"
        must = read.joined or read.run in numbered
        rule = "log.prefix" if must else "log.prefix-whole"
        yield Finding("convergence", rule, text, wrong=read.wrong, about=(read.run,))


def _of_log(run: SeenRun) -> Iterator[Finding]:
    if run.misnumbered:
        text = f"the log of {run.name} {run.misnumbered}"
        wrong = "log order" if "order" in run.misnumbered else "log slots"
        yield Finding("convergence", "log.slots", text, wrong=wrong, about=(run.name,))
    if run.mispaged:
        text = f"read in small pages, the log of {run.name} {run.mispaged}"
        yield Finding("convergence", "list.log", text, wrong="events.list pages", about=(run.name,))
    for hook in run.resumed_twice:
        text = f"one resumption of {hook} is in the log of {run.name} more than once"
        yield Finding("convergence", "hook.resume-once", text, about=(run.name, hook))


def _was_lost(call: SeenCall, run: SeenRun, calls: Sequence[SeenCall]) -> bool:
    """Whether a call met what is there already, and the log has nothing of it."""
    if call.answer != "conflict" or call.kind not in _REASONS:
        return False
    reasons = _REASONS[call.kind]
    if call.kind == "step_started" and call.value is not None:
        reasons = (*reasons, "step_created")  # it was to create its step
    if any(kind in reasons and entity == call.entity for kind, entity in run.events):
        return False
    return not any(kind in TERMINAL_EVENTS for kind, _ in run.events) or _ended_later(call, run, calls)


def _ended_later(call: SeenCall, run: SeenRun, calls: Sequence[SeenCall]) -> bool:
    """Whether all that ended the run was asked for in a later phase than this call. Not so of a cancellation:
    it may succeed once more, and the first one's answer may have been lost."""
    in_log = [kind for kind, _ in run.events if kind in TERMINAL_EVENTS]
    ends = [each for each in calls if each.run == run.name and each.kind in in_log and each.answer == "ok"]
    later = all(_PHASES.index(each.phase) > _PHASES.index(call.phase) for each in ends)
    return later and len(ends) == len(in_log) and "run_cancelled" not in in_log
