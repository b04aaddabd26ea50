"""Templates in a ``world.toml``: ``{service.url}``, ``{env.NAME}``; ``{{`` and ``}}`` are braces."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from conformance.core.errors import UnknownWorld
from conformance.core.redact import know_named


def fill_text(text: str, known: Mapping[str, str]) -> str:
    """``text`` with each ``{name}`` replaced by what is ``known`` of it, and ``{env.NAME}`` by that variable.

    Raises :class:`UnknownWorld` for a name that nobody knows, and for a variable that is not set.
    """

    def one(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if found[1].startswith("env."):
            return _of_environment(found[1].removeprefix("env."))
        if found[1] not in known:
            raise UnknownWorld(
                f"world.toml: nothing is known as {found[0]}.", f"Known: {', '.join(sorted(known))}."
            )
        return known[found[1]]

    return re.sub(r"\{\{|\}\}|\{([\w.-]+)\}", one, text)


def _of_environment(name: str) -> str:
    """A variable of the user's that the world asks for. Raises :class:`UnknownWorld` when it is not set."""
    value = os.environ.get(name)
    if value is None:
        raise UnknownWorld(f"world.toml wants the variable {name}, which is not set.", f"export {name}=…")
    know_named(name, value)
    return value
