"""What is private to a class or a module is used there alone: no action at a distance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .test_layers import ROOT

#: ``_replace`` and ``_asdict`` are public methods of a named tuple.
_NAMED_TUPLE = {"_replace", "_asdict", "_make", "_fields"}


class Defined(NamedTuple):
    """A class and the file it is in."""

    path: Path
    node: ast.ClassDef


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in _NAMED_TUPLE


@cache
def _files(folder: Path) -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folder.rglob("*.py"))]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _members(of: ast.ClassDef) -> set[str]:
    """Its methods, fields, and attributes that it sets on ``self``."""
    found = {node.name for node in of.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in ast.walk(of):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                found.add(node.attr)
            case ast.AnnAssign(target=ast.Name()):
                found.add(_name(node.target))
    return found


def _bases(of: ast.ClassDef, classes: dict[str, Defined]) -> Iterator[Defined]:
    for base in of.bases:
        known = classes.get(_name(base))
        if known is not None and known.node is not of:
            yield known
            yield from _bases(known.node, classes)


def _through_private(classes: dict[str, Defined]) -> Iterator[str]:
    """Classes that define or use a private member of a base."""
    for name, (path, node) in classes.items():
        inherited = {
            member: base.node.name
            for base in _bases(node, classes)
            for member in _members(base.node)
            if _is_private(member)
        }
        for member in sorted(_members(node) & inherited.keys()):
            yield f"{path.name}: {name} defines {member} of {inherited[member]} anew"
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and each.attr in inherited:
                whose = each.value.func if isinstance(each.value, ast.Call) else each.value
                if _name(whose) in ("self", "super"):
                    yield f"{path.name}:{each.lineno}: {name} uses {each.attr} of {inherited[each.attr]}"


def _classes(folder: Path) -> dict[str, Defined]:
    return {
        node.name: Defined(path, node)
        for path, module in _files(folder)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    }


def test_no_class_goes_through_private_members_of_its_base() -> None:
    for folder in ("conformance", "worlds"):
        assert list(_through_private(_classes(ROOT / folder))) == []


def test_the_test_would_find_one(tmp_path: Path) -> None:
    (tmp_path / "two.py").write_text(
        "class Base:\n    def _step(self): ...\n"
        "class Further(Base):\n    def _step(self):\n        super()._step()\n",
        encoding="utf-8",
    )
    assert list(_through_private(_classes(tmp_path))) == [
        "two.py: Further defines _step of Base anew",
        "two.py:5: Further uses _step of Base",
    ]


def test_no_module_imports_a_private_name_of_another() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {alias.name}"
        for folder in ("conformance", "scenarios", "worlds")
        for path, module in _files(ROOT / folder)
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if _is_private(alias.name) and not (path.parent / f"{alias.name}.py").exists()
    ]
    assert found == []


def test_no_private_attribute_of_another_object_is_set() -> None:
    """But hosts, which put gates into libraries."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path, module in _files(ROOT / "conformance")
        if "hosts" not in path.relative_to(ROOT).parts
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and _is_private(node.attr)
        and _name(node.value) not in ("self", "cls")
    ]
    assert found == []
