"""Correlation ids: the same for every replay of a run, different for every run and every start.

The runtime seeds its generator with run id, workflow name and ``startedAt``, draws one ULID for the
first call site and adds one for each next, whatever its kind. So two starters that saw different
``startedAt`` name their steps differently, and the log of one cannot be replayed by the other.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal

Kind = Literal["step", "wait", "hook"]

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


def ulid(time: int, randomness: int) -> str:
    """26 characters of Crockford's base 32: ``time`` (48 bits, ms) and then ``randomness`` (80 bits)."""
    number = (time << 80) | randomness
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


@lru_cache(maxsize=4096)
def _drawn(run_id: str, workflow_name: str, started_at: int) -> tuple[int, list[str]]:
    """The seeded randomness, and the ids drawn from it so far: replays repeat, so they are kept."""
    seed = f"{run_id}:{workflow_name}:{started_at}".encode()
    # One bit of head room: adding one for each call site must not run over.
    return int.from_bytes(blake2b(seed, digest_size=10).digest()) >> 1, []


class Ids:
    """One replay's walk along the ids of a run: ``time`` in ms since 1970, and the ``first`` randomness.

    ``drawn`` are the ids of that walk as far as it was gone before.
    """

    __slots__ = ("_drawn", "_first", "_next", "_time")

    def __init__(self, time: int, first: int, drawn: list[str]) -> None:
        self._time = time
        self._first, self._drawn = first, drawn
        self._next = 0

    @classmethod
    def of_run(cls, run_id: str, workflow_name: str, started_at: float) -> Ids:
        """The walk of a run of the model. ``started_at`` is in ms since 1970."""
        time = int(started_at)
        return cls(time, *_drawn(run_id, workflow_name, time))

    @classmethod
    def beginning(cls, first: str) -> Ids:
        """The walk whose first id has these 26 characters: that of a real run."""
        number = 0
        for letter in first:
            number = number * 32 + _ALPHABET.index(letter)
        return cls(*divmod(number, 1 << 80), [])

    def draw(self, kind: Kind) -> str:
        """The id of the next call site, such as ``step_01JD…``."""
        at = self._next
        self._next = at + 1
        drawn = self._drawn
        if at == len(drawn):
            drawn.append(ulid(self._time, self._first + at))
        return f"{kind}_{drawn[at]}"
