"""Writing and reading records: append-only JSON lines, readable after a crash, mergeable by ``cat``.

A file holds one or more runs; each begins with a header line. A run without a footer was killed, and
the half line at its end is tolerated and reported. Anything else that cannot be read is one error. A file
may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import msgspec

from conformance.core.errors import ConformanceError
from conformance.record.lines import (
    SCHEMA,
    Check,
    ErrorLine,
    EventLine,
    Evidence,
    Failure,
    Finding,
    Footer,
    Header,
    LaneItem,
    Line,
    Logged,
    LogText,
    Outcome,
    Planned,
    QueueVerdict,
    Service,
    Severity,
    Verdict,
    WorldLine,
)
from conformance.record.safe import for_record

__all__ = [
    "SCHEMA", "Check", "ErrorLine", "EventLine", "Evidence", "Failure", "Finding", "Footer", "Header",
    "LaneItem", "Line", "LogText", "Logged", "Outcome", "Planned", "QueueVerdict", "Record", "RecordError",
    "RecordWriter", "Run", "Service", "Severity", "Verdict", "WorldLine", "merge", "read",
    "read_failure", "write_failure",
]  # fmt: skip

_decoder: Final = msgspec.json.Decoder(Line)
_encoder: Final = msgspec.json.Encoder()


class _AnyLine(msgspec.Struct):
    kind: str


_KINDS: Final = frozenset(
    str(line.__struct_config__.tag) for line in (Header, WorldLine, Verdict, QueueVerdict, Failure, Footer)
)


class RecordError(ConformanceError):
    """A record that cannot be read; names the file and the line."""


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
    #: verdicts on the world's own queue, and on stress races over it
    queue: list[QueueVerdict] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.footer is not None


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


class RecordWriter:
    """Appends lines to a record, each flushed, so that a killed run loses at most the line it was in.

    Credentials are redacted, texts and lists bounded on the way. A file that exists is appended to:
    the new header begins a further run. Also a context manager.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self.path.open("ab")
        if self._file.tell() and not _ends_a_line(self.path):
            self._file.write(b"\n")

    def write(self, line: Line | dict[str, Any]) -> None:
        """Append one line; a dict is one that ``msgspec.to_builtins`` made of it (from a worker)."""
        if isinstance(line, dict):
            checked: Line = msgspec.convert(line, Line)
        else:
            checked = line
        self._file.write(_encoder.encode(for_record(checked)) + b"\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()


def read(paths: str | Path | Iterable[str | Path]) -> Record:
    """The record in one or several files. Raises :class:`RecordError`."""
    if isinstance(paths, str | Path):
        paths = [paths]
    return merge(_read_file(Path(path)) for path in paths)


def merge(records: Iterable[Record]) -> Record:
    """All runs of several records, oldest first. The same run given twice counts once."""
    runs: list[Run] = []
    seen: set[tuple[str, ...]] = set()
    for run in (run for record in records for run in record.runs):
        header = run.header
        key = (
            header.run,
            header.started,
            header.shard,
            str(len(run.verdicts) + len(run.queue)),
            *(w.world for w in run.worlds),
        )
        if key not in seen:
            seen.add(key)
            runs.append(run)
    begun: dict[str, str] = {}  # shards of one run stay together, in the order of the runs
    for header in (run.header for run in runs):
        name = header.run or header.started
        begun[name] = min(begun.get(name, header.started), header.started)
    return Record(
        sorted(runs, key=lambda run: (begun[run.header.run or run.header.started], run.header.started))
    )


def write_failure(path: str | Path, failure: Failure) -> Path:
    """Write the file that ``--world-replay`` reads; returns its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(_encoder.encode(for_record(failure)), indent=1) + b"\n")
    return path


def read_failure(path: str | Path) -> Failure:
    """The failure in a replay file. Raises :class:`RecordError`."""
    try:
        line = _decoder.decode(Path(path).read_bytes())
    except OSError as error:
        raise RecordError(
            f"cannot read the failure {path}: {error.strerror}", "Give the path of a failure file."
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RecordError(
            f"{path} is not a failure file: {error}", "Give a file the suite wrote for a failure."
        ) from None
    if not isinstance(line, Failure):
        raise RecordError(
            f"{path} is a record, not a failure file",
            "Failure files lie beside the record, one for each failure.",
        )
    _check_schema(line.schema, str(path))
    return line


#: How a compressed file begins. A whole matrix is thirteen times smaller that way.
_GZIP: Final = b"\x1f\x8b"


def _read_file(path: Path) -> Record:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or error
        raise RecordError(
            f"cannot read the record {path}: {what}", "Records are what --world-record FILE wrote."
        ) from None
    texts = data.split(b"\n")
    numbered = [(number, text) for number, text in enumerate(texts, 1) if text.strip()]
    runs: list[Run] = []
    for position, (number, text) in enumerate(numbered):
        try:
            line = _decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            if runs and _cut_short(numbered, position):
                runs[-1].problems.append(
                    f"{path.name}:{number}: the last line is cut short (the run was killed)"
                )
                continue
            if runs and (kind := _newer_kind(text)):
                runs[-1].problems.append(
                    f"{path.name}:{number}: a line of kind {kind!r} is left out: this suite does not know it"
                )
                continue
            raise RecordError(
                f"{path}:{number}: not a line of a record: {error}",
                "Take that line out, or write the record again; the lines before it are sound.",
            ) from None
        _add(runs, line, path, number)
    if not runs:
        raise RecordError(f"{path}: an empty record", "Records are what --world-record FILE wrote.")
    for run in runs:
        if run.footer is None:
            run.problems.append(
                f"{path.name}: the run of {run.header.started} has no footer: it did not come to its end"
            )
    return Record(runs)


def _newer_kind(text: bytes) -> str:
    """The kind of a line that a newer suite may have written; empty when it is no such line."""
    try:
        kind = msgspec.json.decode(text, type=_AnyLine).kind
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return kind if re.fullmatch(r"[a-z][a-z-]{0,30}", kind) and kind not in _KINDS else ""


def _cut_short(numbered: list[tuple[int, bytes]], position: int) -> bool:
    """Whether a line that cannot be read is where a killed run ends: at the end, or before a header."""
    if position + 1 == len(numbered):
        return True
    return re.match(rb'\s*\{"kind":\s*"header"', numbered[position + 1][1]) is not None


def _add(runs: list[Run], line: Line, path: Path, number: int) -> None:
    if isinstance(line, Header):
        _check_schema(line.schema, f"{path}:{number}")
        runs.append(Run(line, source=path.name))
        return
    if not runs:
        raise RecordError(f"{path}:{number}: a record begins with a header line", "Is this the right file?")
    run = runs[-1]
    if isinstance(line, WorldLine):
        run.worlds.append(line)
    elif isinstance(line, Verdict):
        if not 1 <= line.scenario <= 8:
            raise RecordError(
                f"{path}:{number}: there is no scenario {line.scenario}", "Scenarios are 1 to 8."
            )
        run.verdicts.append(line)
    elif isinstance(line, QueueVerdict):
        run.queue.append(line)
    elif isinstance(line, Footer):
        run.footer = line


def _check_schema(schema: int, where: str) -> None:
    if schema > SCHEMA:
        raise RecordError(
            f"{where}: written by a newer suite (schema {schema}; this one reads up to {SCHEMA})",
            "Upgrade workflow-world-conformance.",
        )


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
