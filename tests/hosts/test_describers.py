"""What the Node host reads from the wire protocols: tests in JavaScript, ``tests/hosts/node/*.test.mjs``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.provision.node import find_node

FILES = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_in_node(file: Path) -> None:
    done = subprocess.run(
        [find_node(), "--test", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
