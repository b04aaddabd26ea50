"""Whether the runtime that a run names can be had and runs over a world; nothing is installed for it."""

from __future__ import annotations

import importlib.util

from conformance.core.errors import CannotInstall, ConformanceError
from conformance.provision.catalog import python_runtime, runtimes
from conformance.provision.catalog.check_code import DoctorLine, check_cache
from conformance.provision.catalog.target import Target
from conformance.provision.catalog.versions import published
from conformance.provision.node import find_node, npm_command


def check_runtime(word: str, target: Target, *, ask_registry: bool = False) -> DoctorLine:
    """What a run of ``target`` with ``--world-runtime=word`` finds of it. Nothing is installed.

    With ``ask_registry`` the npm registry is asked for a version that is neither pinned nor installed.
    """
    try:
        language, version = runtimes.which(word)
        if language == "python":
            return _of_python(version, target)
        find_node()
        return _of_node(version, ask_registry)
    except ConformanceError as error:
        return _missing(error.what, error.hint)


def _of_node(version: str, ask_registry: bool) -> DoctorLine:
    """Raises :class:`CannotInstall`."""
    shown = f"{runtimes.PACKAGE} {version}"
    if runtimes.is_installed(version):
        return DoctorLine("runtime", "ok", f"{shown}, installed")
    npm_command()
    if ask_registry and version not in runtimes.pinned():
        known = published(runtimes.PACKAGE)
        if version not in known:
            return _missing(f"The npm registry does not have {shown}.", f"The newest is {known[-1]}.")
    return _later(shown)


def _of_python(version: str, target: Target) -> DoctorLine:
    """Raises :class:`CannotInstall`."""
    shown = f"{python_runtime.PACKAGE} {version}"
    if target.cls is None and target.descriptor.engine == "node" and target.implementation != "reference":
        what = f"{shown} takes Worlds written in Python, and {target.label} is a package for Node"
        return _missing(what, "Judge it with a release of @workflow/core.")
    if version == python_runtime.installed():
        return DoctorLine("runtime", "ok", f"{shown}, of this environment")
    if python_runtime.home(version).is_dir():
        return DoctorLine("runtime", "ok", f"{shown}, installed")
    if importlib.util.find_spec("pip") is None:
        raise CannotInstall(f"{shown} is not installed, and this Python has no pip", "python -m ensurepip")
    return _later(shown)


def _later(shown: str) -> DoctorLine:
    cache = check_cache()
    if cache.state == "missing":
        return _missing(f"{shown} is not installed, and {cache.what}", cache.hint)
    return DoctorLine("runtime", "later", f"{shown}, installed on first use")


def _missing(what: str, hint: str) -> DoctorLine:
    return DoctorLine("runtime", "missing", what, hint)
