"""Templates of ``world.toml``: ``{service.url}``, ``{namespace}``, ``{env.NAME}`` and their kin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.core.templates import fill_text
from conformance.provision.catalog.package import programs
from conformance.provision.services.service import Service

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """What templates may name. ``url`` is the service's, as the namespace sees it; ``folder`` the file's."""

    namespace: str
    directory: Path
    root: Path | None
    service: Service | None
    url: str
    folder: Path | None = None

    def values(self) -> dict[str, str]:
        """Every name that can be filled in here."""
        known = {"namespace": self.namespace, "directory": str(self.directory)}
        if self.folder is not None:
            known["folder"] = str(self.folder)
        if self.root is not None:
            known["root"] = str(self.root)
            known |= {f"bin.{name}": str(self.root / file) for name, file in programs(self.root).items()}
        if self.service is not None:
            known |= {
                "service.url": self.url or self.service.url,
                "service.host": self.service.host,
                "service.port": str(self.service.port),
            } | self.service.addresses()
        return known


def fill(text: str, context: TemplateValues) -> str:
    """Replace ``{name}``; a name that nobody knows is refused. ``{{`` and ``}}`` are braces."""
    return fill_text(text, context.values())


def literal(text: str) -> str:
    """The template that :func:`fill` makes this text of."""
    return text.replace("{", "{{").replace("}", "}}")


def fill_all(templates: Mapping[str, Value], context: TemplateValues) -> dict[str, Value]:
    """The same table with its strings filled in."""
    return {
        key: fill(value, context) if isinstance(value, str) else value for key, value in templates.items()
    }
