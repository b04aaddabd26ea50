"""What is found wrong with a stream, and how chunks are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class SeenStream(NamedTuple):
    """Something that is wrong with a stream: which rule says so, and a sentence."""

    rule: str
    text: str


def say(chunks: Sequence[str]) -> str:
    """Chunks in words."""
    return f"[{', '.join(chunks)}]" if chunks else "nothing"
