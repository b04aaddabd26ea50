"""The workflows and steps of level ``runtime``: those of ``conformance/handlers/workflows.py``, under the
same names and with the same meaning, written for ``vercel-workflow``.

The runtime imports this module twice: in its sandbox, where workflows run, and outside, where steps do. So it
is a module of the import path by itself, and imports nothing of the host's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pydantic
from vercel import workflow as sdk

#: What user code throws in these flows, and nobody else does: a log line with it is one by design.
THROWN = ("the workflow throws", "failed for good", "failed at attempt")

#: Called with ``(run id, step id, name, attempt)`` of each body that runs. The host sets it, outside the
#: sandbox.
report: Callable[[str, str, str, int], None] | None = None

# A fresh sandbox for each replay imports this module anew, which takes longer than the replay. Nothing here
# is changed by a run, so one may serve all of them.
flows = sdk.Workflows(sandbox_policy=sdk.SandboxPolicy(share_sandboxes=True))


class Payload(pydantic.RootModel[Any], sdk.BaseHook):
    """Any payload of a hook."""


async def race(*parts: Awaitable[Any]) -> tuple[int, Any]:
    """Which part ended first, and with what; the others go on."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    first = next(index for index, task in enumerate(tasks) if task.done())
    return first, tasks[first].result()


async def received(hook: sdk.HookEvent[Payload]) -> Any:
    """The next payload of a hook."""
    return (await hook).root


def ran(name: str) -> int:
    """A body runs: at which attempt."""
    step = sdk.get_step_metadata()
    assert report is not None
    report(step.run_id, step.step_id, name, step.attempt)
    return step.attempt


@flows.step
async def work(*args: Any) -> Any:
    ran("work")
    return {"step": "work", "args": list(args)}


@flows.step
async def more(*args: Any) -> Any:
    ran("more")
    return {"step": "more", "args": list(args)}


@flows.step
async def last(*args: Any) -> Any:
    ran("last")
    return {"step": "last", "args": list(args)}


@flows.step
async def stamped(*args: Any) -> Any:
    return {"step": "stamped", "args": list(args), "attempt": ran("stamped")}


@flows.step
async def retry(options: Any) -> Any:
    attempt = ran("retry")
    if attempt <= options["failures"]:
        raise RuntimeError(f"retry failed at attempt {attempt}")
    return {"step": "retry", "args": [options]}


@flows.step
async def fatal(*args: Any) -> Any:  # noqa: ARG001 - it fails whatever it is given
    ran("fatal")
    raise sdk.FatalError("fatal failed for good")


@flows.workflow
async def empty(payload: Any = None) -> Any:
    return payload


@flows.workflow
async def sequence(n: int = 2, payload: Any = None) -> Any:
    return [await work(index, payload) for index in range(n)]


@flows.workflow
async def fan_out(n: int = 3, payload: Any = None) -> Any:
    return await asyncio.gather(*(work(index, payload) for index in range(n)))


@flows.workflow
async def fan_out_then(n: int = 2, payload: Any = None) -> Any:
    async def branch(index: int) -> Any:
        return await more(index, await work(index, payload))

    return await last(await asyncio.gather(*(branch(index) for index in range(n))))


@flows.workflow
async def sleep_then_step(ms: float = 1000, payload: Any = None) -> Any:
    await sdk.sleep(ms / 1000)
    return await work(payload)


@flows.workflow
async def sleep_and_step(ms: float = 1000, payload: Any = None) -> Any:
    _, result = await asyncio.gather(sdk.sleep(ms / 1000), work(payload))
    return await last(result)


@flows.workflow
async def sleeps(n: int = 2, ms: float = 1000) -> Any:
    await asyncio.gather(*(sdk.sleep(ms * (index + 1) / 1000) for index in range(n)))
    return await work(n)


@flows.workflow
async def hook_only(token: str) -> Any:
    return await received(Payload.wait(token=token))


