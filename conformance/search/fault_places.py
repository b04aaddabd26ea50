"""The places of a schedule at which a fault may show something of its own.

A place is left out when another one must leave the World as it does:

- An operation that only reads changes nothing. Whether its process dies before it or after it, or whether
  its connection breaks before it or after it, the same is stored.
- Where an actor goes on in the same delivery at once, death after one operation is death before the next.

An operation that does not say that it reads may write.

Nothing else is left out. Two places whose operations have one label may leave different things behind: what
is stored by then, and what the other actor has read, is not the same. They are one kind of place, and
:mod:`conformance.search.fault_order` tries one of each kind first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from conformance.core.faults import QUEUE_FAULTS, RACE_FAULTS, FaultKind, RaceFault
from conformance.core.gates import operation_of
from conformance.core.history import Delivery
from conformance.core.starts import Start
from conformance.search.play import Played
from conformance.search.strategies import Chooser, Replay, Sequential

#: The places of each kind of fault, by number, and what kind of place each is: of a release the operation and
#: the call that it belongs to; of a delivery after the race its queue and why its message was queued.
Places = dict[FaultKind, dict[int, str]]


class _Release(NamedTuple):
    """One operation of the race: ``delivery`` is the one it belongs to, None for what a caller from outside
    asks."""

    actor: str
    reads: bool
    cuts: bool
    delivery: Delivery | None
    #: its label with the numbers of what was made in the race left out, and what is asked of the World
    site: str

    def same_delivery(self, other: _Release) -> bool:
        """Whether one actor makes both while it handles one message, or asks for one thing."""
        return self.actor == other.actor and self.delivery is other.delivery


def orders() -> tuple[Chooser, Chooser]:
    """The schedules in which faults are tried: in one nothing races, in the other two actors take turns."""
    [turns] = Replay("AB" * 100).choosers()
    return next(Sequential().choosers()), turns


def places_of(played: Played, possible: Collection[FaultKind]) -> Places:
    """The places of each kind of fault that is ``possible``, without those that are equal to another one.

    ``played``: a schedule in which nothing went wrong.
    """
    releases = list(_releases(played))
    drained = {at: f"{each.message.queue} {each.message.origin}" for at, each in enumerate(_drained(played))}
    places: Places = {
        kind: {at: each.site for at, each in enumerate(releases) if _counts(kind, at, releases)}
        for kind in RACE_FAULTS
        if kind in possible
    }
    return {**places, **dict.fromkeys(QUEUE_FAULTS, drained)}


def _drained(played: Played) -> list[Delivery]:
    return [each for each in played.history.deliveries if each.phase == "drain"]


def _counts(kind: RaceFault, place: int, releases: list[_Release]) -> bool:
    here = releases[place]
    match kind:
        case "kill":  # after a read it is as before it
            return not (place and releases[place - 1].reads and releases[place - 1].same_delivery(here))
        case "die":  # as before the read, or before what comes next
            goes_on = place + 1 < len(releases) and releases[place + 1].same_delivery(here)
            return not here.reads and not goes_on
        case "again":  # a message of whoever handles one
            return here.delivery is not None
        case "cut":
            return here.cuts
        case "lose":  # the read changed nothing: as when it was never sent
            return here.cuts and not here.reads
    return True


def _releases(played: Played) -> Iterator[_Release]:
    for step, tick in zip(played.steps, played.ticks, strict=True):
        gate = next(gate for name, gate in step.held if name == step.chosen)
        if isinstance(gate, Start):
            continue
        delivery = played.history.in_hand(step.chosen, tick)
        site = f"{_asked(played, step.chosen, tick)}: {operation_of(gate).site}"
        yield _Release(step.chosen, gate.access == "read", gate.cuts, delivery, site)


def _asked(played: Played, actor: str, tick: int) -> str:
    """What an actor asked of the World last, at this tick: ``events.create step_completed``."""
    under_way = [
        call
        for call in played.history.calls
        if call.actor == actor and call.phase == "race" and call.began <= tick
    ]
    if not under_way:
        return ""
    call = under_way[-1]
    return f"{call.op} {call.event['eventType']}" if call.op == "events.create" else call.op
