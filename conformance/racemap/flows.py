"""Flows in the map, at the levels with handlers: from each point of a flow, what may meet there is raced.

A *point* is what a flow has come to after so many deliveries. They are derived by playing the flow on the
memory World, as is what may meet there: the next message twice, once late, against a cancellation, against a
payload for a hook, against a run that wants its token. Where nothing may change what a flow returns, it must
return what it does without a race.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from conformance.api import Case, HandlerSuite, Program, Race
from conformance.core.history import History, Message
from conformance.core.scenario import Variant
from conformance.drivers.in_process import InProcessDriver
from conformance.handlers import Runtime
from conformance.levels.storage import NoPrefixError

#: No flow here needs as many deliveries.
_MOST_POINTS: Final = 30

#: flow -> what it is started with, given a payload and a token, and whether it always returns the same
FLOWS: Final[dict[str, tuple[Callable[[Any, str], list[Any]], bool]]] = {
    "sequence": (lambda payload, _: [2, payload], True),
    "fan_out": (lambda payload, _: [2, payload], True),
    "sleep_and_step": (lambda payload, _: [1000, payload], True),
    "hook_then_step": (lambda _, token: [token], True),
    "hook_or_step": (lambda payload, token: [token, payload], False),
    "hook_taken": (lambda payload, token: [token, payload], False),
    "retrying_step": (lambda *_: [1], True),
    "failing_workflow": (lambda payload, _: [1, payload], False),
}
_PAIRS: Final = (
    "deliver~deliver",
    "rest~deliver",
    "deliver~cancel",
    "rest~cancel",
    "deliver~resume",
    "resume~resume",
    "resume~cancel",
    "deliver~rival",
)


@dataclass(slots=True)
class _Played:
    """A flow on its way: its run, the token of its hook, and whether it was given a payload."""

    suite: HandlerSuite
    run: str
    token: str
    resumed: bool = False

    @property
    def waiting(self) -> bool:
        """Whether a message is queued."""
        return bool(self.suite.queue.pending()) or self.suite.queue.next_due() is not None

    async def can_resume(self) -> bool:
        """Whether its hook is there and got nothing yet."""
        return not self.resumed and await self.suite.actor.hook_by_token(self.token) is not None

    async def go_on(self, payload: Any) -> bool:
        """Deliver one message, or hand over the payload that it waits for. False when it has ended."""
        if self.waiting:
            await self.suite.deliver(self.suite.queue.take(self.suite.next_message().id))
            return True
        if not await self.can_resume():
            return False
        await self.suite.resume_by(self.suite.actor, self.token, payload)
        self.resumed = True
        return True


async def _start(suite: HandlerSuite, flow: str, payload: Any) -> _Played:
    token = suite.name("token")
    run = await suite.start(flow, FLOWS[flow][0](payload, token))
    return _Played(suite, run, token)


@cache
def _points(flow: str) -> tuple[tuple[int, str], ...]:
    """Every point of a flow with each pair that may meet there."""
    driver = InProcessDriver()
    driver.reset(1, History())
    suite = HandlerSuite(driver.actor("-"), "1", Runtime(advance=driver.pass_time))
    found: list[tuple[int, str]] = []

    async def play() -> None:
        played = await _start(suite, flow, "x")
        claims = played.token in FLOWS[flow][0]("x", played.token)
        for point in range(_MOST_POINTS):
            waiting, hook = played.waiting, await played.can_resume()
            there = {"deliver": waiting, "rest": waiting, "resume": hook, "cancel": True, "rival": claims}
            found.extend((point, pair) for pair in _PAIRS if all(there[part] for part in pair.split("~")))
            if not await played.go_on("x"):
                return

    driver.alone(play())
    return tuple(found)


def flow_variants() -> Iterator[tuple[str, Variant]]:
    """A variant for each pair at each point, with the name of its flow."""
    for flow in FLOWS:
        for point, pair in _points(flow):
            about = f"{pair.replace('~', ' against ')} after {point} deliveries of {flow}"
            yield flow, Variant(f"{pair}@{flow}-{point}", "handlers", _build(flow, point, pair), 2, about)


def _build(flow: str, point: int, pair: str) -> Callable[[HandlerSuite, Case], Awaitable[Race]]:
    async def build(suite: HandlerSuite, case: Case) -> Race:
        played = await _start(suite, flow, case.payload)
        for _ in range(point):
            if not await played.go_on(case.payload):
                raise NoPrefixError(f"{flow} has ended before its point {point}")
        parts = pair.split("~")
        message = None
        if {"deliver", "rest"} & set(parts):
            message = suite.queue.take(suite.next_message().id)
        made: dict[str, Program] = {
            "cancel": suite.cancellation(played.run),
            "resume": suite.resumption(played.token, case.payload),
        }
        if message is not None:
            made |= {"deliver": suite.delivery(message), "rest": suite.delivery_and_rest(message)}
        if "rival" in parts:
            made["rival"] = suite.delivery(await _rival(suite, flow, case.payload, played.token))
        settled = FLOWS[flow][1] and not {"cancel", "rival"} & set(parts)
        tokens = [played.token] if "rival" in parts else []
        return Race([made[part] for part in parts], tokens=tokens, settled=settled)

    return build


async def _rival(suite: HandlerSuite, flow: str, payload: Any, token: str) -> Message:
    """The first message of another run of the flow, which wants the same token."""
    known = {message.id for message in suite.queue.pending()}
    await suite.start(flow, FLOWS[flow][0](payload, token))
    [message] = [one for one in suite.queue.pending() if one.id not in known]
    return suite.queue.take(message.id)
