"""A file that is written: content is asked for before it is there, and the file is as ``open`` has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.hosts.python.content import opened


def test_content_is_asked_for_when_it_gets_into_the_file(tmp_path: Path) -> None:
    path, seen = tmp_path / "a", list[str]()
    with opened(lambda: seen.append(path.read_text()), path, "w") as file:
        file.write("one")
        file.write("two")
        assert seen == []
        file.flush()
        file.write("three")
    assert seen == ["", "onetwo"]
    assert path.read_text() == "onetwothree"


@pytest.mark.parametrize(
    ("mode", "given", "data"),
    [
        ("w", {"newline": "\r\n"}, "one\n"),
        ("a", {"encoding": "latin-1"}, "é"),
        ("wb", {}, b"one"),
        ("ab", {"buffering": 0}, b"one"),
        ("r+b", {}, b"one"),
        ("w+", {"encoding": "utf-8", "buffering": 1}, "one\n"),
    ],
)
def test_the_file_is_what_open_gives(tmp_path: Path, mode: str, given: dict[str, Any], data: Any) -> None:
    ours, plain = tmp_path / "ours", tmp_path / "plain"
    for path, opener in ((ours, lambda *a, **k: opened(lambda: None, *a, **k)), (plain, open)):
        path.write_text("before")
        with opener(path, mode, **given) as file:
            file.write(data)
            kind = (type(file).__name__, file.mode)
        path.with_suffix(".kind").write_text(repr(kind))
    assert ours.read_bytes() == plain.read_bytes()
    kinds = [path.with_suffix(".kind").read_text() for path in (ours, plain)]
    assert kinds[0].replace("_Held", "FileIO") == kinds[1]


@pytest.mark.parametrize(
    ("mode", "given"), [("w", {"buffering": 0}), ("wb", {"encoding": "utf-8"}), ("wx", {})]
)
def test_what_open_refuses_is_refused(tmp_path: Path, mode: str, given: dict[str, Any]) -> None:
    for opener in (open, lambda *a, **k: opened(lambda: None, *a, **k)):
        with pytest.raises(ValueError, match=r"unbuffered|encoding|exactly one"):
            opener(tmp_path / "a", mode, **given)
