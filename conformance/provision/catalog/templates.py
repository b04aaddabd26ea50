"""Templates of ``world.toml``: ``{service.url}``, ``{namespace}``, ``{env.NAME}`` and their kin."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.core.errors import UnknownWorld
from conformance.core.redact import know_named
from conformance.provision.catalog.package import programs
from conformance.provision.services.service import Service

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """What templates may name. ``url`` is the service's, as the namespace sees it."""

    namespace: str
    directory: Path
    root: Path | None
    service: Service | None
    url: str

    def values(self) -> dict[str, str]:
        """Every name that can be filled in here."""
        known = {"namespace": self.namespace, "directory": str(self.directory)}
        if self.root is not None:
            known["root"] = str(self.root)
            known |= {f"bin.{name}": str(self.root / file) for name, file in programs(self.root).items()}
        if self.service is not None:
            known |= {
                "service.url": self.url or self.service.url,
                "service.host": self.service.host,
                "service.port": str(self.service.port),
            }
        return known


def fill(text: str, context: TemplateValues) -> str:
    """Replace ``{name}``; a name that nobody knows is refused. ``{{`` and ``}}`` are braces."""
    known = context.values()

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


def literal(text: str) -> str:
    """The template that :func:`fill` makes this text of."""
    return text.replace("{", "{{").replace("}", "}}")


def _of_environment(name: str) -> str:
    """A variable of the user's that the world asks for. Raises :class:`UnknownWorld` when it is not set."""
    value = os.environ.get(name)
    if value is None:
        raise UnknownWorld(f"world.toml wants the variable {name}, which is not set.", f"export {name}=…")
    know_named(name, value)
    return value


def fill_all(templates: Mapping[str, Value], context: TemplateValues) -> dict[str, Value]:
    """The same table with its strings filled in."""
    return {
        key: fill(value, context) if isinstance(value, str) else value for key, value in templates.items()
    }
