"""What the user asked to test: a world, which implementation of it, which version.

``redis`` · ``redis@0.2.2`` · ``redis:reference`` · ``./my-world`` · ``all``, and the options that name
code by itself: a checkout, a package, a class, an entry of upstream's catalogue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.asked import Asked
from conformance.provision.catalog.descriptor import Descriptor
from conformance.provision.catalog.find import is_path, load

Implementation = Literal["package", "path", "reference", "class"]
OptionValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Target:
    """One world to test. ``world`` is its name in test ids and reports.

    ``version`` is what was asked for (None: what the lock pins). ``path`` is a checkout, ``package`` an
    npm package by name, ``cls`` a ``module:Class``; ``options`` and ``env`` override the templates of the
    descriptor, ``setup`` its command. ``cannot`` says why it cannot run here. ``asked`` keeps the words of
    the user, to ask for it again.
    """

    world: str
    descriptor: Descriptor
    implementation: Implementation = "package"
    version: str | None = None
    path: Path | None = None
    package: str | None = None
    cls: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    setup: tuple[str, ...] = ()
    cannot: str = ""
    asked: Asked = field(default_factory=Asked)

    @property
    def label(self) -> str:
        """How a person would ask for it again: ``redis``, ``redis@0.2.2``, ``redis:reference``."""
        if self.version is not None:
            return f"{self.world}@{self.version}"
        own = self.descriptor.engine == "memory" or self.descriptor.is_class(self.cls)
        return (
            self.world if self.implementation == "package" or own else f"{self.world}:{self.implementation}"
        )


_SHAPE = re.compile(r"^(?P<name>[^@:]+?)(?::(?P<implementation>[a-z]+))?(?:@(?P<version>[^@:/]+))?$")


def parse(text: str) -> Target:
    """One word of ``--world``. Raises :class:`UnknownWorld` for an unknown name or a strange shape."""
    text = text.strip()
    # A folder may have any name, that of a version among them.
    whole = is_path(text) and (Path(text).expanduser() / "world.toml").is_file()
    found = (
        re.fullmatch("(?P<name>.+)(?P<implementation>)(?P<version>)", text) if whole else _SHAPE.match(text)
    )
    if found is None:
        raise UnknownWorld(
            f"{text!r} is not a world.", "Write redis, redis@0.2.2, redis:reference, ./my-world, or all."
        )
    descriptor = load(found["name"])
    version, implementation = found["version"] or None, found["implementation"] or "package"
    if implementation not in ("package", "reference"):
        raise UnknownWorld(
            f"{text!r}: a world has no implementation {implementation!r}.",
            "Say :package or :reference; use --world-path for a checkout.",
        )
    if implementation == "reference" and (descriptor.reference is None and descriptor.engine != "memory"):
        raise UnknownWorld(
            f"World {descriptor.name!r} has no reference implementation.", "Leave out :reference."
        )
    if version is not None and (implementation != "package" or descriptor.package is None):
        raise UnknownWorld(
            f"{text!r}: only a published package has versions.", f"Say {descriptor.name} alone."
        )
    if descriptor.engine == "memory" or implementation == "reference":
        return Target(descriptor.name, descriptor, "reference")
    if descriptor.engine == "python" and descriptor.reference is not None:
        return Target(descriptor.name, descriptor, "class", cls=descriptor.reference.class_)
    if is_path(found["name"]) and version is None and _is_checkout(descriptor):
        return Target(descriptor.name, descriptor, "path", path=descriptor.root())
    return Target(descriptor.name, descriptor, "package", version=version)


def _is_checkout(descriptor: Descriptor) -> bool:
    """Whether ``world.toml`` lies in the folder of the package that it is about."""
    manifest = descriptor.root() / "package.json"
    if descriptor.package is None or not manifest.is_file():
        return False
    try:
        return bool(json.loads(manifest.read_text())["name"] == descriptor.package.name)
    except (ValueError, KeyError, TypeError):
        return False
