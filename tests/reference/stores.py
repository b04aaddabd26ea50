"""The reference worlds by name: how each is told its namespace, and how one is made."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from conformance.catalog.find import load

#: world -> its options for a namespace of that name (besides ``url``)
STORES: dict[str, Callable[[str], dict[str, Any]]] = {
    "mongodb": lambda name: {"database": name},
    "postgres": lambda _name: {},
    "redis": lambda name: {"prefix": name},
    "turso": lambda _name: {},
}


def make_world(name: str, **options: Any) -> Any:
    """An instance of a reference world; not open yet."""
    reference = load(name).reference
    assert reference is not None
    module, _, cls = reference.class_.partition(":")
    return getattr(importlib.import_module(f"worlds.{name}.{module}"), cls)(**options)
