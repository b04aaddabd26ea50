"""Releases of the Python runtime, PyPI's ``vercel-workflow``: that of this environment, or another.

A World of that package is code of this environment, and so is its runtime: both are one import. So the
release that is installed is taken as it is. Another one is installed with pip into the user's cache, once,
and put before this environment on the import path of the hosts, for World and runtime alike.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import filelock

from conformance.core.errors import CannotInstall, ConformanceError
from conformance.provision.catalog.install import Progress, cache_dir, in_cache, silent
from conformance.provision.services.command import CommandTimeout, run_command

PACKAGE: Final = "vercel-workflow"
#: The release that is taken when none is installed here: the one that the host is made for.
NEWEST: Final = "0.12.0"
_VERSION: Final = re.compile(r"^\d+\.\d+\.\d+(?:[a-z0-9.]+)?$")
_TIMEOUT: Final = 300.0


def checked(version: str) -> str:
    """``version`` when it is one; for an empty one the release of this environment, or :data:`NEWEST`.

    Raises :class:`ConformanceError`.
    """
    if not version:
        return installed() or NEWEST
    if _VERSION.match(version) is None:
        raise ConformanceError(
            f"--world-runtime=python@{version}: not a version.", f"Say python, or python@{NEWEST}."
        )
    return version


def installed() -> str:
    """The release in this environment; empty when there is none."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return ""


def environment(version: str, *, progress: Progress = silent) -> dict[str, str]:
    """What hosts need in their environment to run that release. Raises :class:`CannotInstall`."""
    if version == installed():
        return {}
    folder = home(version)
    with in_cache():
        _install(version, folder, progress)
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def home(version: str) -> Path:
    """The folder of a release that is not of this environment, whether or not it is there."""
    # Compiled parts of what it needs fit one version of Python.
    key = hashlib.sha256(sys.version.encode()).hexdigest()[:8]
    return cache_dir() / "pip" / f"{PACKAGE}-{version}-{key}"


def _install(version: str, home: Path, progress: Progress) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(home.parent / f"{home.name}.lock"):
        if not home.is_dir():
            progress(f"installing {PACKAGE} {version} …")
            scratch = tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent)
            try:
                _pip(version, scratch)
                shutil.move(scratch, home)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)


def _pip(version: str, folder: str) -> None:
    wanted = f"{PACKAGE}=={version}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        status, output = run_command([*command, "--target", folder, wanted], limit=_TIMEOUT)
    except (OSError, CommandTimeout) as error:
        raise CannotInstall(
            f"pip did not install {wanted}: {error}.", f"Try `pip install {wanted}`."
        ) from error
    if status != 0:
        lines = output.splitlines()
        said = [line for line in lines if line.startswith("ERROR:")] or lines[-3:]
        tail = "\n  ".join(said)
        raise CannotInstall(f"pip could not install {wanted}:\n  {tail}", f"Try `pip install {wanted}`.")
