"""Flows: workflows as data, whose branches go on by themselves. A workflow in the host interprets them.

A flow is JSON, such as ``{"branches":[["work",{"turns":20},"more"],["work","last"]]}``. All branches run at
once. What a branch awaits, one after the other:

==============================  ====================================================================
``"work"``, ``"more"``, ``"last"``  the step of that name; its input says where in the flow it stands
``{"sleep": 1000}``             so many milliseconds
``{"hook": 0}``                 the next payload of the hook with that number
``{"turns": 20}``               so many turns of the event loop
``{"race": [branch, …]}``       the first of these branches; the others go on
``{"all": [branch, …]}``        all of these branches
``{"loop": 2, "do": branch}``   a branch, so many times
==============================  ====================================================================

The hooks are created first. ``payloads`` says who hands payloads to which hooks: ``early`` the suite before
the race, ``A``, ``B`` or ``C`` an actor when it begins. A hook that has no place in a branch is never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, cast

#: What a branch awaits, as JSON.
Part = Any
Branch = list[Part]

STEPS: Final = ("work", "more", "last")
#: Who hands a payload to a hook.
EARLY: Final = "early"
SENDERS: Final = (EARLY, "A", "B", "C")

#: A flow may come from anybody: so much of it is run.
_MOST_PARTS: Final = 60
_MOST_TIMES: Final = 5
_MOST_TURNS: Final = 200
_MOST_HOOKS: Final = 6
_MOST_PAYLOADS: Final = 12
_LONGEST_SLEEP: Final = 3_600_000
_DEEPEST: Final = 4


@dataclass(frozen=True)
class Flow:
    """A flow that was checked; ``text`` is its JSON with nothing to spare."""

    text: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """The flow as its host is given it. Not to be changed."""
        return cast(dict[str, Any], json.loads(self.text))

    @property
    def branches(self) -> list[Branch]:
        return cast(list[Branch], self.data["branches"])

    @property
    def payloads(self) -> Mapping[str, list[int]]:
        return cast(Mapping[str, list[int]], self.data.get("payloads", {}))

    @property
    def actors(self) -> int:
        """Two actors have handlers, a third one only hands over payloads before it joins them."""
        return 3 if self.payloads.get("C") else 2

    @property
    def hooks(self) -> int:
        """How many hooks it creates."""
        read = [part["hook"] for part in self.parts() if isinstance(part, dict) and "hook" in part]
        given = [hook for hooks in self.payloads.values() for hook in hooks]
        return max([*read, *given], default=-1) + 1

    @property
    def first_steps(self) -> int:
        """How many steps it asks for before anything has happened."""
        return sum(_first(branch, "step") for branch in self.branches)

    @property
    def begins_with_a_sleep(self) -> bool:
        """Whether it sleeps before anything has happened."""
        return any(_first(branch, "sleep") for branch in self.branches)

    @property
    def settled(self) -> bool:
        """Whether its output does not depend on the order in which things happen."""
        return not any(isinstance(part, dict) and "race" in part for part in self.parts())

    def parts(self) -> Iterator[Part]:
        """Everything in it, what is inside of other parts too."""
        return (part for branch in self.branches for part in _within(branch))


def _within(branch: Branch) -> Iterator[Part]:
    """Everything in a branch, and in what is inside it."""
    for part in branch:
        yield part
        for inner in _branches_of(part):
            yield from _within(inner)


def _branches_of(part: Part) -> list[Branch]:
    if isinstance(part, str):
        return []
    if "do" in part:
        return [part["do"]]
    return cast(list[Branch], part.get("race") or part.get("all") or [])


def _first(branch: Branch, kind: str) -> int:
    """How many steps (or sleeps) a branch asks for at once."""
    for part in branch:
        if isinstance(part, str):
            return int(kind == "step")
        if "sleep" in part:
            return int(kind == "sleep")
        if "turns" not in part:
            return sum(_first(inner, kind) for inner in _branches_of(part))
    return 0


@lru_cache(maxsize=256)
def flow(text: str) -> Flow:
    """The flow of that name, or the one that this JSON is. ``ValueError`` when it is neither."""
    data = SHAPES[text].data if text in SHAPES else json.loads(text)
    _check(data)
    return _flow(data)


def _flow(data: Mapping[str, Any]) -> Flow:
    return Flow(json.dumps(data, separators=(",", ":"), sort_keys=True))


def _check(data: Any) -> None:
    """Raise ``ValueError`` when this is no flow, or more than is run."""
    if not isinstance(data, dict) or not {"branches"} <= data.keys() <= {"branches", "payloads"}:
        raise ValueError("a flow is an object with branches, and maybe payloads")
    _check_branches(data["branches"], 0)
    payloads = data.get("payloads", {})
    if not isinstance(payloads, dict) or not payloads.keys() <= set(SENDERS):
        raise ValueError(f"payloads are handed over by {', '.join(SENDERS)}")
    for hooks in payloads.values():
        if not isinstance(hooks, list) or len(hooks) > _MOST_PAYLOADS:
            raise ValueError(f"payloads are a list of hooks, at most {_MOST_PAYLOADS}")
        for hook in hooks:
            _check_number(hook, "a hook", _MOST_HOOKS - 1)
    if len(list(_flow(data).parts())) > _MOST_PARTS:
        raise ValueError(f"a flow has at most {_MOST_PARTS} parts")


def _check_branches(branches: Any, depth: int) -> None:
    if depth > _DEEPEST or not isinstance(branches, list) or not branches:
        raise ValueError(f"branches are a list of at least one, at most {_DEEPEST} deep")
    for branch in branches:
        _check_branch(branch, depth)


def _check_branch(branch: Any, depth: int) -> None:
    if not isinstance(branch, list) or len(branch) > _MOST_PARTS or depth > _DEEPEST:
        raise ValueError(f"a branch is a list, at most {_DEEPEST} deep")
    for part in branch:
        if isinstance(part, str) and part in STEPS:
            continue
        match part if isinstance(part, dict) else {}:
            case {"sleep": ms, **rest} if not rest:
                _check_number(ms, "a sleep", _LONGEST_SLEEP)
            case {"hook": hook, **rest} if not rest:
                _check_number(hook, "a hook", _MOST_HOOKS - 1)
            case {"turns": turns, **rest} if not rest:
                _check_number(turns, "turns", _MOST_TURNS)
            case {"race": inner, **rest} | {"all": inner, **rest} if not rest:
                _check_branches(inner, depth + 1)
            case {"loop": times, "do": inner, **rest} if not rest:
                _check_number(times, "a loop", _MOST_TIMES)
                _check_branch(inner, depth + 1)
            case _:
                raise ValueError(f"not a part of a branch: {json.dumps(part)[:80]}")


def _check_number(value: Any, what: str, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{what} is a number up to {most}")


def _race(*branches: Branch) -> Part:
    return {"race": list(branches)}


def _shape(*branches: Branch, **payloads: list[int]) -> Flow:
    return _flow({"branches": list(branches), "payloads": payloads} if payloads else {"branches": branches})


_DEADLINE: Final = [{"sleep": 60_000}]

#: The flows that have names. Each stands for runs that died in production, or for what they had in common.
SHAPES: Final[Mapping[str, Flow]] = {
    # Two branches of two steps.
    "even-branches": _shape(["work", "more"], ["work", "last"]),
    # One of the two awaits something else before its second step.
    "uneven-branches": _shape(["work", {"turns": 20}, "more"], ["work", "last"]),
    # The same, and both second steps have one name: a replay that takes one for the other does not notice.
    "twin-branches": _shape(["work", {"turns": 20}, "more"], ["work", "more"]),
    # Branches with different numbers of steps.
    "longer-branch": _shape(["work", "more", "more", "more"], ["work", "last"]),
    # Branches of different kinds, each followed by a step.
    "sleep-and-step": _shape([{"sleep": 1000}, "more"], ["work", "last"]),
    "hook-and-step": _shape([{"hook": 0}, "more"], ["work", "last"], A=[0]),
    # As sleep-and-step; a payload came for a hook that nobody reads.
    "unread-payload": _shape([{"sleep": 1000}, "more"], ["work", "last"], early=[0]),
    # A step is launched, then its callback races a deadline; the callback came before the step was done.
    "early-payload": _shape(["work", _race([{"hook": 0}], _DEADLINE), "more"], early=[0]),
    # Two of these: a replay that goes on in one of them does not know yet that the other was launched.
    "blocked-branch": _shape(
        ["work", _race([{"hook": 0}], _DEADLINE), "more"],
        ["work", _race([{"hook": 1}], _DEADLINE), "last"],
        early=[0],
        A=[1],
    ),
    # Several hooks, and one deadline for all of them.
    "hooks-and-deadline": _shape(
        [_race([{"all": [[{"hook": 0}], [{"hook": 1}], [{"hook": 2}]]}], [{"sleep": 1000}]), "more"],
        A=[0, 2],
        B=[1],
    ),
    # A loop that goes on at each wake-up, or when nothing woke it for a while.
    "wake-loop": _shape(
        [{"loop": 2, "do": ["work", _race([{"hook": 0}], [{"sleep": 1000}]), "more"]}], A=[0], B=[0]
    ),
}
