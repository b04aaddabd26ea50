"""Convergence: some order of the calls explains the outcome, and everyone ends in the same state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from conformance.oracle.content_rules import content_rules
from conformance.oracle.control import Control, ending
from conformance.oracle.finding import Finding
from conformance.oracle.log_rules import log_rules
from conformance.oracle.look_rules import unexplained
from conformance.oracle.orders import explain
from conformance.oracle.seen import Observed, SeenRun
from conformance.oracle.unknown_runs import without_consequences
from conformance.spec.vocabulary import RUN_TERMINAL

#: Codes of errors with which the runtime ends a run whose log it cannot replay.
DIVERGED: Final = frozenset({"CORRUPTED_EVENT_LOG", "REPLAY_DIVERGENCE"})
_STATUS = {"run_completed": "completed", "run_failed": "failed", "run_cancelled": "cancelled"}


def convergence(observed: Observed, control: Control | None) -> list[Finding]:
    """Oracle over orders, and :func:`outcome`. Where nothing may race, the one state that the calls give."""
    if observed.sequence is not None:
        return [*observed.sequence, *misshapen(observed)]
    found = [*explain(observed), *outcome(observed, control)]
    return _with_effect(without_consequences(found, observed))


def outcome(observed: Observed, control: Control | None) -> list[Finding]:
    """Fold of the log, the rules of logs, replays of every log read, what hangs, and the control's ending."""
    found: list[Finding] = []
    found += misshapen(observed)
    for run in observed.runs:
        found += _fold(run)
        found += _results(run)
    found += log_rules(observed)
    found += content_rules(observed)
    for reader, verdict in observed.replays:
        if verdict:
            found.append(Finding("convergence", "log.replays", f"a log that {reader} read: {verdict}"))
    for name, error in observed.unreadable:
        text = f"what is stored of {name} can no longer be read: {error}"
        found.append(_about("run.readable", text, "", name))
    for name, why in observed.stuck:
        text = f"{name} hangs: no message is left to deliver, and {why}"
        found.append(_about("run.no-hang", text, "stuck", name))
    if not observed.quiet:
        text = f"messages kept coming after every message had been delivered many times over{_why(observed)}"
        found.append(Finding("convergence", "run.no-hang", text))
    found += unexplained(observed)
    found += [Finding("convergence", wrong.rule, wrong.text) for wrong in observed.streams]
    found += _diverged(observed)
    if control is not None:
        found += _endings(observed, control)
        found += _outputs(observed, control)
    return found


def _why(observed: Observed) -> str:
    """Why most of the deliveries failed that did, in words; empty where none did."""
    most = Counter(error for _, error in observed.failed).most_common(1)
    return f"; {most[0][1]} of these deliveries failed with {most[0][0]}" if most else ""


def _diverged(observed: Observed) -> Iterator[Finding]:
    for run in observed.runs:
        if run.error_code in DIVERGED:
            text = f"{run.name} died of {run.error_code}: a replay met a log that does not fit it"
            yield Finding("convergence", "run.no-divergence", text)


def _outputs(observed: Observed, control: Control) -> Iterator[Finding]:
    if not observed.settled:
        return
    usual = {name for name, _ in control.outputs}
    for run in observed.runs:
        if run.status == "completed" and run.name in usual and (run.name, run.output) not in control.outputs:
            text = f"{run.name} completed with another output than the one that it has without a race"
            yield Finding("convergence", "run.output-agrees", text)


def misshapen(observed: Observed) -> list[Finding]:
    """Answers of a wrong shape: all that can be said when the prefix of a case failed over one."""
    return [Finding("convergence", rule, text) for rule, text in observed.misshapen]


def _with_effect(findings: list[Finding]) -> list[Finding]:
    """Two starters that see different times are the cause of what follows: their ids differ from there on."""
    if not any(found.rule == "log.replays" for found in findings):
        return findings
    follows = ": ids come from it, so they name the same step differently and the log cannot be replayed"
    follows += "".join(f"; {found.text}" for found in findings if found.rule == "run.ends-as-control")
    return [
        found._replace(text=found.text + follows) if found.rule == "run.started-at-once" else found
        for found in findings
    ]


def _fold(run: SeenRun) -> Iterator[Finding]:
    """The entities from the log alone: the first terminal event counts, attempts are starts."""
    kinds = [kind for kind, _ in run.events]
    terminal = next((_STATUS[kind] for kind in kinds if kind in _STATUS), None)
    status = terminal or ("running" if "run_started" in kinds else "pending")
    if status != run.status:
        text = f"the events say {run.name} is {status}; the database says {run.status}"
        yield _about("log.folds", text, "run.status", run.name)
    for step in run.steps:
        mine = [kind for kind, entity in run.events if entity == step.name]
        ended = next((kind for kind in mine if kind in ("step_completed", "step_failed")), None)
        if ended is not None and step.status != ended.removeprefix("step_"):
            says = ended.removeprefix("step_")
            text = f"the events say {step.name} is {says}; the database says {step.status}"
            yield _about("log.folds", text, "step.status", run.name, step.name)
        elif ended is None and step.status in ("completed", "failed"):
            text = f"the database says {step.name} is {step.status}; no event says so"
            yield _about("log.folds", text, "step.status", run.name, step.name)


def _results(run: SeenRun) -> Iterator[Finding]:
    """A replay takes results from the log, everyone else from the entities: they must be the same."""
    held = {step.name: step.output for step in run.steps if step.status == "completed"}
    if run.status == "completed":
        held[""] = run.output
    seen: set[str] = set()
    for _, entity, value in run.results:
        stored = held.get(entity)
        # The first event of its kind counts; what is missing altogether is for the oracle to say.
        if entity not in seen and None not in (value, stored) and value != stored:
            text = f"the event that ended {entity or run.name} has another result than the database"
            yield _about("log.folds", text, "output", *[name for name in (run.name, entity) if name])
        seen.add(entity)


def _endings(observed: Observed, control: Control) -> Iterator[Finding]:
    now = ending(observed)
    if now in control.endings:
        return
    for name, status in now:
        usual = {status for end in control.endings for run, status in end if run == name}
        if status in usual:
            continue
        wanted = " or ".join(sorted(usual))
        if usual and usual <= RUN_TERMINAL and status not in RUN_TERMINAL:
            if observed.level != "storage":
                text = (
                    f"{name} is {status} after the last message was delivered; without a race it is {wanted}"
                )
                yield _about("run.no-hang", text, status, name)
            continue
        if usual:
            text = f"{name} ended as {status}; without a race it ends as {wanted}"
            yield _about("run.ends-as-control", text, status, name)


def _about(rule: str, text: str, wrong: str, *about: str) -> Finding:
    return Finding("convergence", rule, text, wrong=wrong, about=about)
