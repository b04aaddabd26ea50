"""What the commands of ``report`` read and write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from conformance.core.output import check_apart, folder_paths, write_whole

EXITS = """\b
Exit status of a gate:
  0  clean
  1  regressions: a failure that no baseline declares, or something broke
  6  could not judge: inconclusive or not reached, and nothing worse
  4  a mistake, such as a file that cannot be read or written
"""
IN = click.Path(path_type=Path)
OUT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
PAGE = click.Path(path_type=Path, exists=True, dir_okay=False)
DIR = click.Path(path_type=Path, file_okay=False)


def records_in(paths: Iterable[Path]) -> list[Path]:
    """The records given, and all those in the folders given."""
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.rglob("*.jsonl"), *path.rglob("*.jsonl.gz")]) if path.is_dir() else [path]
    if not found:
        raise click.UsageError("no record (*.jsonl, *.jsonl.gz) in that folder")
    return found


def dump(data: Any) -> str:
    """Data as JSON, to be written."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def in_folder(folder: Path, files: Mapping[str, str]) -> list[tuple[Path, str | bytes]]:
    """Where the files of a folder will lie, and what is in them."""
    return list(zip(folder_paths(folder, files), files.values(), strict=True))


def write_all(outputs: Sequence[tuple[Path, str | bytes]], inputs: Iterable[Path]) -> None:
    """Write all that was rendered; nothing when one of it would be written over an input, or over another."""
    check_apart([path for path, _ in outputs], inputs)
    for path, content in outputs:
        write_whole(path, content)
