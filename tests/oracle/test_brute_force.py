"""The oracle against brute force: every order of small random races, right ones and spoiled ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.oracle.orders import explain
from conformance.oracle.seen import Observed, SeenCall, SeenRun
from conformance.spec.machine import Run, State, Step
from conformance.spec.vocabulary import Answer
from tests.oracle.build import STARTED, Outcome

#: Events of which surplus copies in the log are only a should.
_SHRUGGED = ("run_started", "run_cancelled")

_ANSWERS: list[Answer] = ["ok", "conflict", "gone", "not_found", "hook_conflict", "unexpected"]
_RUN = [("run_started", "", ""), ("run_completed", "", ""), ("run_failed", "", ""), ("run_cancelled", "", "")]
#: Races about one thing, so that the order matters more often than not.
_THEMES = [
    _RUN,
    [("run_completed", "", ""), ("wait_created", "wait1", ""), ("wait_completed", "wait1", "")],
    [
        ("run_completed", "", ""),
        ("hook_created", "hook1", "token1"),
        ("hook_created", "hook2", "token1"),
        ("hook_created", "hook2", "token2"),
        ("hook_disposed", "hook1", ""),
        ("hook_received", "hook1", ""),
    ],
    [
        ("step_started", "step1", ""),
        ("step_completed", "step1", ""),
        ("step_failed", "step1", ""),
        ("step_retrying", "step1", ""),
    ],
    [("run_completed", "", ""), ("step_created", "step2", ""), ("step_started", "step2", "")],
]


@st.composite
def races(draw: st.DrawFn) -> Outcome:
    """A race of two or three actors, four calls at most, in a drawn order, answered as the spec says."""
    outcome = Outcome().given("run_created")
    if draw(st.booleans()):
        outcome.given("run_started").given("step_created", "step1").given(
            "hook_created", "hook1", token="token1"
        )
        if draw(st.booleans()):
            outcome.given("step_started", "step1")
    theme = draw(st.sampled_from(_THEMES))
    for actor in draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=4)):
        kind, entity, token = draw(st.sampled_from(theme))
        value = f"{actor}{len(outcome.calls)}" if kind.endswith("completed") else None
        outcome.call(actor, kind, entity, token=token, value=value, choice=draw(st.integers(0, 2)))
    return outcome


@st.composite
def spoiled(draw: st.DrawFn) -> Observed:
    """A race with one thing changed, in an answer or in what is stored."""
    outcome = draw(races())
    observed = outcome.observed()
    run = observed.runs[0]
    how = draw(st.sampled_from(["answer", "attempt", "status", "output", "step", "hooks", "event", "owner"]))
    if how in ("answer", "attempt"):
        raced = [at for at, call in enumerate(observed.calls) if call.phase == "race"]
        at = draw(st.sampled_from(raced))
        calls = list(observed.calls)
        if how == "answer":
            answer = draw(st.sampled_from(_ANSWERS))
            calls[at] = calls[at]._replace(answer=answer)
        elif calls[at].attempt >= 0:
            calls[at] = calls[at]._replace(attempt=calls[at].attempt + draw(st.sampled_from([-1, 1])))
        return observed._replace(calls=tuple(calls))
    if how == "owner":
        owners = tuple((token, draw(st.sampled_from(["", "run1"]))) for token, _ in observed.owners)
        return observed._replace(owners=owners)
    return observed._replace(runs=(_spoil(draw, how, run),))


def _spoil(draw: st.DrawFn, how: str, run: SeenRun) -> SeenRun:
    if how == "status":
        return run._replace(status=draw(st.sampled_from(["pending", "running", "completed", "failed"])))
    if how == "output":
        return run._replace(output="another")
    if how == "hooks":
        return run._replace(hooks=draw(st.sampled_from([(), (("hook1", "token1"),), (("hook2", "token2"),)])))
    if how == "step" and run.steps:
        step = draw(st.sampled_from(run.steps))
        other: Any = draw(
            st.sampled_from(
                [step._replace(status="completed"), step._replace(attempt=step.attempt + 1), None]
            )
        )
        kept = tuple(one for one in run.steps if one is not step)
        return run._replace(steps=kept if other is None else tuple(sorted((*kept, other))))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(run.events) - 1))
        return run._replace(events=run.events[:at] + run.events[at + 1 :])
    extra = draw(st.sampled_from([("step_created", "step2"), ("run_started", ""), ("run_cancelled", "")]))
    return run._replace(events=(*run.events, extra))


_SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@_SETTINGS
@given(races())
def test_whatever_order_it_was_it_is_explained(outcome: Outcome) -> None:
    assert [finding for finding in explain(outcome.observed()) if finding.severity == "must"] == []


@_SETTINGS
@given(spoiled())
def test_it_finds_fault_exactly_when_every_order_does(observed: Observed) -> None:
    wrong = any(finding.severity == "must" for finding in explain(observed))
    assert wrong is not any(_explains(order, observed) for order in _orders(observed))


@_SETTINGS
@given(spoiled(), st.data())
def test_in_real_time_exactly_when_every_order_that_it_allows_does(
    observed: Observed, data: st.DataObject
) -> None:
    timed = observed._replace(order=_clock(observed, data))
    wrong = any(finding.severity == "must" for finding in explain(timed))
    assert wrong is not any(_explains(order, timed) for order in _orders(timed) if _in_time(order, timed))


def _clock(observed: Observed, data: st.DataObject) -> tuple[int, ...]:
    """Real time: calls are laid out on a line in some order of theirs, and last for a while."""
    raced = [call for call in observed.calls if call.phase == "race"]
    order = data.draw(st.sampled_from(list(_orders(observed))))
    began = {id(call): 2 * place - data.draw(st.integers(0, 3)) for place, call in enumerate(order)}
    ended = {id(call): 2 * place + data.draw(st.integers(0, 3)) for place, call in enumerate(order)}
    for one, other in pairwise(order):
        if one.actor == other.actor:
            ended[id(one)] = min(ended[id(one)], 2 * order.index(one))
            began[id(other)] = max(began[id(other)], 2 * order.index(other))
    return tuple(
        sum(
            1 << at
            for at, other in enumerate(raced)
            if ended[id(other)] < began[id(call)] or (other.actor == call.actor and other.n < call.n)
        )
        for call in raced
    )


def _in_time(order: tuple[SeenCall, ...], observed: Observed) -> bool:
    raced = [call for call in observed.calls if call.phase == "race"]
    places = [next(at for at, one in enumerate(order) if one is call) for call in raced]
    return all(
        places[at] < places[number]
        for number in range(len(raced))
        for at in range(len(raced))
        if observed.order[number] >> at & 1
    )


# -- the same question, asked of every order in turn --------------------------------------------------


def _orders(observed: Observed) -> Iterator[tuple[SeenCall, ...]]:
    actors: dict[str, list[SeenCall]] = {}
    for call in observed.calls:
        if call.phase == "race":
            actors.setdefault(call.actor, []).append(call)
    yield from _merges(list(actors.values()))


def _merges(actors: list[list[SeenCall]]) -> Iterator[tuple[SeenCall, ...]]:
    if not any(actors):
        yield ()
    for number, actor in enumerate(actors):
        if actor:
            rest = [*actors[:number], actor[1:], *actors[number + 1 :]]
            yield from ((actor[0], *order) for order in _merges(rest))


def _explains(order: tuple[SeenCall, ...], observed: Observed) -> bool:
    state = State()
    given_calls = tuple(call for call in observed.calls if call.phase == "given")
    for call in (*given_calls, *order):
        data: dict[str, Any] = {"token": call.token, "result": call.value, "output": call.value}
        event = {"eventType": call.kind, "correlationId": call.entity or None, "eventData": data}
        outcomes = state.look_up(call.run, event).outcomes
        right = {outcome.answer: outcome for outcome in outcomes}
        if call.kind.endswith("_created") and outcomes[0].answer == "ok":
            # A creator that is told of a conflict goes on all the same: only a should.
            right.setdefault("conflict", outcomes[0])
        if call.answer not in right:
            return False
        state.take(call.run, event, right[call.answer], now=STARTED)
        started = call.answer == "ok" and call.kind == "step_started"
        if started and state.steps[call.run, call.entity].attempt != call.attempt:
            return False
    return _is_stored(state, observed)


def _is_stored(state: State, observed: Observed) -> bool:
    [run] = observed.runs
    held = {token: state.hooks[hook].run_id for token, hook in state.tokens.items()}
    return (
        _is_run(state.runs[run.name], run)
        and _are_steps({name: step for (_, name), step in state.steps.items()}, run)
        and {name for name, hook in state.hooks.items() if hook.status == "active"}
        == {name for name, _ in run.hooks}
        and _is_log(Counter((kind, entity or "") for _, kind, entity in state.log), Counter(run.events))
        and all(held.get(token, "") == owner for token, owner in observed.owners)
    )


def _is_run(run: Run, there: SeenRun) -> bool:
    return run.status == there.status and (run.status != "completed" or run.output == there.output)


def _are_steps(steps: dict[str, Step], there: SeenRun) -> bool:
    stored = {step.name: step for step in there.steps}
    return steps.keys() == stored.keys() and all(
        (step.status, step.attempt) == (stored[name].status, stored[name].attempt)
        and (step.status != "completed" or step.output == stored[name].output)
        for name, step in steps.items()
    )


def _is_log(log: Counter[tuple[str, str]], there: Counter[tuple[str, str]]) -> bool:
    return not log - there and all(kind in _SHRUGGED for kind, _ in there - log)
