"""Upstream's catalogue, ``worlds-manifest.json``, read into descriptors.

It comes from outside and holds shell text (``setup``, ``healthCheck.cmd``). None of it reaches a shell unless
the user said so; what is plainly one program with arguments is run as such, the rest is left out, and said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.descriptor import Descriptor, HostSettings, Isolation, Package, Setup
from conformance.provision.catalog.find import load, names
from conformance.provision.catalog.package import npm_name
from conformance.provision.catalog.target import OptionValue, Target
from conformance.provision.services.kinds import kind_for_image, kind_of
from conformance.provision.services.spec import ServiceSpec


class HealthCheck(Struct, rename="camel"):
    """Only the command matters: we poll as fast as we like."""

    cmd: str = ""


class ManifestService(Struct, rename="camel"):
    """One container: ``ports`` are ``"host:container"``."""

    name: str
    image: str
    ports: list[str] = []
    env: dict[str, str] = {}
    args: list[str] = []
    health_check: HealthCheck | None = None


class Entry(Struct, rename="camel"):
    """One world of the manifest. Fields we have no use for are ignored: it is not ours to be strict."""

    id: str
    package: str
    name: str = ""
    version: str | None = None
    description: str = ""
    env: dict[str, str] = {}
    services: list[ManifestService] = []
    setup: str | None = None
    requires_credentials: bool = False
    requires_deployment: bool = False
    credentials_note: str = ""


class Manifest(Struct):
    worlds: list[Entry]


def read_manifest(file: Path) -> Manifest:
    """Decode the file. Raises :class:`UnknownWorld`."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except OSError as error:
        raise UnknownWorld(
            f"Cannot read {file}: {error.strerror}.", "Give upstream's worlds-manifest.json."
        ) from error
    except msgspec.DecodeError as error:
        raise UnknownWorld(
            f"{file} is not a worlds manifest: {error}.", "Give upstream's worlds-manifest.json."
        ) from error


def from_manifest(
    file: Path, world: str, options: Mapping[str, OptionValue], *, allow_shell: bool = False
) -> Target:
    """The world with that id. Raises :class:`UnknownWorld` when it is not there or cannot run here."""
    manifest = read_manifest(file)
    entry = next((one for one in manifest.worlds if one.id == world), None)
    if entry is None:
        known = ", ".join(one.id for one in manifest.worlds)
        raise UnknownWorld(f"{file} has no world {world!r}.", f"It has: {known}.")
    descriptor = describe(entry, allow_shell=allow_shell)
    return Target(descriptor.name, descriptor, version=entry.version, package=entry.package, options=options)


def runnable(entry: Entry) -> str:
    """Why a world cannot run here, or nothing."""
    if entry.requires_deployment:
        return "it runs only where it is deployed"
    if entry.requires_credentials:
        return entry.credentials_note or "it needs credentials"
    if len(entry.services) > 1:
        return f"it needs {len(entry.services)} services that know each other"
    return ""


def describe(entry: Entry, *, allow_shell: bool = False) -> Descriptor:
    """A descriptor of a manifest's world. What our catalogue knows of the same package is kept."""
    why_not = runnable(entry)
    if why_not:
        raise UnknownWorld(
            f"World {entry.id!r} of the manifest cannot run here: {why_not}.",
            "Start what it needs, then --world-package with --world-service-url and --world-option.",
        )
    service, notes = None, [entry.description]
    if entry.services:
        service, left_out = _service(entry.services[0], allow_shell)
        notes += left_out
    known = _known(npm_name(entry.package))
    if known is not None:
        return msgspec.structs.replace(known, name=entry.id, service=service or known.service)
    setup = _setup(entry, service, allow_shell)
    if entry.setup and setup is None:
        notes.append(f"Its set-up is shell text and was not run: {entry.setup!r}.")
    is_database = service is not None and service.kind == "postgres"
    return Descriptor(
        title=entry.name or entry.id,
        name=entry.id,
        notes=" ".join(note for note in notes if note),
        package=Package(name=entry.package, version=entry.version),
        env=_env(entry.env, service, entry.services[0].ports if entry.services else []),
        host=HostSettings(gates=("net",) if service else ("fs",), locks=is_database),
        isolation=Isolation(kind="database" if is_database else "runs"),
        setup=setup,
        service=service,
    )


def _known(package: str) -> Descriptor | None:
    for name in names():
        descriptor = load(name)
        if descriptor.package is not None and descriptor.package.name == package:
            return descriptor
    return None


def _service(service: ManifestService, allow_shell: bool) -> tuple[ServiceSpec, list[str]]:
    kind = kind_for_image(service.image)
    health: tuple[str, ...] = ()
    notes = []
    if service.health_check is not None and service.health_check.cmd and kind == "other":
        words = _words(service.health_check.cmd, allow_shell)
        if words is None:
            notes.append("Its health check is shell text: only its port is watched.")
        health = words or ()
    spec = ServiceSpec(
        kind=kind,
        image=service.image,
        port=int(service.ports[0].rpartition(":")[2]) if service.ports else None,
        env=service.env,
        args=tuple(service.args),
        health=health,
    )
    return spec, notes


def _words(text: str, allow_shell: bool) -> tuple[str, ...] | None:
    """A command as words, if it is one program and its arguments; else a shell's, if that is allowed."""
    if re.search(r"[|&;<>$`*?(){}\n]", re.sub(r"'[^']*'", "", text)) is None:
        return tuple(shlex.split(text))
    return ("sh", "-c", text) if allow_shell else None


def _setup(entry: Entry, service: ServiceSpec | None, allow_shell: bool) -> Setup | None:
    """``./packages/x/bin/setup.js`` and ``pnpm exec NAME`` mean a program of the package itself."""
    if not entry.setup:
        return None
    env = _env(entry.env, service, entry.services[0].ports if entry.services else [])
    file = re.fullmatch(r"\./(?:[\w.-]+/)*(bin/[\w.-]+\.m?js)", entry.setup)
    if file is not None:
        return Setup(command=("node", f"{{root}}/{file[1]}"), env=env)
    program = re.fullmatch(r"(?:pnpm exec|npm exec|npx|yarn exec) ([\w.-]+)", entry.setup)
    if program is not None:
        return Setup(command=("node", f"{{bin.{program[1]}}}"), env=env)
    return Setup(command=("sh", "-c", _braced(entry.setup)), env=env) if allow_shell else None


def _env(env: Mapping[str, str], service: ServiceSpec | None, ports: list[str]) -> dict[str, str]:
    """Their environment, with our service in the place of theirs on ``localhost``."""
    kept = {key: _braced(value) for key, value in env.items() if key != "WORKFLOW_TARGET_WORLD"}
    if service is None or not ports:
        return kept
    outside = ports[0].partition(":")[0]
    here = re.compile(rf"\b(?:localhost|127\.0\.0\.1):{outside}\b")
    schemes = kind_of(service.kind).SCHEMES if service.kind != "other" else ()
    for key, value in kept.items():
        if here.search(value) and urlsplit(value).scheme in schemes:
            kept[key] = "{service.url}"
        else:
            kept[key] = here.sub("{service.host}:{service.port}", value)
    return kept


def _braced(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")
