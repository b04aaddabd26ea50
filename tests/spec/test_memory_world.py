"""The memory world does what the table says, whatever it is asked for: held to an own state, step by step."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from conformance.core import events
from conformance.core.gates import run_alone
from conformance.memory.world import MemoryWorld
from conformance.spec.machine import State
from conformance.spec.vocabulary import RUN_TERMINAL, TERMINAL_EVENTS, Event, WorldError

_IDS = st.sampled_from(["1", "2"])
_ABOUT_RUNS = st.sampled_from(
    [events.run_started(), events.run_completed("out"), events.run_failed("no"), events.run_cancelled()]
)
_ABOUT_STEPS = st.one_of(
    st.builds(lambda n: events.step_created(f"step_{n}", "work", n), _IDS),
    st.builds(lambda n: events.step_started(f"step_{n}"), _IDS),
    st.builds(lambda n, value: events.step_completed(f"step_{n}", value), _IDS, st.integers(0, 3)),
    st.builds(lambda n: events.step_failed(f"step_{n}", "no"), _IDS),
    st.builds(lambda n: events.step_retrying(f"step_{n}", "no"), _IDS),
)
_ABOUT_WAITS = st.one_of(
    st.builds(lambda n: events.wait_created(f"wait_{n}", 0), _IDS),
    st.builds(lambda n: events.wait_completed(f"wait_{n}"), _IDS),
)
_ABOUT_HOOKS = st.one_of(
    st.builds(lambda n, token: events.hook_created(f"hook_{n}", f"token_{token}"), _IDS, _IDS),
    st.builds(lambda n: events.hook_received(f"hook_{n}", 1), _IDS),
    st.builds(lambda n: events.hook_disposed(f"hook_{n}"), _IDS),
)


class Agreement(RuleBasedStateMachine):
    """The world on one side, a bare state on the other; both get the same events."""

    def __init__(self) -> None:
        super().__init__()
        self.world = MemoryWorld()
        self.state = State()
        self.runs: list[str] = []

    def ask(self, operation: Any) -> Any:
        """The answer, or the kind of refusal."""
        try:
            return run_alone(operation)
        except WorldError as error:
            return error.answer

    @precondition(lambda self: len(self.runs) < 2)
    @rule()
    def create_run(self) -> None:
        event = events.run_created("flow")
        answer = self.ask(self.world.events_create(None, event))
        run_id = answer["run"]["runId"]
        self.take(run_id, event)
        assert answer["run"]["status"] == "pending"
        self.runs.append(run_id)

    def take(self, run_id: str, event: Event) -> str:
        outcome = self.state.look_up(run_id, event, now=self.world.now).outcomes[0]
        if outcome.answer in ("ok", "hook_conflict"):
            self.state.take(run_id, event, outcome, now=self.world.now)
        return outcome.answer

    def create(self, run: int, event: Event) -> None:
        run_id = self.runs[run % len(self.runs)]
        key = event.get("correlationId")
        if key is not None:
            # Ids of one run are not used by another; tokens are.
            event = {**event, "correlationId": f"{key}_{run_id}"}
        answer = self.ask(self.world.events_create(run_id, event))
        expected = self.take(run_id, event)
        if isinstance(answer, str):
            assert answer == expected
            return
        conflicts = (answer.get("event") or {}).get("eventType") == "hook_conflict"
        assert ("hook_conflict" if conflicts else "ok") == expected

    @precondition(lambda self: self.runs)
    @rule(run=st.integers(0, 1), event=_ABOUT_RUNS)
    def run_event(self, run: int, event: Event) -> None:
        self.create(run, event)

    @precondition(lambda self: self.runs)
    @rule(run=st.integers(0, 1), event=_ABOUT_STEPS)
    def step_event(self, run: int, event: Event) -> None:
        self.create(run, event)

    @precondition(lambda self: self.runs)
    @rule(run=st.integers(0, 1), event=_ABOUT_WAITS)
    def wait_event(self, run: int, event: Event) -> None:
        self.create(run, event)

    @precondition(lambda self: self.runs)
    @rule(run=st.integers(0, 1), event=_ABOUT_HOOKS)
    def hook_event(self, run: int, event: Event) -> None:
        self.create(run, event)

    @invariant()
    def what_is_read_is_what_was_taken(self) -> None:
        for run_id in self.runs:
            run = self.ask(self.world.runs_get(run_id))
            assert (run["status"], run["output"]) == (
                self.state.runs[run_id].status,
                self.state.runs[run_id].output,
            )
            steps = self.ask(self.world.steps_list({"runId": run_id}))["data"]
            assert [(step["stepId"], step["status"], step["attempt"], step["output"]) for step in steps] == [
                (name, step.status, step.attempt, step.output)
                for (run, name), step in self.state.steps.items()
                if run == run_id
            ]
            log = self.ask(self.world.events_list({"runId": run_id}))["data"]
            assert [(event["eventType"], event.get("correlationId")) for event in log] == [
                (kind, key) for run, kind, key in self.state.log if run == run_id
            ]
            assert len({event["eventId"] for event in log}) == len(log)

    @invariant()
    def tokens_lead_to_their_hooks(self) -> None:
        for token in ("token_1", "token_2"):
            hook = self.ask(self.world.hooks_get_by_token(token))
            holder = self.state.tokens.get(token)
            assert hook == "not_found" if holder is None else hook["hookId"] == holder

    @invariant()
    def an_ended_run_ended_once_and_keeps_nothing(self) -> None:
        for run_id in self.runs:
            ended = self.state.runs[run_id].status in RUN_TERMINAL
            kinds = [kind for run, kind, _ in self.state.log if run == run_id]
            assert sum(kind in TERMINAL_EVENTS for kind in kinds) == ended
            hooks = self.ask(self.world.hooks_list({"runId": run_id}))["data"]
            assert not (ended and hooks)

    @invariant()
    def attempts_are_starts(self) -> None:
        for (run_id, name), step in self.state.steps.items():
            assert step.attempt == self.state.log.count((run_id, "step_started", name))

    @invariant()
    def what_is_saved_comes_back(self) -> None:
        saved = self.world.save()
        before = (self.world.state.copy(), dict(self.world.events), self.world.now)
        run_alone(self.world.events_create(None, events.run_created("another")))
        self.world.restore(saved)
        assert (self.world.state, self.world.events, self.world.now) == before


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
