"""Packages of worlds on disk: installed once, from the committed lock, into the user's cache.

A cache folder is complete or absent: npm works in a scratch folder beside it, which is renamed when npm
is done. A file lock makes the workers of one test run share one installation. Scripts of packages are
never run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import filelock
import platformdirs

from conformance.core.errors import CannotInstall
from conformance.provision.node import find_node, node_version, npm_command
from conformance.provision.services.command import CommandTimeout, run_command

Progress = Callable[[str], None]

_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_NPMRC = "omit-lockfile-registry-resolved=true\nfund=false\naudit=false\nupdate-notifier=false\n"
_TIMEOUT = 600.0
_NEWEST_FOR = 12 * 3600.0
_NOT_FOUND = re.compile(
    r"No matching version found for (\S+)\.$"
    r"|'((?:@[^/'\s]+/)?[^@'\s]+@[^'\s]+)' (?:could not be found|is not in)",
    re.MULTILINE,
)
_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")


class NotPublished(CannotInstall):
    """The registry does not have that package, or not in that version."""


def cache_dir() -> Path:
    """Where installed worlds are kept; ``WORLD_CONFORMANCE_CACHE`` moves it."""
    forced = os.environ.get("WORLD_CONFORMANCE_CACHE")
    return Path(forced) if forced else platformdirs.user_cache_path("workflow-world-conformance")


@contextmanager
def in_cache() -> Iterator[None]:
    """While something is made in the cache: a folder that cannot be written is :class:`CannotInstall`."""
    try:
        yield
    except OSError as error:
        raise CannotInstall(
            f"Nothing can be written to {cache_dir()}: {error.strerror or error}.",
            "WORLD_CONFORMANCE_CACHE=FOLDER keeps installed worlds elsewhere.",
        ) from error


def silent(_line: str) -> None:
    """A progress that says nothing."""


def installed(
    world_dir: Path, package: str, *, version: str | None = None, progress: Progress = silent
) -> Path:
    """The folder that holds ``node_modules/<package>``, installed now if it was not.

    Without ``version`` it is what ``package-lock.json`` of ``world_dir`` pins (and with no lock, the
    newest). Raises :class:`CannotInstall`, and :class:`NotPublished` when the registry has no such thing.
    """
    label, home, files = _wanted(world_dir, package, version)
    return _install(package, label, home=home, files=files, progress=progress)


def cached(world_dir: Path, package: str, *, version: str | None = None) -> Path | None:
    """What :func:`installed` would give without installing anything; None when it would have to."""
    _, home, _ = _wanted(world_dir, package, version)
    return home if _is_complete(home, package) else None


def _wanted(world_dir: Path, package: str, version: str | None) -> tuple[str, Path, dict[str, Path]]:
    """What to install, in words; the cache folder it goes to; and the files that pin it, if any."""
    lock = world_dir / "package-lock.json"
    pinned = locked(world_dir, package) if version is None else None
    if pinned is not None:
        manifest = world_dir / "package.json"
        label = f"{package} {pinned}"
        files = {"package.json": manifest, "package-lock.json": lock}
        key = _key(lock.read_bytes(), manifest.read_bytes())
    else:
        label, files = f"{package}@{version or 'latest'}", {}
        # What a tag or a range means may be another version tomorrow: it is looked for anew.
        tag = "" if version is None or is_exact(version) else "latest-"
        key = f"{tag}{_key(label.encode())}"
    return label, cache_dir() / "npm" / f"{_plain(label)}-{key}", files


def _is_complete(home: Path, package: str) -> bool:
    """Whether it is installed; what was the newest version is asked for anew after half a day."""
    manifest = home / "node_modules" / package / "package.json"
    if not manifest.is_file():
        return False
    return not home.name.partition("-latest-")[1] or time.time() - home.stat().st_mtime < _NEWEST_FOR


def _install(package: str, label: str, *, home: Path, files: Mapping[str, Path], progress: Progress) -> Path:
    """Install into ``home`` what ``files`` pin, or with none the package that ``label`` names."""
    if _is_complete(home, package):
        return home
    with in_cache():
        return _install_into(package, label, home=home, files=files, progress=progress)


def _install_into(
    package: str, label: str, *, home: Path, files: Mapping[str, Path], progress: Progress
) -> Path:
    home.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(home.parent / f"{home.name}.lock"):
        if _is_complete(home, package):
            return home
        progress(f"installing {label} …")
        scratch = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
        try:
            for name, source in files.items():
                shutil.copyfile(source, scratch / name)
            (scratch / ".npmrc").write_text(_NPMRC)
            if not files:
                (scratch / "package.json").write_text('{"private": true}\n')
            _npm(("ci", *_QUIET) if files else ("install", "--save-exact", *_QUIET, label), scratch, label)
            if not _is_complete(scratch, package):
                raise CannotInstall(
                    f"npm ended well and {package} is not there.", f"Look at {_pinned_by(files)}."
                )
            shutil.rmtree(home, ignore_errors=True)
            scratch.rename(home)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return home


def _pinned_by(files: Mapping[str, Path]) -> str:
    """The file to look at when an installation does not hold what it should."""
    lock = files.get("package-lock.json")
    return str(lock) if lock else "the package's name"


def _npm(arguments: tuple[str, ...], folder: Path, label: str) -> None:
    """Run npm in ``folder``. Raises :class:`CannotInstall` with its last words."""
    try:
        status, output = run_command([*npm_command(), *arguments], cwd=folder, limit=_TIMEOUT)
    except CommandTimeout as error:
        raise CannotInstall(
            f"npm did not install {label} in {_TIMEOUT:.0f} s.", "Is the registry slow?"
        ) from error
    except OSError as error:
        raise CannotInstall(f"npm does not start: {error.strerror}.", "Check `npm --version`.") from error
    if status == 0:
        return
    said = [line for line in output.splitlines() if line.strip() and "debug-0.log" not in line]
    tail = "\n  ".join(said[-8:])
    code = re.search(r"npm (?:error|ERR!) code (\w+)", output)
    name = code[1] if code else ""
    if name in ("E404", "ETARGET"):
        other = _missing(output, label)
        if other:
            raise CannotInstall(
                f"{label} needs {other}, which the npm registry does not have.",
                "Nobody can install that version: choose another one, or give a checkout with --world-path.",
            )
        raise NotPublished(f"The npm registry does not have {label}.", "Check the name and the version.")
    raise CannotInstall(f"npm could not install {label}:\n  {tail}", _hint(name))


def _missing(said: str, label: str) -> str:
    """The dependency that npm did not find, as ``name@range``; empty when it was the package itself."""
    found = _NOT_FOUND.search(said)
    other = (found[1] or found[2]) if found else ""
    name, _, version = other.rpartition("@")
    own, _, asked = label.replace(" ", "@").rpartition("@")
    itself = name == own and not (is_exact(version) and is_exact(asked) and version != asked)
    return "" if itself else other


def _hint(code: str) -> str:
    if code in ("EUSAGE",):
        return "The lock does not fit package.json: write it anew with `npm install --package-lock-only`."
    if code in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTCACHED"):
        return "The registry was not reached. Once installed, a world needs no network."
    if code in ("EACCES", "ENOSPC"):
        return f"Nothing can be written to {cache_dir()}; WORLD_CONFORMANCE_CACHE moves the cache."
    return "Run the same with `npm install` by hand to see more."


def is_exact(version: str | None) -> bool:
    """Whether it means one version for ever: no tag, no range."""
    return version is not None and _EXACT.fullmatch(version) is not None


def locked(world_dir: Path, package: str) -> str | None:
    """The version that ``package-lock.json`` of a folder pins; None without that file.

    Raises :class:`CannotInstall` when it pins none of this package.
    """

    lock = world_dir / "package-lock.json"
    if not lock.is_file():
        return None
    try:
        entry = json.loads(lock.read_text())["packages"][f"node_modules/{package}"]
        return str(entry["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise CannotInstall(
            f"{lock} does not pin {package}.", "Write it anew with `npm install --package-lock-only`."
        ) from error


def _key(*parts: bytes) -> str:
    """Names what is in a cache folder: the lock and the major version of Node it is for."""
    digest = hashlib.sha256(str(node_version(find_node())[0]).encode())
    for part in parts:
        digest.update(b"\0" + part)
    return digest.hexdigest()[:12]


def _plain(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", label).strip("-")
