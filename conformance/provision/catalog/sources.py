"""Targets whose code the user points at: a checkout, a package by name, a Python class.

A ``world.toml`` that lies with the code is used; else the world of that name in the catalogue, else the
one of the same package; else one made of what the package says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from conformance.core.errors import CannotInstall, UnknownWorld
from conformance.provision.catalog.descriptor import Descriptor, HostSettings, Package, read
from conformance.provision.catalog.find import load, names
from conformance.provision.catalog.package import npm_name
from conformance.provision.catalog.target import OptionValue, Target
from conformance.provision.services.kinds import kind_for_url
from conformance.provision.services.spec import ServiceSpec


def from_path(
    path: Path, world: str | None, options: Mapping[str, OptionValue], service_url: str | None = None
) -> Target:
    """``--world-path``: a checkout of a package, run with the ``node_modules`` it has."""
    root = path.expanduser().resolve()
    if not (root / "package.json").is_file():
        raise CannotInstall(f"{path} holds no package.json.", "Give the folder of the world's package.")
    try:
        name = str(msgspec.json.decode((root / "package.json").read_bytes(), type=dict[str, object])["name"])
    except (msgspec.DecodeError, KeyError) as error:
        raise CannotInstall(f"{root / 'package.json'} has no name: {error}.") from error
    descriptor = _descriptor(world, npm_name(name), root, service_url)
    return Target(descriptor.name, descriptor, "path", path=root, options=options)


def from_package(
    wanted: str, world: str | None, options: Mapping[str, OptionValue], service_url: str | None = None
) -> Target:
    """``--world-package NAME[@VERSION]``: any package that exports ``createWorld`` or a default factory."""
    package, version = split_package(wanted, "--world-package")
    descriptor = _descriptor(world, npm_name(package), None, service_url)
    return Target(
        descriptor.name,
        descriptor,
        "package",
        version=version,
        package=package,
        options=options,
    )


def split_package(wanted: str, option: str) -> tuple[str, str | None]:
    """``@scope/name@1.2.3`` as name and version (None: not said). Raises :class:`UnknownWorld`."""
    found = re.fullmatch(r"(?P<name>(?:@[\w.-]+/)?[\w.-]+)(?:@(?P<version>[\w.+-]+))?", wanted, re.ASCII)
    if found is None:
        raise UnknownWorld(f"{option}={wanted!r} is not an npm package.", "Write name or @scope/name@1.2.3.")
    return found["name"], found["version"]


def from_class(
    cls: str, world: str | None, options: Mapping[str, OptionValue], service_url: str | None = None
) -> Target:
    """``--world-class module:Class``: a Python world."""
    if not re.fullmatch(r"[\w.]+:[\w.]+", cls):
        raise UnknownWorld(
            f"--world-class={cls!r} is not module:Class.", "For example mypackage.world:MyWorld."
        )
    if world is not None:
        descriptor = load(world)
    else:
        name = cls.rpartition(":")[2].lower()
        descriptor = Descriptor(title=cls, engine="python", name=name, service=_service(service_url))
    return Target(descriptor.name, descriptor, "class", cls=cls, options=options)


def _descriptor(world: str | None, package: str, root: Path | None, service_url: str | None) -> Descriptor:
    if world is not None:
        return load(world)
    if root is not None and (root / "world.toml").is_file():
        return read(root / "world.toml")
    for name in names():
        known = load(name)
        if known.package is not None and known.package.name == package:
            return known
    short = package.rpartition("/")[2]
    service = _service(service_url)
    # Every connection is held unless a service says which ports matter.
    host = HostSettings(gates=("net",), locks=service is not None and service.kind == "postgres")
    notes = "Not in the catalogue: no world.toml says how to hold and isolate it."
    return Descriptor(
        title=package, package=Package(name=package), name=short, notes=notes, host=host, service=service
    )


def _service(url: str | None) -> ServiceSpec | None:
    """What an unknown world needs is what its user gives: the kind of that address."""
    return ServiceSpec(kind=kind_for_url(url)) if url else None
