"""The mutants on Redis: the script with lines taken out, or called once to look and once to act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from conformance.world import gate

from .._reference.mutants import BrokenAnswers, Mutant
from .._reference.operators import BrokenReads, generic, made
from .._reference.shapes import LINE_5_ONLY
from .reference import RedisWorld

_SCRIPT: Final = Path(__file__).with_name("reference.lua")
_GUARDED = "local verdict = guard()"
#: ``look`` says what the guard says and does nothing; ``act`` does it, whatever the guard would say.
_IN_TWO = """
if ask.phase == 'release' then
  acts.run_completed()
  return {'ok'}
end
local verdict = ask.verdict
if ask.phase ~= 'act' then verdict = guard() end
if ask.phase == 'look' then return type(verdict) == 'table' and verdict or {verdict or 'ok'} end
"""
_RELEASE = "if status(hook) == 'active' then dispose(hook) end"
_ONCE = "redis.call('HSETNX', run, 'startedAt', ask.started)"
_COUNT = "redis.call('HINCRBY', entity, 'attempt', 1)"
_LOG = "local position = redis.call("
#: Lines that can be taken out one by one: a condition, a command, an assignment.
_LINE: Final = re.compile(r"^\s+(if .* end|redis\.call\(.*\))$|^(guards|acts)\.\w+( = |, ).*$")
#: The beginning of what is done about an event.
_OF_EVENT: Final = re.compile(r"^(?:function )?(?:guards|acts)\.(\w+)")
#: Lines that only events of line 5.x come by.
_OF_5X: Final = re.compile(
    r"ask\.(strict|created|resume|digest|changes)|attr_set|step_created_and_started|known"
)


def made_ones() -> Iterator[Mutant]:
    """All mutants by machine of the reference on Redis."""
    yield from generic()
    event = ""
    for number, line in enumerate(_SCRIPT.read_text(encoding="utf-8").splitlines(), 1):
        if found := _OF_EVENT.match(line):
            event = found[1]
        if _LINE.match(line) and not _OF_5X.search(line) and event not in LINE_5_ONLY:
            place = f"{event}.{number}" if event else str(number)
            yield made("line-dropped", place, f"the script lacks: {line.strip()}")
        if line == "end" or (found and (line.endswith(" end") or not line.startswith("function"))):
            event = ""


def _replace(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"the script has changed: {old}"
    return text.replace(old, new)


class Broken(BrokenReads, BrokenAnswers, RedisWorld):
    """The reference with one thing taken out."""

    def source(self, name: str) -> str:
        text = super().source(name)
        if name != "reference.lua":
            return text
        if self.broken.operator == "line-dropped":
            lines = text.splitlines()
            lines[int(self.broken.place.rpartition(".")[2]) - 1] = ""
            return "\n".join(lines)
        text = _replace(text, _GUARDED, _IN_TWO)
        text = _replace(text, _LOG, _LOG.replace("= ", "= ask.unlogged and 0 or "))
        if self.broken.name == "hooks-kept":
            text = _replace(text, _RELEASE, "")
        if self.broken.operator == "released-later":
            text = _replace(text, _RELEASE, _RELEASE.replace(" then", " and not ask.unreleased then"))
        if self.broken.name == "start-not-atomic":
            text = _replace(text, _ONCE, _ONCE.replace("HSETNX", "HSET"))
        if self.broken.name == "attempt-lost":
            text = _replace(text, _COUNT, "redis.call('HSET', entity, 'attempt', ask.seen + 1)")
        return text

    async def transition(self, ask: dict[str, Any]) -> list[Any]:
        kind, run_id = ask["type"], ask["run"]
        if self.broken.does("logged-later", kind) or self.broken.does("logged-first", kind):
            return await self._in_two(ask, first=self.broken.operator == "logged-first")
        later = self.broken.does("released-later", kind)
        answer = await self._guarded(ask | {"unreleased": True} if later else ask)
        if answer[0] != "ok":
            return answer
        if later:
            await super().transition(ask | {"phase": "release"})
        if self.broken.does("expired", kind):
            parts = ("token", ask["token"]) if "token" in ask else (kind[:4], run_id, ask["id"])
            key = self.key(*parts)
            async with gate(f"DEL {key}", "write"):
                await self.redis.delete(key)
        return answer

    async def _in_two(self, ask: dict[str, Any], *, first: bool) -> list[Any]:
        """The entity and the log, each in an operation of its own."""
        if not first:
            answer = await super().transition(ask | {"unlogged": True})
            return [answer[0], await self._append(ask), answer[2]] if answer[0] == "ok" else answer
        seen = await super().transition(ask | {"phase": "look"})
        if len(seen) > 1 or seen[0] != "ok":
            return await super().transition(ask)
        position = await self._append(ask)
        answer = await super().transition(ask | {"unlogged": True})
        return [answer[0], position, answer[2]] if answer[0] == "ok" else answer

    async def _append(self, ask: dict[str, Any]) -> int:
        key = self.key("log", ask["run"])
        async with gate(f"RPUSH {key}", "write", [ask["run"]]):
            return int(await self.redis.rpush(key, ask["entry"]))

    async def _guarded(self, ask: dict[str, Any]) -> list[Any]:
        if ask["type"] == "step_started" and self.broken.name == "attempt-lost":
            key = self.key("step", ask["run"], ask["id"])
            async with gate(f"HGET {key} attempt", "read", [ask["run"]]):
                ask = ask | {"seen": int(await self.redis.hget(key, "attempt") or 0)}
        if ask["type"] not in self.broken.kinds:
            return await super().transition(ask)
        if not self.broken.looks:
            return await super().transition(ask | {"phase": "act"})
        seen = await self._seen(ask)
        if len(seen) > 1:
            return seen  # a refusal, with its message
        if seen[0] == "again":
            return await super().transition(ask)
        verdict = {} if seen[0] == "ok" else {"verdict": seen[0]}
        return await super().transition(ask | {"phase": "act"} | verdict)

    async def _seen(self, ask: dict[str, Any]) -> list[Any]:
        """What the guard says; with a cache, what it said when this process first asked."""
        kept: dict[tuple[str, ...], list[Any]] = self.__dict__.setdefault("_looked", {})
        key = (ask["type"], ask["run"], ask.get("id", ""))
        if self.broken.operator == "guard-cached" and key in kept:
            return kept[key]
        kept[key] = await super().transition(ask | {"phase": "look"})
        return kept[key]
