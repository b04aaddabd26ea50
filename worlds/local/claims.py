"""Who holds a token: a chain of claims for each token, and the last one counts while its hook lives.

A claim names the run and the hook, and brings the event that creates the hook. It is made before that event.
Whoever meets a claim whose event is not in the log yet writes the event himself, if it may still be written:
so a claim whose maker died holds nobody up, and an unfinished one is never taken for a free token.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .._reference.refusal import refusal
from .._reference.shapes import Event
from .slots import Files, name_of


class Claim(NamedTuple):
    """``mark``: of the write of its event, by which its maker knows it again."""

    run_id: str
    hook_id: str
    mark: str
    entry: Event


class Claims:
    """The claims in the files of a World."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def last(self, token: str) -> tuple[int, Claim | None]:
        """How many claims there are for a token, and the last one."""
        count, claim = 0, None
        while (found := self._files.read(self._path(token, count + 1))) is not None:
            count, claim = count + 1, Claim(**found)
        return count, claim

    def make(self, token: str, number: int, claim: Claim) -> bool:
        """Make the next claim for a token. False when there is one of that number by now."""
        return self._files.create(self._path(token, number), claim._asdict())

    def holds(self, claim: Claim) -> bool:
        """Whether the hook of a claim lives. It is created if it was not, and may be."""
        while True:
            log = self._files.log(claim.run_id)
            hook: dict[str, Any] | None = log.parts["hook"].get(claim.hook_id)
            if hook is not None:
                return claim.mark in log.marks and hook["status"] == "active"
            if refusal("hook_created", log.status, None) is not None:
                return False
            self._files.append(claim.run_id, log.next, [claim.entry], claim.mark)

    def _path(self, token: str, number: int) -> Any:
        return self._files.path("claims", f"{name_of(token)}.{number}.json")
