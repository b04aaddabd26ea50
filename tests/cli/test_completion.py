"""Completion in real shells: the lines of docs/install.md in the start file of each, and the tabulator."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "install.md"
_ROW = re.compile(r"^\| (\w+), in `~/(\S+)` \| `(.+)` \|$", re.M)
#: the start file of each shell, and the line for it
LINES = {shell: (file, line.replace("\\|", "|")) for shell, file, line in _ROW.findall(_PAGE.read_text())}
#: what the shell has to be told before, so that it prints a prompt that can be found
_PROMPT = {
    "bash": "PS1='ready> '",
    "zsh": "PROMPT='ready> '",
    "fish": "function fish_prompt; echo 'ready> '; end",
}
_LIMIT = 60


def test_the_page_has_a_line_for_each_shell() -> None:
    assert list(LINES) == list(_PROMPT)


@pytest.mark.parametrize(
    "shell", ["bash", *(pytest.param(name, marks=pytest.mark.needs(name)) for name in ("zsh", "fish"))]
)
def test_a_name_is_completed(shell: str, tmp_path: Path) -> None:
    file, line = LINES[shell]
    start = tmp_path / file
    start.parent.mkdir(parents=True, exist_ok=True)
    start.write_text(f"{line}\n{_PROMPT[shell]}\n")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"HOME": str(tmp_path), "PATH": programs, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the shell
        os.chdir(tmp_path)
        os.execvpe(shell, [shell, "-i"], environment)
    try:
        said = _until(terminal, "ready> ", "")
        os.write(terminal, b"world-conformance test tur\t")
        said = _until(terminal, "test turso", said)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    assert "not found" not in said


def _until(terminal: int, awaited: str, said: str) -> str:
    """Read until this was written, and no longer than the limit. All that was said."""
    deadline = time.monotonic() + _LIMIT
    while awaited not in _plain(said):
        left = deadline - time.monotonic()
        assert left > 0, f"{awaited!r} was not written within {_LIMIT} s: {said!r}"
        if select.select([terminal], [], [], left)[0]:
            said += os.read(terminal, 4096).decode(errors="replace")
    return said


def _plain(said: str) -> str:
    """Without the sequences that move the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
