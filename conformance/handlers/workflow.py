"""What a workflow is made of: its code and the behaviour of its steps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.spec.vocabulary import Json

Behaviour = Literal["ok", "fatal", "retry"]


class StepError(Exception):
    """What a step body throws. ``fatal``: no further attempt will help."""

    def __init__(self, message: str, *, fatal: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.fatal = fatal
        #: ask for the next attempt so many ms from now (the runtime's RetryableError), or leave it open
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class StepBody:
    """How a step behaves. It takes no time and has no effect but its result.

    ``ok`` returns, ``fatal`` throws for good, ``retry`` throws ``failures`` times and then returns. A
    first argument that is an object with ``failures`` overrides the number, so that it can be drawn.
    The result is ``{"step", "args"}``, so it is the same for every attempt; ``stamped`` adds the
    attempt, so that the results of two executions can be told apart.
    """

    behaviour: Behaviour = "ok"
    failures: int = 1
    max_retries: int = 3
    retry_after: float | None = None
    stamped: bool = False

    def run(self, name: str, args: list[Json], attempt: int) -> Json:
        """The result of attempt number ``attempt`` (from 1); raises :class:`StepError`."""
        if self.behaviour == "fatal":
            raise StepError(f"{name} failed for good", fatal=True)
        if self.behaviour == "retry" and attempt <= self._failures(args):
            raise StepError(f"{name} failed at attempt {attempt}", retry_after=self.retry_after)
        result: dict[str, Json] = {"step": name, "args": args}
        if self.stamped:
            result["attempt"] = attempt
        return result

    def _failures(self, args: list[Json]) -> int:
        asked = args[0].get("failures") if args and isinstance(args[0], dict) else None
        return asked if isinstance(asked, int) else self.failures


#: takes the :class:`~conformance.handlers.context.Context` and then the run's input
Flow = Callable[..., Coroutine[Any, None, Json]]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow: ``await fn(ctx, *input)``, and the bodies of the steps it calls, by name."""

    fn: Flow
    steps: Mapping[str, StepBody] = field(default_factory=dict)
    #: the model replays its logs as the runtime does; if not, only the runtime knows what they come to
    exact: bool = True
