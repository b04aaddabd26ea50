"""Parts of source files by name, so that a page shows what the file says today.

A part is ``path:name``: ``worlds/_reference/sql.py:RELEASE`` is an assignment, ``…:MOVES.run_started`` one
of a dict, ``…/reference.py:FilesWorld._take`` a method, ``…/reference.lua:guards.run_started`` a function.
Without a name it is the whole file.
"""

from __future__ import annotations

import ast
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import NamedTuple

from conformance.core.content import content


class Excerpt(NamedTuple):
    """A part of a file: its path from the root of the project, and its text."""

    path: str
    text: str

    @property
    def language(self) -> str:
        """As code blocks name it."""
        return {".py": "python", ".lua": "lua"}[Path(self.path).suffix]


def excerpt(part: str) -> Excerpt:
    """The part of that name. Raises ``LookupError`` when the file has none."""
    path, _, name = part.partition(":")
    lines = _lines(path)
    if not name:
        return Excerpt(path, "\n".join(lines).strip())
    first, last = _in_lua(lines, name) if path.endswith(".lua") else _in_python(path, name)
    while first > 1 and re.match(r"\s*(#|--)", lines[first - 2]):
        first -= 1
    return Excerpt(path, textwrap.dedent("\n".join(lines[first - 1 : last])))


@cache
def _lines(path: str) -> list[str]:
    folder, _, rest = path.partition("/")
    return (content(folder) / rest).read_text(encoding="utf-8").splitlines()


def _in_lua(lines: list[str], name: str) -> tuple[int, int]:
    """First and last line, from 1, of a function."""
    begins = re.compile(rf"(?:local )?function {re.escape(name)}\(")
    for first, line in enumerate(lines, 1):
        if begins.match(line):
            if line.endswith(" end"):
                return first, first
            return first, next(at for at, one in enumerate(lines, 1) if at > first and one == "end")
    raise LookupError(f"there is no function {name}")


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse("\n".join(_lines(path)))


def _in_python(path: str, name: str) -> tuple[int, int]:
    """First and last line, from 1, of what a name names."""
    found: ast.AST = _tree(path)
    for word in name.split("."):
        found = _member(found, word)
    if isinstance(found, ast.expr):
        # An entry of a dict begins with its key.
        return found.lineno - (0 if f'"{word}"' in _lines(path)[found.lineno - 1] else 1), _closed(
            path, found
        )
    assert isinstance(found, ast.stmt)
    decorators = getattr(found, "decorator_list", [])
    return min([found.lineno, *(one.lineno for one in decorators)]), found.end_lineno or found.lineno


def _closed(path: str, found: ast.expr) -> int:
    """The last line of a value, with the parenthesis around it."""
    end = found.end_lineno or found.lineno
    after = _lines(path)[end] if end < len(_lines(path)) else ""
    return end + 1 if after.strip() == ")," else end


def _member(node: ast.AST, word: str) -> ast.AST:
    if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == word:
                return value
    for child in getattr(node, "body", []):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and child.name == word:
            return child
        if (
            isinstance(child, ast.AnnAssign)
            and isinstance(child.target, ast.Name)
            and child.target.id == word
        ):
            return child
    raise LookupError(f"there is no {word}")
