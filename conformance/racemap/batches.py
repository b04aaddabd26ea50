"""Batches of line 5.x in the map: one write that creates a step and a wait, and what it meets.

The table has a row for each event of a batch, and none for a batch, so these places are listed here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from conformance.api import Actor, Case, Program, Race, Suite, events
from conformance.core.errors import NotSupported
from conformance.core.scenario import Variant
from conformance.spec.batch import BATCHES

#: What an actor does: given the run, the step and the wait.
Part = Callable[[Suite, Actor, str, str, str], Awaitable[Any]]


async def _batch(suite: Suite, actor: Actor, run: str, step: str, wait: str) -> None:
    made = [events.step_created(step, "work", "x"), events.wait_created(wait, suite.elapsed())]
    await actor.create_batch(run, made)


_OTHERS: Final[dict[str, Part]] = {
    "createBatch": _batch,
    "run_completed": lambda _, actor, run, *__: actor.create(run, events.run_completed("x")),
    "run_failed": lambda _, actor, run, *__: actor.create(run, events.run_failed("boom")),
    "run_cancelled": lambda _, actor, run, *__: actor.create(run, events.run_cancelled()),
    "step_created": lambda _, actor, run, step, __: actor.create(run, events.step_created(step, "work", "x")),
    "step_started+input": lambda _, actor, run, step, __: actor.create(
        run, events.step_started_lazily(step, "work", "x")
    ),
    "wait_created": lambda suite, actor, run, _, wait: actor.create(
        run, events.wait_created(wait, suite.elapsed())
    ),
    "events.list": lambda _, actor, run, *__: actor.events(run),
    "events.pages": lambda _, actor, run, *__: actor.read_on(run, 1),
    "steps.list": lambda _, actor, run, *__: actor.steps(run),
}
#: What may come between two events of a batch that is not one write: about entities of its own.
_APART: Final = ("createBatch", "step_created")
#: Both entities are missing, or one of them is there: then a part of the batch is refused.
_STATES: Final = ("step-missing+wait-missing", "step-pending+wait-missing")


def batch_variants() -> Iterator[Variant]:
    """A variant for each operation that a batch meets, from each state."""
    for name in _OTHERS:
        for state in _STATES:
            # A name has its operations in the order of the map.
            pair = f"{name}~createBatch" if "." not in name else f"createBatch~{name}"
            about = f"a batch that creates a step and a wait, against {name}; {state.replace('-', ' ')}"
            yield Variant(f"{pair}@running+{state}", "storage", _build(name, state), about=about, since=5)
    for name in _APART:
        about = f"a batch that creates a step and a wait, against {name} about others"
        build = _build(name, _STATES[0], apart=True)
        yield Variant(
            f"{name}~createBatch:other@running+{_STATES[0]}", "storage", build, about=about, since=5
        )


def _build(name: str, state: str, *, apart: bool = False) -> Callable[[Suite, Case], Awaitable[Race]]:
    async def build(suite: Suite, case: Case) -> Race:
        if not suite.declares(BATCHES):
            raise NotSupported("it has no createBatch")
        run = await suite.run()
        step, wait = suite.name("step"), suite.name("wait")
        if state.startswith("step-pending"):
            await suite.actor.create(run, events.step_created(step, "work", "x"))

        def program(part: Part, *about: str) -> Program:
            async def act(actor: Actor) -> None:
                await part(suite, actor, run, *about)

            return act

        first = program(_batch, step, wait)
        others = (suite.name("step"), suite.name("wait")) if apart else (step, wait)
        second = first if name == "createBatch" and not apart else program(_OTHERS[name], *others)
        return Race([(first, second)[number % 2] for number in case.numbers])

    return build
