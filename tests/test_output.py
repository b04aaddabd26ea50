"""Writing a file whole or not at all, and names that stay in their folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from conformance.core.output import OutputError, check_apart, distinct, file_name, folder_paths, write_whole


def test_a_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    write_whole(path, "one")
    write_whole(path, "zwei ä")
    assert path.read_text(encoding="utf-8") == "zwei ä"
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]


def test_permissions_are_kept_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "a"
    before = os.umask(0o027)
    try:
        write_whole(path, "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write_whole(path, "y")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    with path.open("rb") as reader:
        write_whole(path, b"new" * 1_000)
        assert reader.read() == b"old"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize(
    ("name", "why"),
    [("folder", "Is a directory"), ("file/x", "Not a directory"), ("x" * 300, "name too long")],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=why) as caught:
        write_whole(tmp_path / name, "x")
    assert caught.value.hint
    assert {one.name for one in tmp_path.iterdir()} == {"folder", "file"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/tmp/x", "tmp-x"), ("../../y", "y"), ("..", "file"), ("", "file"), (".hidden", "hidden"),
        ("a\x00b\nc", "a-b-c"), ("ä/ö", "file"), ("4.8.9 translated", "4.8.9-translated"),
        ("a" * 500, "a" * 120),
    ],
)  # fmt: skip
def test_a_file_name(text: str, name: str) -> None:
    assert file_name(text) == name


def test_a_name_that_leads_out_of_a_folder_is_no_name(tmp_path: Path) -> None:
    assert folder_paths(tmp_path, ["a.html"]) == [tmp_path / "a.html"]
    for name in ("../a", "/etc/x", "a/b", "..", ".x", "", "a\n"):
        with pytest.raises(ValueError, match="not a plain file name"):
            folder_paths(tmp_path, [name])


def test_distinct_names() -> None:
    assert distinct(["a", "A", "b", "a", "a-2"]) == ["a", "A-2", "b", "a-3", "a-2-2"]


def test_outputs_and_inputs(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.link(tmp_path / "a", tmp_path / "hard")
    check_apart(
        [tmp_path / "b", Path("-"), Path("-"), Path("/dev/null"), Path("/dev/null")], [tmp_path / "a"]
    )
    for name in ("a", "hard"):
        with pytest.raises(OutputError, match="files that are read"):
            check_apart([tmp_path / name], [tmp_path / "a"])
    with pytest.raises(OutputError, match="asked for twice"):
        check_apart([tmp_path / "new", tmp_path / "." / "new"], [])
