"""From the words of a command line to the worlds they name: :func:`select` reads every way to name one."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.core.errors import UnknownWorld
from conformance.core.redact import know_named, redact
from conformance.provision.catalog import sources as code
from conformance.provision.catalog.asked import Asked, refuse_hidden
from conformance.provision.catalog.find import names
from conformance.provision.catalog.manifest import from_manifest, ids
from conformance.provision.catalog.target import OptionValue, Target, parse


def select(
    worlds: Sequence[str],
    *,
    path: Path | None = None,
    package: str | None = None,
    cls: str | None = None,
    manifest: Path | None = None,
    options: Iterable[str] = (),
    env: Iterable[str] = (),
    setup: str = "",
    service_url: str | None = None,
    allow_shell: bool = False,
) -> list[Target]:
    """The targets that a command line names, in its order, each once.

    ``worlds`` are the values of ``--world`` (each may be a comma-separated list, ``all`` is every
    world). ``path``, ``package`` and ``cls`` say where the code of *one* world comes from; without a
    ``--world`` they bring a world of their own, whose service is what ``service_url`` is. ``allow_shell``
    lets shell text of a ``manifest`` run. ``env`` are variables of the hosts (``NAME=VALUE``), ``setup`` is
    the line of words that sets up a store. Raises :class:`UnknownWorld`.
    """
    variables, command = parse_env(env), parse_setup(setup)
    found = _named(
        worlds, path, package, cls, manifest, options, service_url, variables, allow_shell=allow_shell
    )
    return (
        [
            replace(
                target,
                env=variables,
                setup=command,
                asked=replace(target.asked, env=tuple(env), setup=setup),
            )
            for target in found
        ]
        if variables or command
        else found
    )


def _named(
    worlds: Sequence[str],
    path: Path | None,
    package: str | None,
    cls: str | None,
    manifest: Path | None,
    options: Iterable[str],
    service_url: str | None,
    env: Mapping[str, str],
    *,
    allow_shell: bool,
) -> list[Target]:
    """The targets, without their variables and set-ups."""
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
        known = ids(manifest)
        if not words:
            raise UnknownWorld(
                f"--world-manifest={manifest} says what there is, not which world.",
                f"Add --world=all, or some of {', '.join(known)}.",
            )
        return [
            replace(
                from_manifest(
                    manifest, word, given, allow_shell=allow_shell, service_url=service_url, env=env
                ),
                asked=Asked(world=word, manifest=str(manifest), shell=allow_shell),
            )
            for word in (known if words == ["all"] else words)
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
        env=asked.env,
        setup=asked.setup,
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


def parse_env(pairs: Iterable[str]) -> dict[str, str]:
    """``["NAME=VALUE"]`` of ``--world-env`` as variables; values are templates, as in ``[env]``."""
    variables: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise UnknownWorld(
                f"--world-env {redact(pair)!r} is not NAME=VALUE.", "For example PORT={service.port}."
            )
        refuse_hidden("--world-env", pair)
        variables[name] = value
        know_named(name, value)
    return variables


def parse_setup(line: str) -> tuple[str, ...]:
    """The words of ``--world-setup``, quoted as for a shell; no shell sees them."""
    refuse_hidden("--world-setup", line)
    try:
        words = tuple(shlex.split(line))
    except ValueError as error:
        raise UnknownWorld(f"--world-setup={redact(line)!r}: {error}.", "Quote it as for a shell.") from None
    if line and not (words and words[0].strip()):
        raise UnknownWorld("--world-setup has no program.", "For example 'node {root}/bin/setup.js'.")
    return words
