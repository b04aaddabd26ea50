"""From the words of a command line to the worlds they name: :func:`select` reads every way to name one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.core.errors import UnknownWorld
from conformance.core.redact import know_named
from conformance.provision.catalog import sources as code
from conformance.provision.catalog.asked import Asked, refuse_hidden
from conformance.provision.catalog.find import names
from conformance.provision.catalog.manifest import from_manifest
from conformance.provision.catalog.target import OptionValue, Target, parse


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
