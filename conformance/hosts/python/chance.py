"""Seeded randomness: everything random that Python code can ask for comes from one seed.

Each actor draws from a stream of its own, and so does the background, so that a heartbeat or another actor
changes nothing of what a call gets.
"""

from __future__ import annotations

import os
import random
import tempfile
import uuid
from typing import Any

from .calls import current_call

_seed_of_random = random.Random.seed


class _Streams(random.Random):
    """A generator that is another one for each actor. ``random`` and ``getrandbits`` are all it takes."""

    def __init__(self) -> None:
        self._seed: tuple[object, ...] = ()
        self._streams: dict[str, random.Random] = {}
        super().__init__(0)

    def start(self, seed: tuple[object, ...]) -> None:
        self._seed = seed
        self._streams = {}

    def _mine(self) -> random.Random:
        call = current_call()
        name = "" if call is None else call.actor
        stream = self._streams.get(name)
        if stream is None:
            self._streams[name] = stream = random.Random.__new__(random.Random)
            _seed_of_random(stream, repr((*self._seed, name)))
        return stream

    def random(self) -> float:
        return self._mine().random()

    def getrandbits(self, bits: int, /) -> int:
        return self._mine().getrandbits(bits)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """A world that seeds the module's generator gets the same numbers as one that does not."""

    def getstate(self) -> Any:
        return self._mine().getstate()

    def setstate(self, state: Any) -> None:
        self._mine().setstate(state)


class Chance:
    """The source of all random bytes, numbers and UUIDs from :meth:`install` on."""

    def __init__(self) -> None:
        self._streams = _Streams()

    def reseed(self, *seed: object) -> None:
        """Begin again: the same seed gives the same bytes."""
        self._streams.start(seed)
        # Temporary files are named by a generator that lives as long as the process.
        tempfile._name_sequence = None  # type: ignore[attr-defined] # the library's own

    def install(self) -> None:
        """Replace ``os.urandom``, the functions of ``random``, and what reads the system's entropy."""
        streams = self._streams

        def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
            _seed_of_random(self, streams.getrandbits(256) if a is None else a, version)

        os.urandom = streams.randbytes
        if hasattr(os, "getrandom"):
            os.getrandom = lambda size, flags=0: streams.randbytes(size)  # noqa: ARG005 - as it is called
        old = random._inst
        random._inst = streams
        random._urandom = streams.randbytes  # type: ignore[attr-defined] # the library's own
        random.Random.seed = seed  # type: ignore[method-assign] # one for all generators
        for name, function in list(vars(random).items()):
            if getattr(function, "__self__", None) is old:
                setattr(random, name, getattr(streams, name))
        # uuid1 in C reads the real time and a real random node.
        uuid._generate_time_safe = None  # type: ignore[attr-defined] # the library's own
        uuid._UuidCreate = None  # type: ignore[attr-defined] # the same on Windows
