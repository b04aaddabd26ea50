"""The mutants on Redis: the script with lines taken out, or called once to look and once to act."""

from __future__ import annotations

from typing import Any

from conformance.world import gate

from .._reference.mutants import BrokenAnswers
from .reference import RedisWorld

_GUARDED = "local verdict = guard()"
#: ``look`` says what the guard says and does nothing; ``act`` does it, whatever the guard would say.
_IN_TWO = """
local verdict = ask.verdict
if ask.phase ~= 'act' then verdict = guard() end
if ask.phase == 'look' then return type(verdict) == 'table' and verdict or {verdict or 'ok'} end
"""
_RELEASE = "if status(hook) == 'active' then dispose(hook) end"
_ONCE = "redis.call('HSETNX', run, 'startedAt', ask.started)"
_COUNT = "redis.call('HINCRBY', entity, 'attempt', 1)"


def _replace(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"the script has changed: {old}"
    return text.replace(old, new)


class Broken(BrokenAnswers, RedisWorld):
    """The reference with one guard taken out."""

    def source(self, name: str) -> str:
        text = super().source(name)
        if name != "reference.lua":
            return text
        text = _replace(text, _GUARDED, _IN_TWO)
        if self.broken.name == "hooks-kept":
            text = _replace(text, _RELEASE, "")
        if self.broken.name == "start-not-atomic":
            text = _replace(text, _ONCE, _ONCE.replace("HSETNX", "HSET"))
        if self.broken.name == "attempt-lost":
            text = _replace(text, _COUNT, "redis.call('HSET', entity, 'attempt', ask.seen + 1)")
        return text

    async def transition(self, ask: dict[str, Any]) -> list[Any]:
        if ask["type"] == "step_started" and self.broken.name == "attempt-lost":
            key = self.key("step", ask["run"], ask["id"])
            async with gate(f"HGET {key} attempt", "read", [ask["run"]]):
                ask = ask | {"seen": int(await self.redis.hget(key, "attempt") or 0)}
        if ask["type"] not in self.broken.kinds:
            return await super().transition(ask)
        if not self.broken.looks:
            return await super().transition(ask | {"phase": "act"})
        seen = await super().transition(ask | {"phase": "look"})
        if len(seen) > 1:
            return seen  # a refusal, with its message
        if seen[0] == "again":
            return await super().transition(ask)
        verdict = {} if seen[0] == "ok" else {"verdict": seen[0]}
        return await super().transition(ask | {"phase": "act"} | verdict)
