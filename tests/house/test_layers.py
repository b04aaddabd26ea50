"""The layers of the package: the contract holds, the docs draw the same one, no folder stands outside it."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _layers() -> list[str]:
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    return contract["importlinter:contract:layers"]["layers"].split("\n")[1:]


def test_imports_point_one_way_and_no_package_has_a_cycle() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


def test_the_docs_draw_the_contract() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = re.search(r"```text\n(cli\n.*?)\n```", text, re.DOTALL)
    assert drawn is not None
    assert drawn[1].split("\n") == _layers()


def test_each_layer_is_described_in_one_row() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert rows == [layer for line in reversed(_layers()) for layer in line.split(" | ")]
