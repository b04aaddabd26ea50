"""Records: JSON lines, appended one by one, readable after a crash, mergeable by ``cat``.

A file holds one or more runs; each begins with a header line. Only one run writes to a file at a time.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from io import BufferedReader, FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from conformance.core.output import write_whole
from conformance.record.lines import (
    SCHEMA,
    Check,
    ErrorLine,
    EventLine,
    Evidence,
    Failure,
    FindingLine,
    Footer,
    Header,
    LaneItem,
    Line,
    Logged,
    LogText,
    Outcome,
    Planned,
    Service,
    Severity,
    Verdict,
    WorldLine,
)
from conformance.record.reading import read, read_failure
from conformance.record.runs import Record, RecordError, Run, merge
from conformance.record.safe import for_record

__all__ = [
    "SCHEMA", "Check", "ErrorLine", "EventLine", "Evidence", "Failure", "FindingLine", "Footer", "Header",
    "LaneItem", "Line", "LogText", "Logged", "Outcome", "Planned", "Record", "RecordError", "RecordWriter",
    "Run", "Service", "Severity", "Verdict", "WorldLine", "as_bytes", "lines_of", "merge", "read",
    "read_failure", "refuse_locked", "write_failure",
]  # fmt: skip

_encoder: Final = msgspec.json.Encoder()


class RecordWriter:
    """Appends lines to a record, each flushed, so that a killed run loses at most the line it was in.

    Credentials are redacted, texts and lists bounded on the way. A file that exists is appended to: the new
    header begins a further run. While it is open the file is locked: what two runs write at once could not be
    told apart. A new file into which nothing was written is taken away again. Also a context manager. Raises
    :class:`RecordError` for a file that another run writes to, or that cannot be opened.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if str(path) == "-":
            raise RecordError("a record is not written to the standard output", "Give the name of a file.")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._new = not self.path.exists()
            # Not buffered: what a full disk refuses is not written later, behind something else.
            self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise RecordError(
                f"cannot write the record {path}: {error.strerror}", "Give another place."
            ) from None
        try:
            _lock(self._file, self.path)
            self._regular = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
            if self._regular and self._file.seek(0, os.SEEK_END) and not _ends_a_line(self.path):
                self._file.write(b"\n")
        except BaseException:
            self._file.close()
            raise

    def write(self, line: Line | dict[str, Any]) -> None:
        """Append one line; a dict is one that ``msgspec.to_builtins`` made of it (from a worker).

        Raises ``OSError`` when the disk is full, say; then nothing of the line is in the file.
        """
        if isinstance(line, dict):
            checked: Line = msgspec.convert(line, Line, strict=True, str_keys=True)
        else:
            checked = line
        self.write_bytes(as_bytes(checked))

    def write_bytes(self, lines: bytes) -> None:
        """Append lines that another writer made, as they are. Raises ``OSError`` as :meth:`write` does."""
        data = memoryview(lines)
        end = self._file.seek(0, os.SEEK_END) if self._regular else 0
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError:
            if self._regular:
                with suppress(OSError):
                    self._file.truncate(end)
            raise

    def close(self) -> None:
        """Let go of the file. Safe to repeat."""
        if not self._file.closed and self._new and self._file.tell() == 0:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()


def as_bytes(line: Line) -> bytes:
    """A line as it stands in a file: redacted and bounded, with its newline."""
    return _encoder.encode(for_record(line)) + b"\n"


def refuse_locked(path: Path) -> None:
    """Raise :class:`RecordError` for a record that a run is writing to: it must not be replaced."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                _lock(file, path)


def lines_of(record: Record) -> list[Line]:
    """The lines that make a record, one run after the other. A run without a footer stays one."""
    made: list[Line] = []
    for run in record.runs:
        made += [run.header, *run.worlds, *run.verdicts]
        made += [run.footer] if run.footer is not None else []
    return made


def write_failure(path: str | Path, failure: Failure) -> Path:
    """Write the file that ``--world-replay`` reads; returns its path. Raises ``OutputError``."""
    path = Path(path)
    write_whole(path, msgspec.json.format(_encoder.encode(for_record(failure)), indent=1) + b"\n")
    return path


def _lock(file: FileIO | BufferedReader, path: Path) -> None:
    """Lock a regular file until it is closed; the lock ends with the process.

    On a file system without locks there is none.
    """
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RecordError(
            f"another run is writing the record {path}",
            "Give each run a record of its own; `world-conformance report merge` makes one of them.",
        ) from None
    except OSError:
        return


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
