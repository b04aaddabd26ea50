"""Whether the code of a world can be had and loaded, found out before anything is installed or started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from conformance.core.content import HOSTS
from conformance.core.errors import CannotInstall, ConformanceError
from conformance.core.redact import shown
from conformance.core.text import one_line
from conformance.provision.catalog.code import wanted_package
from conformance.provision.catalog.descriptor import Descriptor
from conformance.provision.catalog.install import cache_dir, cached
from conformance.provision.catalog.package import inspect
from conformance.provision.catalog.target import Target
from conformance.provision.catalog.versions import published
from conformance.provision.node import find_node, npm_command

#: ``ok``: there. ``later``: not there, and had on first use. ``missing``: in the way.
State = Literal["ok", "later", "missing", "note"]
#: what importing a class may take, in seconds
_IMPORT_IN: Final = 20.0
#: Loads a class as the Python host does. Status 3: it is not there. 4: its module breaks in another way, and
#: that may be for want of the environment that a run will have.
_IMPORT: Final = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("load", sys.argv[1])
load = importlib.util.module_from_spec(spec)
spec.loader.exec_module(load)
try:
    load.load(sys.argv[2], sys.argv[3] or None)
except (ImportError, SyntaxError, load.NoSuchWorldError) as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(3)
except BaseException as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(4)
"""


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """One line of the doctor: what about, how it is, in words, and what to do about it."""

    subject: str
    state: State
    what: str
    hint: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", shown(self.what))
        object.__setattr__(self, "hint", shown(self.hint))


def check_code(
    target: Target, *, env: Mapping[str, str] | None = None, ask_registry: bool = False
) -> list[DoctorLine]:
    """What a run of ``target`` finds of its code, in about a second; nothing is installed.

    ``env`` is what the hosts get beside it, such as another release of a runtime. With ``ask_registry`` the
    registry is asked for a version that is not installed.
    """
    descriptor = target.descriptor
    if descriptor.engine == "memory":
        return [DoctorLine("code", "ok", "the specification itself, in this process")]
    try:
        if target.cls is not None:
            folder = descriptor.folder if descriptor.is_class(target.cls) else None
            return [_imported(target.cls, folder, f"Python class {target.cls}", env)]
        if target.implementation == "reference":
            return [_reference(descriptor, env)]
        find_node()
        if target.path is None:
            return [_published(target, ask_registry)]
        found = inspect(target.path, build_hint=True)
    except ConformanceError as error:
        return [DoctorLine("code", "missing", error.what, error.hint)]
    return [
        DoctorLine("code", "ok", f"{found.name} {found.version} in {found.root}"),
        *_dependencies(found.name, found.root),
    ]


def check_cache() -> DoctorLine:
    """Whether what is installed can be kept."""
    folder = cache_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = f"nothing can be written to {folder}: {error.strerror or error}"
        return DoctorLine("cache", "missing", why, "WORLD_CONFORMANCE_CACHE moves the cache.")
    return DoctorLine("cache", "ok", str(folder))


def _dependencies(name: str, root: Path) -> Iterator[DoctorLine]:
    """What a checkout says that it needs, and Node would find nowhere. Types are no code."""
    try:
        needs = json.loads((root / "package.json").read_text()).get("dependencies") or {}
    except (OSError, ValueError, AttributeError):
        return
    if any((folder / ".pnp.cjs").exists() for folder in (root, *root.parents)):
        return
    places = [folder / "node_modules" for folder in (root, *root.parents)]
    gone = [
        need
        for need in needs
        if not need.startswith("@types/") and not any((place / need).exists() for place in places)
    ]
    if gone:
        some = ", ".join(gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
        what = f"{name} in {root} needs {some}, and no node_modules has it"
        yield DoctorLine("node_modules", "missing", what, f"Install what it needs: cd {root} && npm install")


def _published(target: Target, ask_registry: bool) -> DoctorLine:
    """The package of the npm registry: installed, or to be installed. Raises :class:`CannotInstall`."""
    known, wanted = target.descriptor.package, wanted_package(target)
    shown = wanted.shown
    if cached(wanted.folder, wanted.package, version=wanted.version) is not None:
        return DoctorLine("code", "ok", f"{shown}, installed")
    try:
        npm_command()
    except CannotInstall as error:
        return DoctorLine("code", "missing", f"{shown} is not installed, and {error.what}", error.hint)
    cache = check_cache()
    if cache.state == "missing":
        return DoctorLine("code", "missing", f"{shown} is not installed, and {cache.what}", cache.hint)
    if wanted.exact is None and known is not None and known.fallback and target.version is None:
        fallback = _reference(target.descriptor, None)
        hint = "A checkout of the package is run with --world-path."
        return DoctorLine("code", "later", f"{shown} if the npm registry has it, else {fallback.what}", hint)
    if ask_registry and wanted.exact is not None:
        versions = published(wanted.package)
        if wanted.exact not in versions:
            hint = f"The newest is {versions[-1]}." if versions else ""
            return DoctorLine("code", "missing", f"The npm registry does not have {shown}.", hint)
    return DoctorLine("code", "later", f"{shown}, installed on first use")


def _reference(descriptor: Descriptor, env: Mapping[str, str] | None) -> DoctorLine:
    reference = descriptor.reference
    module = reference.class_.partition(":")[0] if reference else ""
    if reference is not None and (descriptor.root() / f"{module}.py").is_file():
        return _imported(reference.class_, descriptor.root(), f"our reference, {reference.class_}", env)
    return DoctorLine("code", "missing", "no reference is written for this world", "Run the package instead.")


def _imported(cls: str, folder: Path | None, shown: str, env: Mapping[str, str] | None) -> DoctorLine:
    """The class, imported in a process of its own."""
    script = HOSTS / "python" / "load.py"
    try:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT, str(script), cls, str(folder or "")],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_IMPORT_IN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return DoctorLine("code", "note", f"{shown}: its import takes longer than {_IMPORT_IN:.0f} s")
    why = one_line((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    if done.returncode == 3:
        where = f"Is it installed in {sys.prefix}, or a file in {folder or Path.cwd()}?"
        return DoctorLine("code", "missing", f"{shown} cannot be imported: {why}", where)
    if done.returncode != 0:
        return DoctorLine("code", "note", f"{shown}; its import by itself ends in {why}")
    return DoctorLine("code", "ok", shown)
