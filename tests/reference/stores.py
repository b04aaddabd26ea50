"""The reference worlds by name: how each is told its namespace, and how one is made."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from conformance.core.content import content
from conformance.provision.catalog.find import load

_PACKAGE = "_conformance_worlds"

#: world -> its options for a namespace of that name (besides ``url``)
STORES: dict[str, Callable[[str], dict[str, Any]]] = {
    "mongodb": lambda name: {"database": name},
    "postgres": lambda _name: {},
    "redis": lambda name: {"prefix": name},
    "turso": lambda _name: {},
}
#: those and the one on files, whose queue only keeps its messages and which has mutants of line 5.x only
ALL = {**STORES, "local": lambda _name: {}}


def make_world(name: str, **options: Any) -> Any:
    """An instance of a reference world; not open yet."""
    reference = load(name).reference
    assert reference is not None
    module, _, cls = reference.class_.partition(":")
    return getattr(shipped(f"{name}.{module}"), cls)(**options)


def shipped(name: str) -> ModuleType:
    """A module below ``worlds/``, imported as the Python host does it."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(content("worlds"))]
    sys.modules.setdefault(_PACKAGE, package)
    return importlib.import_module(f"{_PACKAGE}.{name}")
