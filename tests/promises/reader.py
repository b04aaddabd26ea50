"""A reader of the docs, who types what a page says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.target import parse
from tests.promises.clone import clone
from tests.promises.documents import Block
from tests.user import OPTIONS

_LIMIT = 900.0


class Reader:
    """Types what a page says, in a folder that begins empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def reads(self, block: Block, own: Mapping[str, str] | None = None) -> list[str]:
        """Type the commands of a block, or write the file that it shows. Gives what each command said.

        ``own``: what a reader types in place of what stands there, such as an address of theirs.
        Raises ``AssertionError`` where a command ends with another status than the page says.
        """
        name = re.match(r"# (\S+\.toml)\n", block.text)
        if block.language == "toml" and name:
            (self._folder / name[1]).write_text(block.text, encoding="utf-8")
        folder = self._prepared(block)
        more = "".join(f" {option}" for option in block.said("plus"))
        said = []
        mine = own or {}
        assert all(text in block.text for text in mine), f"{block.place}: it has not all of {list(mine)}"
        for typed in block.commands():
            command = typed
            for less, text in block.less():
                assert text in command, f"{block.place}: {text!r} is not in {command}"
                command = command.replace(text, less)
            for text, less in mine.items():
                command = command.replace(text, less)
            said.append(self._types(command + more, folder, block))
        return said

    def _prepared(self, block: Block) -> Path:
        folder = self._folder
        chosen = "".join(f" -k '{names}'" for names in block.said("only"))
        self._env["PYTEST_ADDOPTS"] = f"--world-budget=quick {' '.join(OPTIONS)}{chosen}"
        if "in a clone" in block.how:
            folder = self._folder / "Meine Übung"
            if not folder.exists():
                clone(folder)
        if "beside a clone" in block.how:
            folder = self._folder / "beside"
            clone(folder / "workflow-world-conformance")
            subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
            self._env["PATH"] = f"{folder / 'venv' / 'bin'}{os.pathsep}{self._env['PATH']}"
        for path in block.said("with"):
            GIVEN[path](folder / path)
        return folder

    def _types(self, command: str, folder: Path, block: Block) -> str:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=_LIMIT)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        said = f"{block.place}: {command}\nended with {process.returncode}:\n{output[-4000:]}"
        fine = [int(status) for status in block.said("exit")]
        assert process.returncode in (fine or ([0, 1] if "pytest --world" in command else [0])), said
        assert "INTERNALERROR" not in output, said
        return output


def _checkout(folder: Path) -> None:
    root = resolve(parse(folder.name)).root
    assert root is not None
    modules = root.parents[1]  # of node_modules/@workflow-worlds/redis
    shutil.copytree(root, folder)
    (folder / "node_modules").symlink_to(modules)


def _module(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        "from pathlib import Path\n\n"
        "from worlds.turso.reference import TursoWorld\n\n\n"
        "class MyWorld(TursoWorld):\n"
        "    def __init__(self, directory: str = str(Path(__file__).parent)) -> None:\n"
        '        super().__init__(f"{directory}/my.db")\n',
        encoding="utf-8",
    )


#: what a reader has before a block is typed: its path, and what makes it
GIVEN: dict[str, Callable[[Path], None]] = {
    "packages/redis": _checkout,
    "packages/starter": _checkout,
    "mypackage/world.py": _module,
}
