"""The part of a report that is about the worlds' own queues: one row a world, its verdicts in order.

Pure data, like the matrix; the newest run that judged something speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from conformance.record.file import Run
from conformance.record.lines import QueueVerdict
from conformance.record.safe import for_reading

#: verdict -> (sign, sign where there is only ASCII, word)
SIGNS: Final[dict[str, tuple[str, str, str]]] = {
    "fail": ("✗", "X", "fails"),
    "note": ("!", "!", "a should is broken"),
    "inconclusive": ("?", "?", "inconclusive"),
    "pass": ("✓", "+", "holds"),
    "not-shown": ("·", ".", "nothing shown, which proves nothing"),
    "unsupported": ("○", "-", "unsupported"),
}
_PARTS: Final = ("queue", "natural")


@dataclass(slots=True)
class QueueRow:
    """One world in one version, and what was found out about its queue."""

    world: str
    implementation: str
    version: str
    verdicts: list[QueueVerdict] = field(default_factory=list)

    @property
    def title(self) -> str:
        name = self.world if self.implementation == "package" else f"{self.world} ({self.implementation})"
        return f"{name} {self.version}".strip()

    @property
    def nothing(self) -> str:
        """The one reason why nothing of it could be judged; empty when something was."""
        reasons = {verdict.reason for verdict in self.verdicts}
        unsupported = all(verdict.verdict == "unsupported" for verdict in self.verdicts)
        return reasons.pop() if unsupported and len(reasons) == 1 else ""

    def count(self, state: str) -> int:
        return sum(state_of(verdict) == state for verdict in self.verdicts)


def state_of(verdict: QueueVerdict) -> str:
    """A key of :data:`SIGNS`: a failed should is a note."""
    return "note" if verdict.verdict == "fail" and not verdict.red else verdict.verdict


def what(verdict: QueueVerdict) -> str:
    """What was judged, in a few words: the rule, or the workflow whose races were run."""
    if verdict.part == "queue":
        return verdict.rule or verdict.name
    release = f" on {verdict.runtime}" if verdict.runtime else ""
    return f"stress {verdict.name}{release}" + (f": {verdict.rule}" if verdict.rule else "")


def often(verdict: QueueVerdict) -> str:
    """``3 of 20``; empty where nothing was counted."""
    return f"{verdict.shown} of {verdict.runs}" if verdict.verdict == "fail" and verdict.shown else ""


def queue_rows(runs: Iterable[Run]) -> list[QueueRow]:
    """The rows of some runs, oldest first. What a newer run judged again replaces what an older one said."""
    newest: dict[tuple[str, ...], tuple[str, list[QueueVerdict]]] = {}
    for run in runs:
        name = run.header.run or run.header.started
        for verdict in map(for_reading, run.queue):
            # A test's verdicts belong together: the rules that broke this time are all there are.
            key = (
                verdict.world,
                verdict.implementation,
                verdict.version,
                verdict.part,
                verdict.runtime,
                verdict.name,
            )
            before, verdicts = newest.get(key, ("", []))
            newest[key] = (name, [*verdicts, verdict] if before == name else [verdict])
    rows: dict[tuple[str, str, str], QueueRow] = {}
    for (world, implementation, version, *_), (_, verdicts) in sorted(
        newest.items(), key=lambda entry: _order(entry[0])
    ):
        row = rows.setdefault((world, implementation, version), QueueRow(world, implementation, version))
        row.verdicts += verdicts
    return list(rows.values())


def _order(key: tuple[str, ...]) -> tuple[object, ...]:
    """Within a part in the order of the record, which is that of the tests."""
    world, implementation, version, part, runtime, _ = key
    return world, implementation, version, _PARTS.index(part), runtime
