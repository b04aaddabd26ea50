"""A record in memory: its runs, and how several records are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.core.errors import ConformanceError
from conformance.record.lines import Footer, Header, Verdict, WorldLine


class RecordError(ConformanceError):
    """A record that cannot be read or written; names the file and the line."""


@dataclass(slots=True)
class Run:
    """One run: what its header says, the worlds in it, and the verdicts it came to."""

    header: Header
    worlds: list[WorldLine] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    footer: Footer | None = None
    #: what is wrong with it, in sentences (killed, half a line at its end)
    problems: list[str] = field(default_factory=list)
    source: str = ""

    @property
    def complete(self) -> bool:
        return self.footer is not None

    @property
    def name(self) -> str:
        """What shards of one run have in common."""
        return self.header.run or self.header.started


@dataclass(slots=True)
class Record:
    """Runs, oldest first."""

    runs: list[Run] = field(default_factory=list)

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict for run in self.runs for verdict in run.verdicts]

    @property
    def worlds(self) -> list[WorldLine]:
        return [world for run in self.runs for world in run.worlds]

    @property
    def problems(self) -> list[str]:
        return [problem for run in self.runs for problem in run.problems]


def merge(records: Iterable[Record]) -> Record:
    """All runs of several records, oldest first. The same run given twice counts once."""
    runs: list[Run] = []
    seen: set[tuple[object, ...]] = set()
    for run in (run for record in records for run in record.runs):
        key = _identity(run)
        if key not in seen:
            seen.add(key)
            runs.append(run)
    begun: dict[str, str] = {}  # shards of one run stay together, in the order of the runs
    for run in runs:
        begun[run.name] = min(begun.get(run.name, run.header.started), run.header.started)
    return Record(sorted(runs, key=lambda run: (begun[run.name], run.header.started)))


def _identity(run: Run) -> tuple[object, ...]:
    """What tells two runs apart. Jobs of one workflow that begin in one second differ in what they judged."""
    header = run.header
    judged = (
        (one.world, one.version, one.level, one.runtime, one.subject, one.variant, one.check, one.verdict,
         one.detail, one.test, one.seconds)
        for one in run.verdicts
    )  # fmt: skip
    return (
        header.run,
        header.started,
        header.shard,
        *((one.world, one.version) for one in run.worlds),
        *judged,
    )
