"""Which rules one stress run broke: a pure function of what was seen of it and what is stored.

Only what needs no knowledge of the order of things is judged: how often the world accepted what can be
accepted once, how often it is in the log, how the run ended, and what failed on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conformance.drivers.messages import refusal
from conformance.handlers.classify import by_name, by_status
from conformance.queues.flows import StressFlow
from conformance.queues.stress_run import StressRun

#: What one entity of a run takes once, and the rule that says so. The ends of a run or a step are one.
_ONCE: Final = {
    "run_created": ("run.created-once", "run_created"),
    "run_completed": ("run.terminal-once", "end"),
    "run_failed": ("run.terminal-once", "end"),
    "step_created": ("step.created-once", "step_created"),
    "step_completed": ("step.terminal-once", "end"),
    "step_failed": ("step.terminal-once", "end"),
    "wait_created": ("wait.created-once", "wait_created"),
    "wait_completed": ("wait.completed-once", "wait_completed"),
    "hook_created": ("hook.created-once", "hook_created"),
    "hook_disposed": ("hook.disposed-once", "hook_disposed"),
}
#: What follows when the runtime does not recognise a refusal: no guard of the world is broken by it.
_OF_DIALECT: Final = frozenset(
    {"run.no-hang", "run.ends-as-control", "logs.error-line", "logs.failed-delivery", "body.as-control"}
)


@dataclass(frozen=True, slots=True)
class BrokenFlow:
    """``of_dialect``: it may come of a refusal that this release of the runtime does not know."""

    rule: str
    text: str
    of_dialect: bool = False


def broken_rules(
    run: StressRun, flow: StressFlow, hosts: Sequence[str], dialect: str, silent: float
) -> list[BrokenFlow]:
    """Each broken rule once, with one sentence. ``dialect``: how the runtime distinguishes refusals.

    ``silent``: how long nothing had happened when a run that had not ended was given up, in seconds.
    """
    found: dict[str, BrokenFlow] = {}
    for broken in (
        *_accepted_twice(run),
        *_listed_twice(run),
        *_ending(run, flow, hosts, silent),
        *_bodies(run, flow),
        *_failures(run, dialect),
    ):
        found.setdefault(broken.rule, broken)
    if "error.recognised" in found:
        return [
            replace(broken, of_dialect=broken.rule in _OF_DIALECT or broken.rule == "error.recognised")
            for broken in found.values()
        ]
    return list(found.values())


def _accepted_twice(run: StressRun) -> Iterator[BrokenFlow]:
    """Two callers got a success for what can be done once."""
    accepted = Counter(
        (*_ONCE[each["made"]], each.get("correlationId") or "the run")
        for each in run.messages
        if each["type"] == "event_asked" and each.get("made") in _ONCE and "error" not in each
    )
    for (rule, what, about), count in accepted.items():
        if count > 1:
            yield BrokenFlow(rule, f"{count} callers got a success for {_named(what, about)}")


def _listed_twice(run: StressRun) -> Iterator[BrokenFlow]:
    listed = Counter(
        (*_ONCE[event["eventType"]], event.get("correlationId") or "the run")
        for event in run.events
        if event["eventType"] in _ONCE
    )
    for (rule, what, about), count in listed.items():
        if count > 1:
            yield BrokenFlow(rule, f"the log holds {_named(what, about)} {count} times")


def _named(what: str, about: str) -> str:
    return f"the {what} of {about}"


def _ending(run: StressRun, flow: StressFlow, hosts: Sequence[str], silent: float) -> Iterator[BrokenFlow]:
    if run.unreadable:
        yield BrokenFlow("run.readable", f"the run cannot be read: {run.unreadable}")
        return
    status = run.entity.get("status")
    if not run.ended:
        yield BrokenFlow("run.no-hang", f"the run stopped as {status}: nothing happened for {silent:g} s")
    elif status in ("pending", "running"):
        yield BrokenFlow("run.terminal-stays", f"the run had ended, and is stored as {status}")
    elif status != "completed":
        yield BrokenFlow("run.ends-as-control", f"the run ended as {status}; it has to complete")
    elif run.output not in flow.outputs(tuple(hosts)):
        yield BrokenFlow("run.ends-as-control", f"the run completed with another output: {run.output!r:.200}")


def _bodies(run: StressRun, flow: StressFlow) -> Iterator[BrokenFlow]:
    """The runtime promises at-least-once for a body: more runs are reported as a *should*."""
    ran = Counter(each["stepId"] for each in run.messages if each["type"] == "step_ran")
    twice = [step for step, count in ran.items() if count > 1]
    if twice:
        yield BrokenFlow(
            "body.as-control", f"the body of {twice[0]} ran {ran[twice[0]]} times; it has to run once"
        )
    elif len(ran) > flow.bodies:
        yield BrokenFlow("body.as-control", f"{len(ran)} steps ran; the workflow has {flow.bodies}")


def _failures(run: StressRun, dialect: str) -> Iterator[BrokenFlow]:
    for each in run.messages:
        error = refusal(each["error"]) if each.get("error") else None
        if error is None or error.answer not in ("conflict", "gone", "too_early"):
            continue
        understood = by_name(error) if dialect == "name" else by_status(error)
        if understood == "unexpected" or (dialect == "status" and error.name != "WorkflowAPIError"):
            text = f"{each['eventType']} was refused as {error}, which this release does not know"
            yield BrokenFlow("error.recognised", text)
    for each in run.responses:
        # 503 with a time-out is how some worlds ask for a later delivery.
        if each["status"] >= 400 and "timeoutSeconds" not in (each.get("text") or ""):
            text = (each.get("text") or "").strip() or "no text"
            yield BrokenFlow("logs.failed-delivery", f"a delivery failed with {each['status']}: {text[:200]}")
    for line in run.logs:
        yield BrokenFlow("logs.error-line", f"at error level: {' '.join(line.split())[:250]}")
