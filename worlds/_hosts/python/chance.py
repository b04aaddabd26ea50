"""Seeded randomness: everything random that Python code can ask for comes from one seed."""

from __future__ import annotations

import os
import random
import tempfile
import uuid
from typing import Any

_seed_of_random = random.Random.seed


class Chance:
    """The source of all random bytes, numbers and UUIDs from :meth:`install` on."""

    def __init__(self) -> None:
        self._source = random.Random(0)

    def reseed(self, seed: object) -> None:
        """Begin again: the same seed gives the same bytes."""
        _seed_of_random(self._source, repr(seed))
        random.seed(self._source.getrandbits(64))
        # Temporary files are named by a generator that lives as long as the process.
        tempfile._name_sequence = None  # type: ignore[attr-defined]

    def install(self) -> None:
        """Replace ``os.urandom`` and what reads the system's entropy elsewhere."""
        source = self._source

        def urandom(size: int, /) -> bytes:
            return source.randbytes(size)

        def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
            _seed_of_random(self, source.getrandbits(256) if a is None else a, version)

        os.urandom = urandom
        random._urandom = urandom  # type: ignore[attr-defined]
        random.Random.seed = seed  # type: ignore[method-assign]
        if hasattr(os, "getrandom"):
            os.getrandom = lambda size, flags=0: source.randbytes(size)  # noqa: ARG005
        # uuid1 in C reads the real time and a real random node.
        uuid._generate_time_safe = None  # type: ignore[attr-defined]
        uuid._UuidCreate = None  # type: ignore[attr-defined]