@flows.workflow
async def hook_then_step(token: str) -> Any:
    return await work(await received(Payload.wait(token=token)))


@flows.workflow
async def hook_or_step(token: str, payload: Any = None) -> Any:
    hook = Payload.wait(token=token)
    # Whoever waits for a hook that is disposed of gets an error here, so nobody may be left waiting.
    waiting = asyncio.ensure_future(received(hook))
    index, value = await race(work(payload), waiting)
    waiting.cancel()
    hook.dispose()
    return await last(index, value)


@flows.workflow
async def hook_or_sleep(token: str, ms: float = 1000, payload: Any = None) -> Any:
    hook = Payload.wait(token=token)
    waiting = asyncio.ensure_future(received(hook))
    index, value = await race(waiting, sdk.sleep(ms / 1000))
    waiting.cancel()
    hook.dispose()
    return await last(index, value, payload)


@flows.workflow
async def hook_sleep_step(token: str, ms: float = 1000, payload: Any = None) -> Any:
    hook = Payload.wait(token=token)
    first, _ = await race(sdk.sleep(ms / 1000), work(payload))
    return await last(first, await received(hook))


@flows.workflow
async def hook_taken(token: str, payload: Any = None) -> Any:
    try:
        return await received(Payload.wait(token=token))
    except sdk.HookConflictError as error:
        return await work(type(error).__name__, payload)


@flows.workflow
async def leaves_hooks(tokens: list[str], payload: Any = None) -> Any:
    hooks = [Payload.wait(token=token) for token in tokens]
    _, value = await race(work(payload), *(received(hook) for hook in hooks))
    return value


@flows.workflow
async def leaves_step(n: int = 1, payload: Any = None) -> Any:
    _, value = await race(*(work(index, payload) for index in range(n + 1)))
    return value


@flows.workflow
async def leaves_sleep(ms: float = 60_000, payload: Any = None) -> Any:
    _, value = await race(work(payload), sdk.sleep(ms / 1000))
    return value


@flows.workflow
async def stamped_step(payload: Any = None) -> Any:
    return await stamped(payload)


@flows.workflow
async def retrying_step(failures: int = 1) -> Any:
    return await retry({"failures": failures})


@flows.workflow
async def failing_step(payload: Any = None) -> Any:
    return await fatal(payload)


@flows.workflow
async def failing_step_caught(payload: Any = None) -> Any:
    try:
        return await fatal(payload)
    except sdk.FatalError as error:
        return await work(str(error))


@flows.workflow
async def flow(plan: dict[str, Any], tokens: list[str] | None = None, payload: Any = None) -> Any:
    hooks = [Payload.wait(token=token) for token in tokens or []]

    async def every(branches: list[Any], at: str) -> Any:
        return await asyncio.gather(*(branch(one, f"{at}.{index}") for index, one in enumerate(branches)))

    async def branch(parts: list[Any], at: str) -> Any:
        return [await one(part, f"{at}.{index}") for index, part in enumerate(parts)]

    async def one(part: Any, at: str) -> Any:
        done: Any = []
        match part:
            case str(name):
                done = await {"work": work, "more": more, "last": last}[name](at, payload)
            case {"sleep": ms}:
                await sdk.sleep(ms / 1000)
                done = None
            case {"hook": number}:
                done = await received(hooks[number])
            case {"race": branches}:
                done = await race(*(branch(each, f"{at}.{index}") for index, each in enumerate(branches)))
            case {"all": branches}:
                done = await every(branches, at)
            case {"loop": times, "do": inner}:
                done = [await branch(inner, f"{at}.{index}") for index in range(times)]
            case {"turns": turns}:
                for _ in range(turns):
                    await asyncio.sleep(0)
        return done

    done = await every(plan["branches"], "flow")
    for hook in hooks:
        hook.dispose()
    return done


@flows.workflow
async def failing_workflow(n: int = 1, payload: Any = None) -> Any:
    for index in range(n):
        await work(index, payload)
    raise RuntimeError("the workflow throws")
