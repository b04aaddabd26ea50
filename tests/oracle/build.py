"""Outcomes written by hand: calls and their answers, and what is stored in the end.

``Outcome`` lets calls take effect in an order of your choice and answers them as the spec says, so that
what it builds is right by construction; ``replace`` on what it gives spoils it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from conformance.oracle.seen import Observed, SeenCall, SeenRun, SeenStep
from conformance.spec.machine import State
from conformance.spec.vocabulary import Answer, Event

STARTED = 0


def seen(
    actor: str,
    kind: str,
    entity: str = "",
    answer: Answer = "ok",
    *,
    n: int = 0,
    phase: str = "race",
    run: str = "run1",
    token: str = "",
    value: Hashable = None,
    started: int = -1,
    attempt: int = -1,
    message: str = "",
) -> SeenCall:
    """A call by hand; the answer is success unless said otherwise."""
    return SeenCall(phase, actor, n, run, kind, entity, token, value, answer, message, "", started, attempt)


class Outcome:
    """One sequence of calls, carried out as the spec says."""

    def __init__(self) -> None:
        self.state = State()
        self.calls: list[SeenCall] = []
        self.counts: dict[tuple[str, str], int] = {}

    def call(
        self,
        actor: str,
        kind: str,
        entity: str = "",
        *,
        phase: str = "race",
        run: str = "run1",
        token: str = "",
        value: Hashable = None,
        choice: int = 0,
    ) -> SeenCall:
        """The next call takes effect; ``choice`` picks one of the answers that are right."""
        event: Event = {"eventType": kind, "correlationId": entity or None, "eventData": {"token": token}}
        if kind == "step_completed":
            event["eventData"]["result"] = value
        elif kind == "run_completed":
            event["eventData"]["output"] = value
        outcomes = self.state.look_up(run, event).outcomes
        outcome = outcomes[choice % len(outcomes)]
        self.state.take(run, event, outcome, now=STARTED)
        n = self.counts[phase, actor] = self.counts.get((phase, actor), -1) + 1
        made = seen(actor, kind, entity, outcome.answer, n=n, phase=phase, run=run, token=token, value=value)
        if outcome.answer == "ok" and kind == "run_started":
            made = made._replace(started=STARTED)
        elif outcome.answer == "ok" and kind[:4] == "step":
            made = made._replace(attempt=self.state.steps[run, entity].attempt)
        self.calls.append(made)
        return made

    def given(self, kind: str, entity: str = "", **more: Any) -> Outcome:
        """A call of the prefix."""
        self.call("-", kind, entity, phase="given", **more)
        return self

    def running(self, run: str = "run1") -> Outcome:
        """A run that runs."""
        return self.given("run_created", run=run).given("run_started", run=run)

    def runs(self) -> tuple[SeenRun, ...]:
        """What is stored."""
        return tuple(self.run(name) for name in self.state.runs)

    def run(self, name: str) -> SeenRun:
        state = self.state
        run = state.runs[name]
        return SeenRun(
            name,
            run.status,
            -1 if run.started_at is None else STARTED,
            run.output,
            tuple((kind, entity or "") for owner, kind, entity in state.log if owner == name),
            tuple(
                SeenStep(step, entity.status, entity.attempt, entity.output)
                for (owner, step), entity in sorted(state.steps.items())
                if owner == name
            ),
            tuple(
                (hook, entity.token)
                for hook, entity in sorted(state.hooks.items())
                if entity.run_id == name and entity.status == "active"
            ),
        )

    def owners(self) -> tuple[tuple[str, str], ...]:
        """Who holds every token that was asked for."""
        tokens = dict.fromkeys(call.token for call in self.calls if call.token)
        held = self.state.tokens
        return tuple(
            (token, self.state.hooks[held[token]].run_id if token in held else "") for token in tokens
        )

    def observed(self, **more: Any) -> Observed:
        """All of it, calls sorted by actor as :func:`conformance.oracle.observe` does."""
        phases = ["given", "race", "drain", "then"]
        calls = sorted(self.calls, key=lambda call: (phases.index(call.phase), call.actor, call.n))
        return observed(tuple(calls), self.runs(), self.owners())._replace(**more)


def observed(
    calls: tuple[SeenCall, ...], runs: tuple[SeenRun, ...] = (), owners: tuple[tuple[str, str], ...] = ()
) -> Observed:
    """What was seen, where nothing but the calls and what is stored matters."""
    return Observed("storage", False, calls, runs, owners, (), (), (), (), (), True)
