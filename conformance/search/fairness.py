"""Fair schedules: who only repeats itself lets the others go on.

A World may ask for a lock again and again until its owner lets go of it. A scheduler that stays with the
actor that asks would hold the owner for ever, and blame a World that is right. So an actor that has
repeated the same few operations so often has *yielded*: it waits until each of the others that could go
on was released once (Musuvathi and Qadeer, "Fair stateless model checking", 2008). This depends on
nothing but the schedule, so a token replays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.core.starts import Begin
from conformance.drivers.driver import RacingActor
from conformance.search.strategy import TO_THE_END, Chooser, ahead_of

#: An actor that has done the same operations so often in a row is taken to wait for another.
REPEATS: Final = 6
#: The longest round of operations that is recognised when it is repeated.
LONGEST_ROUND: Final = 6
#: A schedule that has not ended after so many operations is given up.
MOST_OPERATIONS: Final = 3_000


class Fairness:
    """Who may be released next, in one schedule. A chooser that is ``exact`` follows one that was fair."""

    __slots__ = ("_choose", "_made", "_rounds", "_waits", "yields")

    def __init__(self, choose: Chooser | None = None) -> None:
        self._choose = choose
        #: how often an actor was made to wait
        self.yields = 0
        self._made: dict[str, list[str]] = {}
        #: actor -> for each length of a round, how many operations were as the one that many before
        self._rounds: dict[str, list[int]] = {}
        #: actor -> those that go first
        self._waits: dict[str, set[str]] = {}

    def offered(self, held: list[RacingActor]) -> list[RacingActor]:
        """Those of the held actors that may be released: at least one."""
        if not self._waits or getattr(self._choose, "exact", False):
            return held
        names = {actor.name for actor in held if not isinstance(actor.gate, Begin)}
        return [actor for actor in held if names.isdisjoint(self._waits.get(actor.name, ()))]

    def released(self, actor: RacingActor, held: Sequence[RacingActor]) -> None:
        """An actor is released, of those that are held."""
        assert actor.gate is not None
        name = actor.name
        for waited_for in self._waits.values():
            waited_for.discard(name)
        self._waits.pop(name, None)
        if not self._repeats(name, actor.gate.label):
            return
        self._rounds[name] = [0] * LONGEST_ROUND
        others = {each.name for each in held if each is not actor and not isinstance(each.gate, Begin)}
        if others:  # who has not begun is waited for by nobody
            self.yields += 1
            self._waits[name] = others

    def planned(self, name: str, held: Sequence[RacingActor]) -> int:
        """As :func:`ahead_of`, and never longer than it is certain that the actor need not wait."""
        planned = ahead_of(self._choose, name, held)
        return min(planned, self._ahead(name, held)) if planned else 0

    def _ahead(self, name: str, held: Sequence[RacingActor]) -> int:
        """How many operations more an actor that was just released may make before it may have to wait for
        another of those that are held, whatever the operations are."""
        if name in self._waits:
            return 0
        if all(each.name == name or isinstance(each.gate, Begin) for each in held):
            return TO_THE_END
        rounds = self._rounds.get(name) or [0] * LONGEST_ROUND
        return min((index + 1) * (REPEATS - 1) - count for index, count in enumerate(rounds))

    def _repeats(self, name: str, label: str) -> bool:
        made = self._made.get(name)
        if made is None:
            self._made[name] = [label]
            self._rounds[name] = [0] * LONGEST_ROUND
            return False
        rounds = self._rounds[name]
        found = False
        for index in range(min(len(made), LONGEST_ROUND)):
            if made[-1 - index] == label:
                rounds[index] += 1
                found = found or rounds[index] >= (index + 1) * (REPEATS - 1)
            else:
                rounds[index] = 0
        made.append(label)
        return found
