"""Hypothesis draws flows: branches of steps, sleeps and hooks, races with a deadline, loops, payloads.

Every run of a drawn flow ends, in whatever order things happen: what is read outside of a race is handed over
early enough, and what may not come races a deadline.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from conformance.core.flows import STEPS, Branch, Part, flow
from conformance.core.scenario import Case

_STEP: Final = st.sampled_from(STEPS)
_SLEEP: Final = st.sampled_from([1000, 2000, 60_000]).map(lambda ms: {"sleep": ms})
_TURNS: Final = st.sampled_from([1, 2, 5, 20]).map(lambda turns: {"turns": turns})
_SENDER: Final = st.sampled_from(["early", "A", "B", "C"])
Draw = Callable[[st.SearchStrategy[Any]], Any]


def flow_cases() -> st.SearchStrategy[Case]:
    """Cases with a drawn flow, the simplest first."""
    return flows().map(lambda text: Case(flow=text))


@st.composite
def flows(draw: Draw) -> str:
    """A flow, as its JSON."""
    branches = draw(st.lists(_branches(), min_size=2, max_size=2))
    hooks = _Hooks()
    numbered = [[hooks.number(part) for part in branch] for branch in branches]
    payloads: dict[str, list[int]] = {}
    for hook in hooks.handed:
        payloads.setdefault(draw(_SENDER), []).append(hook)
    if draw(st.booleans()):  # a payload for a hook that nobody reads
        payloads.setdefault(draw(_SENDER), []).append(hooks.made)
    data = {"branches": numbered, **({"payloads": payloads} if payloads else {})}
    return flow(json.dumps(data)).text


class _Hooks:
    """Gives every read of a drawn flow a hook of its own, and a payload; in a loop one for each turn."""

    def __init__(self) -> None:
        self.made = 0
        self.handed: list[int] = []

    def number(self, part: Part, times: int = 1) -> Part:
        """The same part, with numbers of hooks."""
        if isinstance(part, str):
            return part
        if "hook" in part:
            hook, self.made = self.made, self.made + 1
            self.handed += [hook] * times
            return {"hook": hook}
        if "do" in part:
            return {**part, "do": [self.number(each, times * part["loop"]) for each in part["do"]]}
        return {
            kind: [[self.number(each, times) for each in branch] for branch in inner]
            if kind in ("race", "all")
            else inner
            for kind, inner in part.items()
        }


_HOOK: Final = st.just({"hook": -1})
#: What may never come races something that does.
_RACE: Final = st.tuples(st.sampled_from([["work"], [{"hook": -1}]]), _SLEEP).map(
    lambda pair: {"race": [pair[0], [pair[1]]]}
)
_PLAIN: Final = st.one_of(_STEP, _SLEEP, _HOOK, _TURNS, _RACE)
_LOOP: Final = st.lists(st.one_of(_STEP, _RACE), min_size=1, max_size=2).map(lambda do: {"loop": 2, "do": do})


def _branches() -> st.SearchStrategy[Branch]:
    return st.lists(st.one_of(_PLAIN, _LOOP), min_size=1, max_size=2).filter(_waits)


def _waits(branch: Branch) -> bool:
    """Whether a branch awaits more than turns: what is over at once has no race."""
    return any(isinstance(part, str) or "turns" not in part for part in branch)
