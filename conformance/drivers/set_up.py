"""The set-up of a case in one message: what its program asked for twice is foreseen the third time.

A set-up is a program like any other: it makes a call, looks at the answer, and makes the next. Two recordings
of it show what differs between schedules: ids from earlier answers, names with the ending of the schedule,
times. A plan says how each of them comes about. With the first call that a plan knows the host gets those
that follow, as far as they can be told. The program still makes every call, and each must be the one that
the host was told to make.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from conformance.drivers.messages import Coming, Request

#: Where a value is inside arguments or an answer.
Path = tuple[str | int, ...]

#: Set-ups that are kept, those that were used last.
_KEPT: Final = 16
#: So many plans of one set-up may be wrong; then every call is sent alone.
_MOST_WRONG: Final = 2


class Unforeseen(Exception):
    """A host was told to make a call that the program does not make: the schedule has to begin anew."""


class Made(NamedTuple):
    """A call that a set-up made: ``now`` in ms since 1970, ``waited`` ms after the answer before it."""

    op: str
    args: tuple[Any, ...]
    now: float
    waited: float
    value: Any
    refused: bool


class Answered(NamedTuple):
    """A text in the answer of an earlier call."""

    nth: int
    path: Path


class Asked(NamedTuple):
    """A text in the arguments of an earlier call, which the program itself made there."""

    nth: int
    path: Path


class Moment(NamedTuple):
    """A time so much later than the time of the call."""

    later: timedelta


class Named(NamedTuple):
    """A name that ends as all names of its schedule do."""

    head: str


#: How a value comes about that differs between schedules; None: nobody knows before the program says it.
Rule = Answered | Asked | Moment | Named | None


class Planned(NamedTuple):
    """A call of a plan. ``args`` have None where each of ``rules`` puts a value."""

    op: str
    args: list[Any]
    rules: list[tuple[Path, Rule]]
    waited: float
    refused: bool


@dataclass(slots=True)
class Recording:
    """The calls of one set-up, and the ending of its names."""

    ending: str
    made: list[Made] = field(default_factory=list)


def _found(value: Any, path: Path) -> Any:
    """What is at a path; None when nothing is."""
    try:
        for key in path:
            value = value[key]
    except (LookupError, TypeError):
        return None
    return value


def _replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy with ``new`` at a path; what is beside the path is shared."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


def planned(first: Recording, second: Recording) -> list[Planned]:
    """The calls that two recordings have in common from their beginning, and how each value comes about."""
    places: dict[str, list[Answered | Asked]] = {}
    plan: list[Planned] = []
    for nth, (one, other) in enumerate(zip(first.made, second.made, strict=False)):
        if (one.op, one.waited, one.refused) != (other.op, other.waited, other.refused):
            break
        rules: list[tuple[Path, Rule]] = []
        args = list(other.args)
        for path, (here, there) in _differences(list(one.args), args, ()):
            rule: Rule = _named(here, there, first.ending, second.ending) or _moment(here, there, one, other)
            if rule is None:
                known = places.get(here, ()) if isinstance(here, str) else ()
                rule = next((place for place in known if _is_at(there, place, second)), None)
            rules.append((path, rule))
            args = _replaced(args, path, None)
            if rule is None and isinstance(here, str):
                places.setdefault(here, []).append(Asked(nth, path))
        plan.append(Planned(other.op, args, rules, other.waited, other.refused))
        for path, text in _texts(one.value, ()):
            places.setdefault(text, []).append(Answered(nth, path))
    return plan


def _differences(one: Any, other: Any, path: Path) -> Iterator[tuple[Path, tuple[Any, Any]]]:
    """Where two values differ, as deep as their shapes are the same."""
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for key in one:
            yield from _differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, each in enumerate(one):
            yield from _differences(each, other[index], (*path, index))
    else:
        yield path, (one, other)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, index))


def _named(one: Any, other: Any, ending: str, other_ending: str) -> Named | None:
    if not isinstance(one, str) or not isinstance(other, str) or not one.endswith(ending):
        return None
    head = one.removesuffix(ending)
    return Named(head) if head.endswith("_") and head + other_ending == other else None


def _moment(one: Any, other: Any, made: Made, other_made: Made) -> Moment | None:
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        return None
    later = one - _time(made.now)
    return Moment(later) if other - _time(other_made.now) == later else None


def _time(now: float) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)


def _is_at(value: Any, place: Answered | Asked, recording: Recording) -> bool:
    made = recording.made[place.nth]
    return bool(_found(made.value if isinstance(place, Answered) else made.args, place.path) == value)


class SetUp:
    """One run of a set-up: what it made so far, and what is foreseen."""

    def __init__(self, plan: Sequence[Planned], ending: str) -> None:
        self.recording = Recording(ending)
        self._plan = plan
        self._asked: tuple[Request, float, float] | None = None
        self._answered = 0.0

    def asked(self, request: Request, now: float, *, foretold: bool) -> list[Coming]:
        """The program makes a call, at ``now`` in ms since 1970. What is to be sent: it, and what is foreseen
        to follow. Nothing when it was ``foretold``; raises :class:`Unforeseen` if something else was.
        """
        made = self.recording.made
        waited = now - self._answered if made else 0.0
        self._asked = request, now, waited
        as_planned = len(made) < len(self._plan) and self._is_next(request, now, waited)
        if foretold:
            if not as_planned:
                raise Unforeseen
            return []
        coming = [Coming(request.op, request.args)]
        if not as_planned:
            return coming
        for nth in range(len(made) + 1, len(self._plan)):
            following = self._following(nth, request)
            if following is None:
                break
            coming.append(following)
        return coming

    def answered(self, value: Any, now: float, *, refused: bool) -> None:
        """The call has its answer."""
        assert self._asked is not None
        request, began, waited = self._asked
        self.recording.made.append(Made(request.op, request.args, began, waited, value, refused))
        self._answered = now

    def _is_next(self, request: Request, now: float, waited: float) -> bool:
        """Whether a call is what the plan says, now that the answers are known."""
        call = self._plan[len(self.recording.made)]
        args = call.args
        for path, rule in call.rules:
            match rule:
                case None:
                    value = _found(list(request.args), path)
                case Moment(later):
                    value = _time(now) + later
                case Answered(nth, place):
                    value = _found(self.recording.made[nth].value, place)
                case _:
                    value = self._known(rule, None)
            args = _replaced(args, path, value)
        return (request.op, list(request.args), waited) == (call.op, args, call.waited)

    def _known(self, rule: Named | Asked, request: Request | None) -> Any:
        """A value that is known without an answer; ``request`` is the call that is made now. What the program
        alone knows is in a call that is not foreseen, so it was made, or is made now."""
        if isinstance(rule, Named):
            return rule.head + self.recording.ending
        made = self.recording.made
        if rule.nth < len(made):
            return _found(made[rule.nth].args, rule.path)
        assert request is not None, "the call that says it comes first"
        return _found(request.args, rule.path)

    def _following(self, nth: int, request: Request) -> Coming | None:
        """The nth call as it is sent with an earlier one, ``request``; None when it cannot be told now."""
        call, made = self._plan[nth], self.recording.made
        args: Any = call.args
        puts: list[dict[str, Any]] = []
        for path, rule in call.rules:
            match rule:
                case None:
                    return None
                case Moment(later):
                    puts.append({"at": path, "ms": later // timedelta(milliseconds=1)})
                case Answered(earlier, place) if earlier >= len(made):
                    puts.append({"at": path, "answer": earlier - len(made), "path": place})
                case Answered(earlier, place):
                    args = _replaced(args, path, _found(made[earlier].value, place))
                case _:
                    args = _replaced(args, path, self._known(rule, request))
        before = self._plan[nth - 1].refused
        return Coming(call.op, tuple(args), puts, "error" if before else "result", int(call.waited))


@dataclass(slots=True)
class _Known:
    """What is known of one set-up: the first recording, then a plan; and how many plans were wrong."""

    first: Recording | None = None
    plan: list[Planned] | None = None
    wrong: int = 0


class SetUps:
    """The set-ups of one driver, by key."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()

    def begin(self, key: Hashable, ending: str) -> SetUp | None:
        """A run of a set-up. None when it is to be played call by call, and nothing is to be learnt of it."""
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if known.wrong >= _MOST_WRONG or known.plan == []:
            return None
        return SetUp(known.plan or (), ending)

    def ended(self, key: Hashable, run: SetUp) -> None:
        """A set-up was played to its end."""
        known = self._known[key]
        if known.plan is not None:
            return
        if known.first is None:
            known.first = run.recording
            return
        known.plan = planned(known.first, run.recording)
        known.first = None

    def was_wrong(self, key: Hashable) -> None:
        """The plan of a set-up was wrong: it is learnt anew."""
        self._known[key] = _Known(wrong=self._known[key].wrong + 1)
