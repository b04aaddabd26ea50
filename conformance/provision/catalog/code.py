"""From a target to code on this machine: installed, checked, with its exact version."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.core.errors import CannotInstall, NotSupported
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.connections import names_in, near
from conformance.provision.catalog.descriptor import Descriptor, Engine
from conformance.provision.catalog.install import NotPublished, Progress, installed, is_exact, locked, silent
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
    """The code of ``target`` that :meth:`Code.hand_over` described.

    A worker on another machine has not that folder: it gets the same version into a cache of its own. Raises
    :class:`CannotInstall` where it cannot.
    """
    root = Path(given["root"]) if given["root"] is not None else None
    if root is not None and not root.exists():
        own = resolve(target)
        if own.version != given["version"]:
            both = f"{own.version} on this worker and {given['version']} where the run began"
            raise CannotInstall(f"{own.name} is {both}.", "Ask for one version: --world=NAME@VERSION.")
        return own
    return Code(target, **{**given, "root": root, "notes": tuple(given["notes"])})


#: what to do about a world that cannot run here
CANNOT: Final = "Start what it needs, and say where it is: --world-service-url, or --world-env NAME=VALUE."


def resolve(target: Target, *, progress: Progress = silent) -> Code:
    """Get the code of ``target``; installs on first use.

    Raises :class:`CannotInstall`, and :class:`NotSupported` for one that cannot run here.
    """
    descriptor = target.descriptor
    if target.cannot:
        raise NotSupported(target.cannot, CANNOT)
    if descriptor.engine == "memory":
        return Code(target, "memory", "reference", "conformance", __version__, "", None, _mutant(target))
    if target.cls is not None:
        folder = descriptor.folder if descriptor.is_class(target.cls) else None
        version = _version_of(descriptor, target.cls)
        return Code(target, "python", "class", target.cls, version, target.cls, folder)
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


def _version_of(descriptor: Descriptor, cls: str) -> str:
    """The version of the Python distribution that a class comes from, ``local`` when it is from none.

    ``[package]`` of a world in Python names the distribution, and may name its version. A class that borrows
    the descriptor of a package for Node says nothing of that.
    """
    known = descriptor.package if descriptor.engine == "python" else None
    if known is None:
        top = cls.partition(":")[0].partition(".")[0]
        found = importlib.metadata.packages_distributions().get(top, [])
        # Which release of that one is imported is up to the runtime that is asked for.
        found = [name for name in found if name != python_runtime.PACKAGE]
        return importlib.metadata.version(found[0]) if found else "local"
    asked = f"{known.name}=={known.version}" if known.version else known.name
    try:
        installed_here = importlib.metadata.version(known.name)
    except importlib.metadata.PackageNotFoundError as error:
        raise CannotInstall(
            f"The Python package {known.name} is not installed.", f"pip install {asked}"
        ) from error
    if known.version not in (None, installed_here):
        raise CannotInstall(
            f"world.toml says version {known.version} of {known.name}, and {installed_here} is installed.",
            f"pip install {asked}",
        )
    return installed_here


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
    descriptor, wanted = target.descriptor, wanted_package(target)
    package = wanted.package
    try:
        home = installed(wanted.folder, package, version=wanted.version, progress=progress)
    except NotPublished as error:
        falls_back = wanted.own and descriptor.package and descriptor.package.fallback == "reference"
        if target.version is None and falls_back and descriptor.reference is not None:
            return _reference(target, f"{package} is not on the npm registry; our reference ran instead.")
        raise CannotInstall(error.what, "Give a checkout with --world-path, or another version.") from error
    found = inspect(home / "node_modules" / package)
    if wanted.exact and found.version != wanted.exact:
        raise CannotInstall(
            f"{package} {wanted.exact} was asked for, and {found.version} is in {home}.",
            "Remove that folder: it is installed anew.",
        )
    return Code(target, "node", "package", found.name, found.version, str(found.entry), found.root)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be installed. ``version`` None: what the lock in ``folder`` pins, with no lock the newest.

    ``own``: it is the package of the world's own descriptor. ``exact``: the version that has to come of it.
    """

    package: str
    folder: Path
    version: str | None
    own: bool
    exact: str | None

    @property
    def shown(self) -> str:
        return f"{self.package} {self.exact or self.version or '(newest)'}"


def wanted_package(target: Target) -> Wanted:
    """Which version of which package ``target`` means: what is asked for, else ``[package]``, else the lock.

    Raises :class:`CannotInstall` when the two disagree.
    """
    descriptor = target.descriptor
    known = descriptor.package
    package = target.package or (known.name if known else None)
    if package is None:
        raise CannotInstall(
            f"World {target.world!r} names no package.", "Use --world-path or --world-package."
        )
    # The lock of a catalogue world pins its own package, not another one that borrows its descriptor.
    own = known is not None and known.name == package and descriptor.folder is not None
    if not own or known is None:
        version = target.version
        return Wanted(package, Path(), version, own=False, exact=version if is_exact(version) else None)
    folder = descriptor.root()
    pinned = locked(folder, package)
    if pinned is not None and known.version not in (None, pinned):
        raise CannotInstall(
            f"{folder / 'world.toml'} says version {known.version} of {package}, and its lock pins {pinned}.",
            "Make them agree: npm install --package-lock-only.",
        )
    version = target.version or pinned or known.version
    exact = version if is_exact(version) else None
    return Wanted(package, folder, None if pinned is not None and version == pinned else version, True, exact)


def unread(code: Code) -> list[str]:
    """Notes on variables that were given to a package whose source does not have their names.

    They are those of the command line and of a manifest; what a ``world.toml`` says is its author's.
    """
    target = code.target
    given = {**(target.descriptor.env if target.asked.manifest else {}), **target.env}
    if not given or code.root is None or code.engine != "node":
        return []
    known = names_in(code.root)
    return [
        f"{name} is set, and {code.name} {code.version} does not read it{near(name, known - given.keys())}"
        for name in given
        if name not in known
    ]
