"""Reading records. They come from anyone: size, depth and numbers are bounded.

A run without a footer was killed, and the half line at its end is tolerated and reported. A line of a kind
that a newer suite may have written is left out and reported. Anything else that cannot be read is one
:class:`RecordError`. A file may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec

from conformance.record.lines import SCHEMA, Failure, Footer, Header, Line, Verdict, WorldLine
from conformance.record.older import QueueLine
from conformance.record.runs import Record, RecordError, Run, merge

#: How large a record and one line of it may be, decompressed, in bytes. A whole matrix has 14 MB.
LARGEST_RECORD: Final = 512 * 2**20
LARGEST_LINE: Final = 64 * 2**20
#: How deep the data in a line may be nested.
DEEPEST: Final = 200
#: How a compressed file begins. A whole matrix is thirteen times smaller that way.
_GZIP: Final = b"\x1f\x8b"
_HINT: Final = "Records are what --world-record FILE wrote."

_decoder: Final = msgspec.json.Decoder(Line | QueueLine)
_KINDS: Final = frozenset(
    str(line.__struct_config__.tag) for line in (Header, WorldLine, Verdict, QueueLine, Failure, Footer)
)


class _AnyLine(msgspec.Struct):
    kind: str


class _NotALine(Exception):
    """Why a text is not a line of a record."""


def read(paths: str | Path | Iterable[str | Path]) -> Record:
    """The record in one or several files. Raises :class:`RecordError`."""
    if isinstance(paths, str | Path):
        paths = [paths]
    return merge(_read_file(Path(path)) for path in paths)


def read_failure(path: str | Path) -> Failure:
    """The failure in a replay file. Raises :class:`RecordError`."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_LINE + 1)
    except OSError as error:
        raise RecordError(
            f"cannot read the failure {path}: {error.strerror}", "Give the path of a failure file."
        ) from None
    try:
        line = _decoded(data)
    except _NotALine as error:
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


def _read_file(path: Path) -> Record:
    runs: list[Run] = []
    #: a line that cannot be read, and why: is it where a killed run ends?
    broken: tuple[int, bytes, str] | None = None
    for number, text in _lines(path):
        if broken is not None:
            begins = re.match(rb'\s*\{"kind":\s*"header"', text) is not None
            _cut_short(runs, path, broken, begins)
            broken = None
        try:
            line = _decoded(text)
        except _NotALine as error:
            if runs and (kind := _newer_kind(text)):
                runs[-1].problems.append(
                    f"{path.name}:{number}: a line of kind {kind!r} is left out: this suite does not know it"
                )
            else:
                broken = (number, text, str(error))
            continue
        _add(runs, line, path, number)
    if broken is not None:
        _cut_short(runs, path, broken, True)
    if not runs:
        raise RecordError(f"{path}: an empty record", _HINT)
    for run in runs:
        if run.footer is None:
            run.problems.append(
                f"{path.name}: the run of {run.header.started} has no footer: it did not come to its end"
            )
    return Record(runs)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1. Raises :class:`RecordError`."""
    total = 0
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2).startswith(_GZIP)
            file = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
            for number, text in enumerate(iter(lambda: file.readline(LARGEST_LINE + 1), b""), 1):
                total += len(text)
                if len(text) > LARGEST_LINE:
                    raise RecordError(f"{path}:{number}: longer than {LARGEST_LINE >> 20} MB", _HINT)
                if total > LARGEST_RECORD:
                    raise RecordError(
                        f"{path}: larger than {LARGEST_RECORD >> 20} MB{' decompressed' if packed else ''}",
                        "Merge fewer runs at a time.",
                    )
                if text.strip():
                    yield number, text
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or error
        raise RecordError(f"cannot read the record {path}: {what}", _HINT) from None


def _decoded(text: bytes) -> Line:
    """The line in a text, of today's kind. Raises :class:`_NotALine`."""
    if len(text) > LARGEST_LINE:
        raise _NotALine(f"longer than {LARGEST_LINE >> 20} MB")
    try:
        line = _decoder.decode(text)
        line = line.as_verdict() if isinstance(line, QueueLine) else line
    except RecursionError:
        raise _NotALine("nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise _NotALine(str(error)) from None
    if any(_deeper(data) for data in _free(line)):
        raise _NotALine(f"nested more than {DEEPEST} deep")
    return line


def _free(line: Line) -> Iterator[Any]:
    """The data in a line that may have any shape."""
    verdict = line.verdict if isinstance(line, Failure) else line
    if isinstance(verdict, Verdict):
        for evidence in (verdict.evidence, *(one.evidence for one in (*verdict.shoulds, *verdict.broken))):
            if evidence is not None:
                yield evidence.case
                yield from (event.data for event in evidence.events)


def _deeper(data: Any) -> bool:
    """Whether data is nested more than :data:`DEEPEST` deep."""
    level = [data]
    for _ in range(DEEPEST):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    except RecursionError:
        return True
    return True


def _newer_kind(text: bytes) -> str:
    """The kind of a line that a newer suite may have written; empty when it is not such a line."""
    try:
        kind = msgspec.json.decode(text, type=_AnyLine).kind
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return kind if re.fullmatch(r"[a-z][a-z-]{0,30}", kind) and kind not in _KINDS else ""


def _cut_short(runs: list[Run], path: Path, broken: tuple[int, bytes, str], at_end: bool) -> None:
    """Report the half line at which a killed run ends, ``at_end`` of its lines; any other is an error.

    A line that is whole JSON was not cut, however wrong it is.
    """
    number, text, why = broken
    if not runs or not at_end or _is_json(text):
        raise RecordError(
            f"{path}:{number}: not a line of a record: {why}",
            "Take that line out, or write the record again; the lines before it are sound."
            if runs
            else "Is this the right file? Records are what --world-record FILE wrote.",
        )
    runs[-1].problems.append(f"{path.name}:{number}: the last line is cut short (the run was killed)")


def _add(runs: list[Run], line: Line, path: Path, number: int) -> None:
    if isinstance(line, Header):
        _check_schema(line.schema, f"{path}:{number}")
        runs.append(Run(line, source=path.name))
        return
    if not runs:
        hint = (
            "This is a failure file: pytest --world-replay=FILE plays it again."
            if isinstance(line, Failure)
            else "Is this the right file?"
        )
        raise RecordError(f"{path}:{number}: a record begins with a header line", hint)
    run = runs[-1]
    if run.footer is not None:
        # One line of the problem is enough, however many lines there are.
        said = f"{path.name}: lines stand after the end of a run: two runs were written into it at once, "
        said += "and what belongs to which is not certain"
        if said not in run.problems:
            run.problems.append(said)
    if isinstance(line, WorldLine):
        run.worlds.append(line)
    elif isinstance(line, Verdict):
        run.verdicts.append(line)
    elif isinstance(line, Failure):
        # The file of one failure that was put into a record: its verdict counts like any other.
        _check_schema(line.schema, f"{path}:{number}")
        if line.verdict not in run.verdicts:
            run.verdicts.append(line.verdict)
            run.worlds.append(line.world)
    else:
        run.footer = line


def _check_schema(schema: int, where: str) -> None:
    if schema > SCHEMA:
        raise RecordError(
            f"{where}: written by a newer suite (schema {schema}; this one reads up to {SCHEMA})",
            "Upgrade workflow-world-conformance.",
        )
