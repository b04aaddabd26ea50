"""What runs that were killed have left on a server of the user's: found, and removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from conformance.provision.services.kinds import Kind
from conformance.provision.services.runs import Left, State, state_of

_DEAD: Final[tuple[State, ...]] = ("dead",)


def left_on(kind: Kind, url: str) -> list[Left]:
    """Everything on a server that runs of this suite made, by name."""
    found = [Left(name, state_of(name)) for name in sorted(kind.made(url))]
    return [left for left in found if left.state != "foreign"]


def remove(kind: Kind, url: str, states: Collection[State] = _DEAD) -> list[Left]:
    """Remove what belongs to runs in one of these states; what was removed."""
    removed = [left for left in left_on(kind, url) if left.state in states]
    for left in removed:
        kind.drop_all(url, left.name)
    return removed
