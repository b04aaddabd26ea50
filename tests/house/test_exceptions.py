"""A line on which a checker is told to look away says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_layers import ROOT

#: the mark, what it is about, and the rest of the line
_MARK = re.compile(
    r"# ?(?:noqa(?P<codes>: [A-Z]+\d+(?:, [A-Z]+\d+)*)?|type: ignore(?P<kinds>\[[a-z, -]+\])?)(?P<rest>.*)$"
)


def unexplained(path: Path) -> list[str]:
    """The lines of a file that have such a mark without a rule or without a reason."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = _MARK.search(line)
        if mark is None:
            continue
        about = mark["codes"] or mark["kinds"]
        if not about or not re.search(r"[a-z]{3,}", mark["rest"]):
            found.append(f"{path.name}:{number}: {line.strip()}")
    return found


def test_every_exception_has_a_reason_on_its_line() -> None:
    assert [each for path in sorted((ROOT / "conformance").rglob("*.py")) for each in unexplained(path)] == []


@pytest.mark.parametrize("line", ["x = 1  # noqa", "x = 1  # noqa: F841", "x = y  # type: ignore[misc]"])
def test_one_without_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"{line}\ny = 2  # noqa: F841 - it is wanted\n", encoding="utf-8")
    assert unexplained(tmp_path / "a.py") == [f"a.py:1: {line}"]
