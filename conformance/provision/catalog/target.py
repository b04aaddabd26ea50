"""What the user asked to test: a world, which implementation of it, which version.

``redis`` · ``redis@0.2.2`` · ``redis:reference`` · ``./my-world`` · ``all``, and the options that name
code by itself: a checkout, a package, a class, an entry of upstream's catalogue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from conformance.core.errors import UnknownWorld
from conformance.core.redact import know_named
from conformance.provision.catalog.asked import Asked, refuse_hidden
from conformance.provision.catalog.descriptor import Descriptor
from conformance.provision.catalog.find import is_path, load, names

Implementation = Literal["package", "path", "reference", "class"]
OptionValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Target:
    """One world to test. ``world`` is its name in test ids and reports.

    ``version`` is what was asked for (None: what the lock pins). ``path`` is a checkout, ``package`` an
    npm package by name, ``cls`` a ``module:Class``; ``options`` override the descriptor's templates.
    ``asked`` keeps the words of the user, to ask for it again.
    """

    world: str
    descriptor: Descriptor
    implementation: Implementation = "package"
    version: str | None = None
    path: Path | None = None
    package: str | None = None
    cls: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
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


def select(
    worlds: Sequence[str],
    *,
    path: Path | None = None,
    package: str | None = None,
    cls: str | None = None,
    manifest: Path | None = None,
    options: Iterable[str] = (),
    service_url: str | None = None,
    allow_shell: bool = False,
) -> list[Target]:
    """The targets that a command line names, in its order, each once.

    ``worlds`` are the values of ``--world`` (each may be a comma-separated list, ``all`` is every
    world). ``path``, ``package`` and ``cls`` say where the code of *one* world comes from; without a
    ``--world`` they bring a world of their own, whose service is what ``service_url`` is. ``allow_shell``
    lets shell text of a ``manifest`` run. Raises :class:`UnknownWorld`.
    """
    words = [word.strip() for value in worlds for word in value.split(",") if word.strip()]
    given = parse_options(options)
    sources = [name for name, value in (("path", path), ("package", package), ("class", cls)) if value]
    if len(sources) > 1:
        raise UnknownWorld(f"--world-{sources[0]} and --world-{sources[1]} exclude each other.", "Give one.")
    if sources:
        from conformance.provision.catalog import sources as code  # noqa: PLC0415 (only when asked for)

        if len(words) > 1 or words == ["all"]:
            raise UnknownWorld(f"--world-{sources[0]} is about one world.", f"Got --world={','.join(words)}.")
        name = words[0] if words else None
        if path is not None:
            target = code.from_path(path, name, given, service_url)
            asked = Asked(world=name or "", path=str(path))
        elif package is not None:
            target = code.from_package(package, name, given, service_url)
            asked = Asked(world=name or "", package=package)
        else:
            target = code.from_class(cls or "", name, given, service_url)
            asked = Asked(world=name or "", cls=cls or "")
        return [replace(target, asked=asked)]
    if manifest is not None:
        from conformance.provision.catalog.manifest import from_manifest  # noqa: PLC0415

        return [
            replace(
                from_manifest(manifest, word, given, allow_shell=allow_shell),
                asked=Asked(world=word, manifest=str(manifest), shell=allow_shell),
            )
            for word in words
        ]
    targets: dict[str, Target] = {}
    for word in words:
        for one in names() if word == "all" else [word]:
            target = replace(parse(one), options=given, asked=Asked(world=one))
            targets.setdefault(target.label, target)
    return list(targets.values())


def select_asked(asked: Asked) -> Target:
    """The one target that was asked for so. Raises :class:`UnknownWorld`."""
    found = select(
        [asked.world] if asked.world else [],
        path=Path(asked.path) if asked.path else None,
        package=asked.package or None,
        cls=asked.cls or None,
        manifest=Path(asked.manifest) if asked.manifest else None,
        options=asked.options,
        service_url=asked.service_url or None,
        allow_shell=asked.shell,
    )
    if len(found) != 1:
        raise UnknownWorld(f"The record names not one world but {asked.world[:80]!r}.", "Give --world.")
    return found[0]


def parse_options(pairs: Iterable[str]) -> dict[str, OptionValue]:
    """``["maxPoolSize=2", "flag=true"]`` as a dict. JSON numbers and booleans are taken as such."""
    options: dict[str, OptionValue] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UnknownWorld(f"--world-option {pair!r} is not KEY=VALUE.", "For example maxPoolSize=4.")
        refuse_hidden("--world-option", pair)
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = value
        options[key] = decoded if isinstance(decoded, str | int | float | bool) else value
        know_named(key, value)
    return options


__all__ = [
    "Implementation",
    "OptionValue",
    "Target",
    "is_path",
    "parse",
    "parse_options",
    "select",
    "select_asked",
]
