"""What goes wrong around a World: handlers die, connections are cut, messages come late or twice.

A fault is part of a case, so it is generated, shrunk and replayed like the rest of the case. It is written
``kind@place``. The place of a fault in the race is the number of a release, that of a fault of the queue the
number of a delivery after the race; both count from 0. A fault of the whole schedule has the place 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, cast, get_args

RaceFault = Literal["kill", "die", "cut", "lose", "restart", "jump", "again"]
QueueFault = Literal["repeat", "swap", "late"]
#: of the whole schedule, so that its place is always 0
ScheduleFault = Literal["still", "zone"]
FaultKind = Literal[RaceFault, QueueFault, ScheduleFault]

RACE_FAULTS: Final[tuple[RaceFault, ...]] = get_args(RaceFault)
QUEUE_FAULTS: Final[tuple[QueueFault, ...]] = get_args(QueueFault)
SCHEDULE_FAULTS: Final[tuple[ScheduleFault, ...]] = get_args(ScheduleFault)

#: What each kind does, for reports and ``docs/faults.md``.
MEANING: Final[dict[FaultKind, str]] = {
    "kill": "the caller's process is killed before this operation is made",
    "die": "the caller dies when this operation has been made, before it learns the answer",
    "cut": "the connection is cut before this operation is sent",
    "lose": "this operation is made, and the connection is cut before the answer comes",
    "restart": "the service is restarted before this operation is made",
    "jump": "the clock jumps an hour ahead",
    "still": "all of it happens within one millisecond: the clock stands still",
    "zone": "the second caller is on a machine in another time zone",
    "again": "its message's visibility timeout passes: another actor gets it too, while this one still works",
    "repeat": "the acknowledgement is lost: the message comes again although it was handled",
    "swap": "the newest message is delivered before the oldest",
    "late": "the delivery comes an hour late",
}

#: After these an operation fails for a reason that lies outside the World, and may be logged as an error.
BREAKS_CALLS: Final[frozenset[str]] = frozenset({"cut", "lose", "restart"})
#: After these nobody knows what became of an operation, and one of several writes may be half done.
LEAVES_HALF_DONE: Final[frozenset[str]] = BREAKS_CALLS | {"kill", "die"}

#: These excuse nothing that a World answers or stores: only what time it was is different.
OF_TIME: Final[frozenset[str]] = frozenset({"jump", *SCHEDULE_FAULTS})

#: How far the clock jumps and how late a late delivery is, in milliseconds.
HOUR: Final = 3_600_000

_FAULT = re.compile(r"([a-z]+)@(\d{1,4})")


class Fault(NamedTuple):
    """``kind`` happens at ``place``."""

    kind: FaultKind
    place: int

    def __str__(self) -> str:
        return f"{self.kind}@{self.place}"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """The inverse of ``str``. ``ValueError`` when it is not a fault."""
        match = _FAULT.fullmatch(text)
        if match is None or match[1] not in MEANING:
            raise ValueError(f"not a fault: {text!r} (KIND@PLACE; kinds: {', '.join(MEANING)})")
        return cls(cast(FaultKind, match[1]), int(match[2]))


def parse_faults(text: str) -> tuple[Fault, ...]:
    """``"die@3,late@0"`` as faults; ``ValueError`` when it is not that."""
    return tuple(Fault.parse(part) for part in text.split(",")) if text else ()


def written(faults: Iterable[Fault]) -> str:
    """The inverse of :func:`parse_faults`."""
    return ",".join(map(str, faults))


def stands_still(faults: Iterable[Fault]) -> bool:
    """Whether the clock stands still for the whole schedule."""
    return any(fault.kind == "still" for fault in faults)


def is_abroad(faults: Iterable[Fault]) -> bool:
    """Whether the second actor is on a machine in another time zone."""
    return any(fault.kind == "zone" for fault in faults)
