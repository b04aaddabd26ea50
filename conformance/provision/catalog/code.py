"""From a target to code on this machine: installed, checked, with its exact version."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.core.errors import CannotInstall
from conformance.provision.catalog.descriptor import Descriptor, Engine
from conformance.provision.catalog.install import NotPublished, Progress, installed, silent
from conformance.provision.catalog.package import inspect
from conformance.provision.catalog.target import Implementation, Target


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a target. ``implementation`` is what runs, which may not be what was asked for.

    ``module`` is the file to import (Node) or ``module:Class`` (Python); ``root`` the folder of the package.
    ``notes`` say what differs from the request; every report shows them.
    """

    target: Target
    engine: Engine
    implementation: Implementation
    name: str
    version: str
    module: str
    root: Path | None
    notes: tuple[str, ...] = ()

    def hand_over(self) -> dict[str, object]:
        """Plain data for another process of the same test run; :func:`given_code` makes it a code again."""
        return {
            "engine": self.engine,
            "implementation": self.implementation,
            "name": self.name,
            "version": self.version,
            "module": self.module,
            "root": str(self.root) if self.root is not None else None,
            "notes": list(self.notes),
        }


def given_code(target: Target, given: dict[str, Any]) -> Code:
    """The code of ``target`` that :meth:`Code.hand_over` described."""
    root = Path(given["root"]) if given["root"] is not None else None
    return Code(target, **{**given, "root": root, "notes": tuple(given["notes"])})


def resolve(target: Target, *, progress: Progress = silent) -> Code:
    """Get the code of ``target``; installs on first use. Raises :class:`CannotInstall`."""
    descriptor = target.descriptor
    if descriptor.engine == "memory":
        return Code(target, "memory", "reference", "conformance", __version__, "", None, _mutant(target))
    if target.cls is not None:
        folder = descriptor.folder if descriptor.is_class(target.cls) else None
        return Code(target, "python", "class", target.cls, _version_of(descriptor), target.cls, folder)
    if target.implementation == "reference":
        return _reference(target)
    if target.path is not None:
        found = inspect(target.path, build_hint=True)
        return Code(target, "node", "path", found.name, found.version, str(found.entry), found.root)
    return _published(target, progress)


def _mutant(target: Target) -> tuple[str, ...]:
    """What is broken in the memory world that was asked for. Raises :class:`ConformanceError`."""
    from conformance.memory.mutants import asked_for  # noqa: PLC0415 - with it comes all of the engine

    mutant = asked_for(target.options)
    return (f"mutant {mutant.name}: {mutant.about}",) if mutant is not None else ()


def _version_of(descriptor: Descriptor) -> str:
    """The version of the Python distribution that ``[package]`` names; the host may know better."""
    if descriptor.package is None:
        return "local"
    try:
        return importlib.metadata.version(descriptor.package.name)
    except importlib.metadata.PackageNotFoundError as error:
        raise CannotInstall(
            f"The Python package {descriptor.package.name} is not installed.",
            f"pip install {descriptor.package.name}",
        ) from error


def _reference(target: Target, *notes: str) -> Code:
    reference, folder = target.descriptor.reference, target.descriptor.root()
    if reference is None:
        raise CannotInstall(f"World {target.world!r} has no [reference].", "See docs/add-a-world.md.")
    if not (folder / f"{reference.class_.partition(':')[0]}.py").is_file():
        raise CannotInstall(
            f"World {target.world!r} has no {reference.class_} in {folder}."
            + "".join(f" {n}" for n in notes),
            "Give the package's checkout with --world-path.",
        )
    target = replace(target, implementation="reference", version=None)
    return Code(target, "python", "reference", reference.class_, __version__, reference.class_, folder, notes)


def _published(target: Target, progress: Progress) -> Code:
    descriptor = target.descriptor
    package = target.package or (descriptor.package.name if descriptor.package else None)
    if package is None:
        raise CannotInstall(
            f"World {target.world!r} names no package.", "Use --world-path or --world-package."
        )
    # The lock of a catalogue world pins its own package, not another one that borrows its descriptor.
    own = (
        descriptor.package is not None
        and descriptor.package.name == package
        and descriptor.folder is not None
    )
    version = target.version
    if own and descriptor.package and version == descriptor.package.version:
        version = None
    try:
        home = installed(descriptor.root() if own else Path(), package, version=version, progress=progress)
    except NotPublished as error:
        falls_back = own and descriptor.package is not None and descriptor.package.fallback == "reference"
        if target.version is None and falls_back and descriptor.reference is not None:
            return _reference(target, f"{package} is not on the npm registry; our reference ran instead.")
        raise CannotInstall(error.what, "Give a checkout with --world-path, or another version.") from error
    found = inspect(home / "node_modules" / package)
    return Code(target, "node", "package", found.name, found.version, str(found.entry), found.root)
