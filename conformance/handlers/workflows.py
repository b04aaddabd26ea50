"""The workflows that cases are made of: small, deterministic, drawn by their JSON arguments.

Each shows one shape of run. ``payload`` is carried through a step and back, so that a value that a
world loses or changes is seen in the output.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Final

from conformance.handlers.context import Context
from conformance.handlers.outcome import StepFailedError, WorkflowError
from conformance.handlers.workflow import StepBody, Workflow
from conformance.spec.vocabulary import Json


async def empty(ctx: Context, payload: Json = None) -> Json:  # noqa: ARG001 - every flow takes the context
    """Returns at once: its run ends in the first delivery."""
    return payload


async def sequence(ctx: Context, n: int = 2, payload: Json = None) -> Json:
    """``n`` steps, one after the other."""
    return [await ctx.step("work", index, payload) for index in range(n)]


async def fan_out(ctx: Context, n: int = 3, payload: Json = None) -> Json:
    """``n`` steps at once."""
    return await ctx.gather(*(ctx.step("work", index, payload) for index in range(n)))


async def fan_out_then(ctx: Context, n: int = 2, payload: Json = None) -> Json:
    """``n`` branches at once, each of two steps, and a last step: replays meet half-finished branches."""

    async def branch(index: int) -> Json:
        first = await ctx.step("work", index, payload)
        return await ctx.step("more", index, first)

    done = await ctx.gather(*(branch(index) for index in range(n)))
    return await ctx.step("last", done)


async def sleep_then_step(ctx: Context, ms: float = 1000, payload: Json = None) -> Json:
    """A sleep, then a step."""
    await ctx.sleep(ms)
    return await ctx.step("work", payload)


async def sleep_and_step(ctx: Context, ms: float = 1000, payload: Json = None) -> Json:
    """A sleep and a step at once, and a step when both are done."""
    _, result = await ctx.gather(ctx.sleep(ms), ctx.step("work", payload))
    return await ctx.step("last", result)


async def sleeps(ctx: Context, n: int = 2, ms: float = 1000) -> Json:
    """``n`` sleeps at once, each longer than the one before it by ``ms``."""
    await ctx.gather(*(ctx.sleep(ms * (index + 1)) for index in range(n)))
    return await ctx.step("work", n)


async def hook_only(ctx: Context, token: str) -> Json:
    """Waits for one payload of a hook."""
    return await ctx.hook(token)


async def hook_then_step(ctx: Context, token: str) -> Json:
    """Waits for a payload and hands it to a step."""
    payload = await ctx.hook(token)
    return await ctx.step("work", payload)


async def hook_or_step(ctx: Context, token: str, payload: Json = None) -> Json:
    """A hook raced with a step; the hook is disposed of, and one more step follows."""
    hook = ctx.hook(token)
    index, value = await ctx.race(ctx.step("work", payload), hook)
    hook.dispose()
    return await ctx.step("last", index, value)


async def hook_or_sleep(ctx: Context, token: str, ms: float = 1000, payload: Json = None) -> Json:
    """An answer, or a time-out: a hook raced with a sleep; the hook is disposed of, and a step follows."""
    hook = ctx.hook(token)
    index, value = await ctx.race(hook, ctx.sleep(ms))
    hook.dispose()
    return await ctx.step("last", index, value, payload)


async def hook_sleep_step(ctx: Context, token: str, ms: float = 1000, payload: Json = None) -> Json:
    """A step, a sleep and a hook that is read only afterwards: its payloads wait for the others."""
    hook = ctx.hook(token)
    first, _ = await ctx.race(ctx.sleep(ms), ctx.step("work", payload))
    return await ctx.step("last", first, await hook)


async def hook_taken(ctx: Context, token: str, payload: Json = None) -> Json:
    """Claims a token; when another run holds it, goes on with a step instead."""
    try:
        return await ctx.hook(token)
    except WorkflowError as error:
        return await ctx.step("work", error.name, payload)


async def leaves_hooks(ctx: Context, tokens: Sequence[str], payload: Json = None) -> Json:
    """Ends when its step is done, whatever became of its hooks: the end of the run must release them."""
    hooks = [ctx.hook(token) for token in tokens]
    _, value = await ctx.race(ctx.step("work", payload), *hooks)
    return value


async def leaves_step(ctx: Context, n: int = 1, payload: Json = None) -> Json:
    """Ends when the first of ``n`` + 1 steps is done, while the others may still be under way."""
    _, value = await ctx.race(*(ctx.step("work", index, payload) for index in range(n + 1)))
    return value


async def leaves_sleep(ctx: Context, ms: float = 60_000, payload: Json = None) -> Json:
    """Ends when its step is done, long before its sleep is."""
    _, value = await ctx.race(ctx.step("work", payload), ctx.sleep(ms))
    return value


async def stamped_step(ctx: Context, payload: Json = None) -> Json:
    """One step whose result names its attempt: two executions give two results, the log keeps one."""
    return await ctx.step("stamped", payload)


async def retrying_step(ctx: Context, failures: int = 1) -> Json:
    """A step that throws ``failures`` times (up to 3 are retried) and then returns."""
    return await ctx.step("retry", {"failures": failures})


async def failing_step(ctx: Context, payload: Json = None) -> Json:
    """A step that fails for good, and nobody catches it: the run fails."""
    return await ctx.step("fatal", payload)


async def failing_step_caught(ctx: Context, payload: Json = None) -> Json:
    """A step that fails for good, and the workflow goes on with another."""
    try:
        return await ctx.step("fatal", payload)
    except StepFailedError as error:
        return await ctx.step("work", error.message)


async def flow(ctx: Context, plan: dict[str, Any], tokens: Sequence[str] = (), payload: Json = None) -> Json:
    """Runs a flow (:mod:`conformance.core.flows`); the turns of the event loop in it are not counted here."""
    return await _Flow(ctx, tokens, payload).run(plan)


class _Flow:
    """One replay of a flow."""

    def __init__(self, ctx: Context, tokens: Sequence[str], payload: Json) -> None:
        self._ctx = ctx
        self._payload = payload
        self._hooks = [ctx.hook(token) for token in tokens]

    async def run(self, plan: dict[str, Any]) -> Json:
        done = await self._all(plan["branches"], "flow")
        for hook in self._hooks:
            hook.dispose()
        return done

    async def _all(self, branches: Sequence[Sequence[Any]], at: str) -> Json:
        return await self._ctx.gather(*self._parts(branches, at))

    def _parts(self, branches: Sequence[Sequence[Any]], at: str) -> list[Coroutine[Any, None, Any]]:
        return [self._branch(branch, f"{at}.{index}") for index, branch in enumerate(branches)]

    async def _branch(self, branch: Sequence[Any], at: str) -> Json:
        return [await self._one(part, f"{at}.{index}") for index, part in enumerate(branch)]

    async def _one(self, part: Any, at: str) -> Json:
        ctx = self._ctx
        done: Json = []
        match part:
            case str(name):
                done = await ctx.step(name, at, self._payload)
            case {"sleep": ms}:
                done = await ctx.sleep(ms)
            case {"hook": number}:
                done = await self._hooks[number]
            case {"race": branches}:
                done = list(await ctx.race(*self._parts(branches, at)))
            case {"all": branches}:
                done = await self._all(branches, at)
            case {"loop": times, "do": branch}:
                done = [await self._branch(branch, f"{at}.{index}") for index in range(times)]
        return done


async def failing_workflow(ctx: Context, n: int = 1, payload: Json = None) -> Json:
    """``n`` steps, then the workflow itself throws: the run fails."""
    for index in range(n):
        await ctx.step("work", index, payload)
    raise WorkflowError("the workflow throws")


#: The bodies every workflow here may call.
STEPS: Final = {
    "work": StepBody(),
    "more": StepBody(),
    "last": StepBody(),
    "stamped": StepBody(stamped=True),
    "retry": StepBody("retry"),
    "fatal": StepBody("fatal"),
}

#: What these ask for first depends on turns of the runtime's event loop, which the model does not have.
_INEXACT: Final = frozenset({flow})

WORKFLOWS: Final[dict[str, Workflow]] = {
    each.__name__: Workflow(each, STEPS, exact=each not in _INEXACT)
    for each in (
        empty,
        sequence,
        fan_out,
        fan_out_then,
        sleep_then_step,
        sleep_and_step,
        sleeps,
        hook_only,
        hook_then_step,
        hook_or_step,
        hook_or_sleep,
        hook_sleep_step,
        hook_taken,
        leaves_hooks,
        leaves_step,
        leaves_sleep,
        stamped_step,
        retrying_step,
        failing_step,
        failing_step_caught,
        failing_workflow,
        flow,
    )
}
