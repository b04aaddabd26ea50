"""Releases of the real runtime, ``@workflow/core``: the pinned ones and any other on npm.

``python`` and ``python@0.12.0`` name the other one, ``vercel-workflow`` (:mod:`.python_runtime`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from conformance.core.content import RUNTIMES
from conformance.core.errors import CannotInstall, ConformanceError
from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.descriptor import Engine
from conformance.provision.catalog.install import Progress, cached, installed, silent
from conformance.provision.catalog.package import version_of

Language = Literal["node", "python"]

PACKAGE: Final = "@workflow/core"
_VERSION: Final = re.compile(r"^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$")


@dataclass(frozen=True, slots=True)
class RuntimeCode:
    """A release on disk: ``root`` is the folder whose ``node_modules`` has it."""

    version: str
    root: Path


def pinned() -> tuple[str, ...]:
    """The versions whose whole tree is pinned here, the oldest first."""
    folder = RUNTIMES
    return tuple(sorted((each.name for each in folder.iterdir() if each.is_dir()), key=_order))


def default() -> str:
    """The newest pinned release of the 4.x line."""
    return next(version for version in reversed(pinned()) if version.startswith("4.") and "-" not in version)


def which(word: str) -> tuple[Language, str]:
    """Runtime and version that ``--world-runtime`` names. Raises :class:`ConformanceError`."""
    language, _, version = word.partition("@")
    if language == "python":
        return "python", python_runtime.checked(version)
    return "node", checked(word)


def checked(version: str) -> str:
    """``version`` when it is one. Raises :class:`ConformanceError`."""
    if _VERSION.match(version) is None:
        raise ConformanceError(
            f"--world-runtime={version}: not a version.",
            f"Pinned are {', '.join(pinned())}; any version on npm will do, and python, or python@VERSION.",
        )
    return version


def runtime_code(version: str, *, progress: Progress = silent) -> RuntimeCode:
    """The release, installed now if it was not. Raises :class:`CannotInstall`."""
    folder, asked = _asked(version)
    root = installed(folder, PACKAGE, version=asked, progress=progress)
    found = version_of(root / "node_modules" / PACKAGE)
    if found != version:
        raise CannotInstall(
            f"{PACKAGE} {version} was asked for, and {found} is in {root}.",
            "Remove that folder: it is installed anew.",
        )
    return RuntimeCode(version, root)


def is_installed(version: str) -> bool:
    """Whether :func:`runtime_code` would have nothing to install."""
    folder, asked = _asked(version)
    return cached(folder, PACKAGE, version=asked) is not None


def _asked(version: str) -> tuple[Path, str | None]:
    """The folder of a release's pins, and the version to ask for: None when its whole tree is pinned."""
    folder = RUNTIMES / version
    return folder, None if (folder / "package-lock.json").is_file() else version


@dataclass(frozen=True, slots=True)
class RuntimeWanted:
    """A release of a real runtime; ``translate``: the world's errors are said in its dialect.

    ``language`` is ``node`` for ``@workflow/core`` and ``python`` for ``vercel-workflow``.
    """

    version: str
    translate: bool = False
    language: Language = "node"

    @property
    def label(self) -> str:
        """How records name it: verdicts with translated errors are not verdicts of that release alone."""
        name = self.version if self.language == "node" else f"{self.language} {self.version}"
        return f"{name} translated" if self.translate else name

    @property
    def word(self) -> str:
        """How ``--world-runtime`` asks for it."""
        return self.version if self.language == "node" else f"{self.language}@{self.version}"

    @classmethod
    def of(cls, label: str) -> RuntimeWanted:
        """The inverse of :attr:`label`."""
        words = label.split(" ")
        language: Language = "node"
        if words[0] == "python":
            language = "python"
            del words[0]
        return cls(words[0], words[-1] == "translated", language)

    def install(self, engine: Engine, *, progress: Progress = silent) -> None:
        """Have it on disk, for a world of that engine, before a test waits for it. Raises
        :class:`CannotInstall`."""
        if self.language == "node":
            runtime_code(self.version, progress=progress)
        elif engine != "node":
            python_runtime.environment(self.version, progress=progress)

    @classmethod
    def parse(cls, word: str, *, translate: bool = False) -> RuntimeWanted:
        """What ``--world-runtime`` asks for. Raises :class:`ConformanceError` for what is not a version."""
        language, version = which(word)
        return cls(version, translate and language == "node", language)


def _order(version: str) -> tuple[object, ...]:
    """Semantic order: a pre-release comes before its release, its numbers compare as numbers."""
    found = _VERSION.match(version)
    if found is None:
        return (0, 0, 0, 0)
    numbers = tuple(int(part) for part in found.groups()[:3])
    words = (found[4] or "").split(".") if found[4] else []
    return (
        *numbers,
        0 if words else 1,
        tuple((word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words),
    )
