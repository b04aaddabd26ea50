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
from conformance.provision.services.kinds import kind_for_image, kind_for_url, kind_of
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


def ids(file: Path) -> list[str]:
    """The worlds of the file, in its order. Raises :class:`UnknownWorld`."""
    return [one.id for one in read_manifest(file).worlds]


def from_manifest(
    file: Path,
    world: str,
    options: Mapping[str, OptionValue],
    *,
    allow_shell: bool = False,
    service_url: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Target:
    """The world with that id. ``service_url`` and ``env`` are what the user gives it.

    One that cannot run here has its ``cannot``. Raises :class:`UnknownWorld` when it is not there.
    """
    manifest = read_manifest(file)
    entry = next((one for one in manifest.worlds if one.id == world), None)
    if entry is None:
        known = ", ".join(one.id for one in manifest.worlds)
        raise UnknownWorld(f"{file} has no world {world!r}.", f"It has: {known}.")
    descriptor = describe(entry, allow_shell=allow_shell, service_url=service_url)
    reason = why_not(entry, given=bool(env) or descriptor.service is not None)
    return Target(
        descriptor.name,
        descriptor,
        version=entry.version,
        package=entry.package,
        options=options,
        cannot=reason and f"World {entry.id!r} of the manifest cannot run here: {reason}.",
    )


def why_not(entry: Entry, *, given: bool = False) -> str:
    """Why a world cannot run here, or nothing. ``given``: what it needs is the user's own, and was named."""
    if entry.requires_deployment:
        return "it runs only where it is deployed"
    if entry.requires_credentials and not given:
        return entry.credentials_note or "it needs credentials"
    return ""


def describe(entry: Entry, *, allow_shell: bool = False, service_url: str | None = None) -> Descriptor:
    """A descriptor of a manifest's world. What our catalogue knows of the same package is kept.

    ``service_url`` is a server of the user's: a world without a service that has an address of that scheme
    in its environment gets it.
    """
    service, notes = None, [entry.description]
    if entry.services:
        service, left_out = _services(entry, allow_shell)
        notes += left_out
    known = _known(npm_name(entry.package))
    if known is not None:
        return msgspec.structs.replace(known, name=entry.id, service=service or known.service)
    addresses = _addresses(entry)
    own = service_url.partition("://")[0] if service_url else ""
    theirs = [name for name, value in entry.env.items() if own and urlsplit(value).scheme == own]
    if service is None and service_url and theirs:
        service = ServiceSpec(kind=kind_for_url(service_url))
    env = _env(entry.env, addresses, dict.fromkeys(theirs, "{service.url}"))
    setup = _setup(entry, env, allow_shell)
    if entry.setup and setup is None:
        notes.append(f"Its set-up is shell text and was not run: {entry.setup!r}.")
    is_database = service is not None and service.kind == "postgres"
    return Descriptor(
        title=entry.name or entry.id,
        name=entry.id,
        notes=" ".join(note for note in notes if note),
        package=Package(name=entry.package, version=entry.version),
        env=env,
        host=HostSettings(gates=("net",) if service or _has_address(env) else ("fs",), locks=is_database),
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


def _services(entry: Entry, allow_shell: bool) -> tuple[ServiceSpec, list[str]]:
    """The service that the world talks to, with the others as what it needs: the last one whose port is in
    the world's environment, else the last."""
    made = {one.name: _service(one, allow_shell) for one in entry.services}
    text = " ".join(entry.env.values())
    asked = [one for one in entry.services if re.search(_here(one), text)] if entry.services else []
    main = (asked or entry.services)[-1]
    others = [one for one in entry.services if one is not main]
    addresses = {_here(one): _template(f"needs.{_word(one.name)}", one) for one in others}
    spec, _ = made[main.name]
    spec = msgspec.structs.replace(
        spec,
        env=_env(spec.env, addresses, {}),
        needs={_word(one.name): made[one.name][0] for one in others},
    )
    return spec, [note for _, notes in made.values() for note in notes]


def _word(name: str) -> str:
    """The name of a service as templates have it."""
    return re.sub(r"[^a-z0-9_-]", "-", name.lower()).lstrip("-0123456789") or "service"


def _service(service: ManifestService, allow_shell: bool) -> tuple[ServiceSpec, list[str]]:
    kind = kind_for_image(service.image)
    health: str | tuple[str, ...] = ()
    notes = []
    if service.health_check is not None and service.health_check.cmd and kind == "other":
        path = re.fullmatch(
            r"curl -s?f?s? https?://(?:localhost|127\.0\.0\.1)(?::\d+)?(/[\w./-]*)(?: \|\| exit 1)?",
            service.health_check.cmd,
        )
        words = _words(service.health_check.cmd, allow_shell)
        if words is None and path is None:
            notes.append("Its health check is shell text: only its port is watched.")
        health = path[1] if path else words or ()
    spec = ServiceSpec(
        kind=kind,
        image=service.image,
        port=int(service.ports[0].rpartition(":")[2]) if service.ports else None,
        env={name: _braced(value) for name, value in service.env.items()},
        args=tuple(service.args),
        health=health,
    )
    return spec, notes


def _words(text: str, allow_shell: bool) -> tuple[str, ...] | None:
    """A command as words, if it is one program and its arguments; else a shell's, if that is allowed."""
    if re.search(r"[|&;<>$`*?(){}\n]", re.sub(r"'[^']*'", "", text)) is None:
        return tuple(shlex.split(text))
    return ("sh", "-c", text) if allow_shell else None


def _setup(entry: Entry, env: Mapping[str, str], allow_shell: bool) -> Setup | None:
    """``./packages/x/bin/setup.js`` and ``pnpm exec NAME`` mean a program of the package itself."""
    if not entry.setup:
        return None
    file = re.fullmatch(r"\./(?:[\w.-]+/)*(bin/[\w.-]+\.m?js)", entry.setup)
    if file is not None:
        return Setup(command=("node", f"{{root}}/{file[1]}"), env=dict(env))
    program = re.fullmatch(r"(?:pnpm exec|npm exec|npx|yarn exec) ([\w.-]+)", entry.setup)
    if program is not None:
        return Setup(command=("node", f"{{bin.{program[1]}}}"), env=dict(env))
    return Setup(command=("sh", "-c", _braced(entry.setup)), env=dict(env)) if allow_shell else None


def _here(service: ManifestService) -> str:
    """A pattern of the address at which the manifest has a service; of one without ports it fits nothing."""
    outside = service.ports[0].partition(":")[0] if service.ports else "none"
    return rf"\b(?:localhost|127\.0\.0\.1):{outside}\b"


def _template(name: str, service: ManifestService) -> tuple[str, tuple[str, ...]]:
    """The templates' name of a service, and the schemes of addresses that are its URL as a whole."""
    kind = kind_for_image(service.image)
    return name, kind_of(kind).SCHEMES if kind != "other" else ()


def _addresses(entry: Entry) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Where the manifest has its services, and what stands for each in templates."""
    if not entry.services:
        return {}
    spec, _ = _services(entry, allow_shell=False)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for one in entry.services:
        name = _word(one.name)
        found[_here(one)] = _template(f"needs.{name}" if name in spec.needs else "service", one)
    return found


def _env(
    env: Mapping[str, str],
    addresses: Mapping[str, tuple[str, tuple[str, ...]]],
    given: Mapping[str, str],
) -> dict[str, str]:
    """Their environment, with our services in the place of theirs on ``localhost``; ``given`` goes before."""
    kept = {key: _braced(value) for key, value in env.items() if key != "WORKFLOW_TARGET_WORLD"}
    for key, value in kept.items():
        if key in given:
            kept[key] = given[key]
            continue
        for here, (name, schemes) in addresses.items():
            if re.search(here, value) and urlsplit(value).scheme in schemes:
                kept[key] = f"{{{name}.url}}"
                break
            kept[key] = re.sub(here, f"{{{name}.host}}:{{{name}.port}}", kept[key])
    return kept


def _has_address(env: Mapping[str, str]) -> bool:
    return any("://" in value and not value.startswith("file:") for value in env.values())


def _braced(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")
