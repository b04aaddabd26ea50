"""The workflows of stress races: what is started, and what becomes of a run that nothing went wrong with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from conformance.spec.vocabulary import Json

_PAYLOAD: Final = {"text": "natural", "number": 7}


def _step(name: str, *args: Json) -> dict[str, Any]:
    """What a step of ours returns."""
    return {"step": name, "args": list(args)}


@dataclass(frozen=True, slots=True)
class StressFlow:
    """``workflow`` with ``arguments``; ``outputs`` are the right ones, ``bodies`` how often each step runs.

    ``{token}`` in the arguments is filled in. ``hook`` says what becomes of it: ``resumed``, each run has one
    of its own, which is resumed from every process at once, each with its name as the payload; ``taken``,
    another run holds it all the time.
    """

    name: str
    workflow: str
    arguments: tuple[Json, ...]
    outputs: Callable[[tuple[str, ...]], list[Json]]
    bodies: int
    hook: Literal["", "resumed", "taken"] = ""


def _fan_out_then(n: int) -> Json:
    return _step("last", [_step("more", i, _step("work", i, _PAYLOAD)) for i in range(n)])


FLOWS: Final[dict[str, StressFlow]] = {
    flow.name: flow
    for flow in (
        StressFlow(
            "sequence",
            "sequence",
            (3, _PAYLOAD),
            lambda _: [[_step("work", index, _PAYLOAD) for index in range(3)]],
            3,
        ),
        StressFlow(
            "fan_out",
            "fan_out",
            (6, _PAYLOAD),
            lambda _: [[_step("work", index, _PAYLOAD) for index in range(6)]],
            6,
        ),
        StressFlow("fan_out_then", "fan_out_then", (3, _PAYLOAD), lambda _: [_fan_out_then(3)], 7),
        StressFlow(
            "sleep",
            "sleep_and_step",
            (1000, _PAYLOAD),
            lambda _: [_step("last", _step("work", _PAYLOAD))],
            2,
        ),
        StressFlow(
            "hook",
            "hook_then_step",
            ("{token}",),
            lambda names: [_step("work", {"from": name}) for name in names],
            1,
            hook="resumed",
        ),
        StressFlow(
            "token_taken",
            "hook_taken",
            ("{token}", _PAYLOAD),
            lambda _: [_step("work", "HookConflictError", _PAYLOAD)],
            1,
            hook="taken",
        ),
    )
}
