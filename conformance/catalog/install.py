"""Packages of worlds on disk: installed once, from the committed lock, into the user's cache.

A cache folder is complete or absent: npm works in a scratch folder beside it, which is renamed when npm
is done. A file lock makes the workers of one test run share one installation. Scripts of packages are
never run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import filelock
import platformdirs

from conformance.catalog.node import find_node, node_version, npm_command
from conformance.errors import CannotInstall

Progress = Callable[[str], None]

_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_NPMRC = "omit-lockfile-registry-resolved=true\nfund=false\naudit=false\nupdate-notifier=false\n"
_TIMEOUT = 600.0


class NotPublished(CannotInstall):
    """The registry does not have that package, or not in that version."""


def cache_dir() -> Path:
    """Where installed worlds are kept; ``WORLD_CONFORMANCE_CACHE`` moves it."""
    forced = os.environ.get("WORLD_CONFORMANCE_CACHE")
    return Path(forced) if forced else platformdirs.user_cache_path("workflow-world-conformance")


def silent(_line: str) -> None:
    """A progress that says nothing."""


def installed(
    world_dir: Path, package: str, *, version: str | None = None, progress: Progress = silent
) -> Path:
    """The folder that holds ``node_modules/<package>``, installed now if it was not.

    Without ``version`` it is what ``package-lock.json`` of ``world_dir`` pins (and with no lock, the
    newest). Raises :class:`CannotInstall`, and :class:`NotPublished` when the registry has no such thing.
    """
    lock = world_dir / "package-lock.json"
    if version is None and lock.is_file():
        manifest = world_dir / "package.json"
        label = f"{package} {_locked_version(lock, package)}"
        files = {"package.json": manifest, "package-lock.json": lock}
        key = _key(lock.read_bytes(), manifest.read_bytes())
        return _install(package, label, key=key, files=files, progress=progress)
    wanted = f"{package}@{version or 'latest'}"
    return _install(package, wanted, key=_key(wanted.encode()), files={}, progress=progress)


def _install(package: str, label: str, *, key: str, files: Mapping[str, Path], progress: Progress) -> Path:
    """Install what ``files`` pin, or with none the package that ``label`` names. Gives the cache folder."""
    root = cache_dir() / "npm"
    home = root / f"{_plain(label)}-{key}"
    if (home / "node_modules" / package / "package.json").is_file():
        return home
    root.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(root / f"{home.name}.lock"):
        if (home / "node_modules" / package / "package.json").is_file():
            return home
        progress(f"installing {label} …")
        scratch = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=root))
        try:
            for name, source in files.items():
                shutil.copyfile(source, scratch / name)
            (scratch / ".npmrc").write_text(_NPMRC)
            if not files:
                (scratch / "package.json").write_text('{"private": true}\n')
            command = ("ci", *_QUIET) if files else ("install", "--save-exact", *_QUIET, label)
            _npm(command, scratch, label)
            if not (scratch / "node_modules" / package / "package.json").is_file():
                raise CannotInstall(
                    f"npm ended well and {package} is not there.", f"Look at {world_hint(files)}."
                )
            shutil.rmtree(home, ignore_errors=True)
            scratch.rename(home)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return home


def world_hint(files: Mapping[str, Path]) -> str:
    """The file to look at when an installation does not hold what it should."""
    lock = files.get("package-lock.json")
    return str(lock) if lock else "the package's name"


def _npm(arguments: tuple[str, ...], folder: Path, label: str) -> None:
    """Run npm in ``folder``. Raises :class:`CannotInstall` with its last words."""
    try:
        done = subprocess.run(
            [*npm_command(), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotInstall(
            f"npm did not install {label} in {_TIMEOUT:.0f} s.", "Is the registry slow?"
        ) from error
    except OSError as error:
        raise CannotInstall(f"npm does not start: {error.strerror}.", "Check `npm --version`.") from error
    if done.returncode == 0:
        return
    said = [line for line in redacted(done.stdout).splitlines() if line.strip() and "debug-0.log" not in line]
    tail = "\n  ".join(said[-8:])
    code = re.search(r"npm (?:error|ERR!) code (\w+)", done.stdout)
    name = code[1] if code else ""
    if name in ("E404", "ETARGET"):
        raise NotPublished(
            f"The npm registry does not have {label}.\n  {tail}", "Check the name and the version."
        )
    raise CannotInstall(f"npm could not install {label}:\n  {tail}", _hint(name))


def _hint(code: str) -> str:
    if code in ("EUSAGE",):
        return "The lock does not fit package.json: write it anew with `npm install --package-lock-only`."
    if code in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTCACHED"):
        return "The registry was not reached. Once installed, a world needs no network."
    if code in ("EACCES", "ENOSPC"):
        return f"Nothing can be written to {cache_dir()}; WORLD_CONFORMANCE_CACHE moves the cache."
    return "Run the same with `npm install` by hand to see more."


def redacted(text: str) -> str:
    """``text`` without the passwords of URLs and without npm tokens."""
    text = re.sub(r"(\w+://)[^/\s:@]*:[^@\s/]*@", r"\1***@", text)
    return re.sub(r"(_authToken\s*=\s*)\S+", r"\1***", text)


def _locked_version(lock: Path, package: str) -> str:
    import json  # noqa: PLC0415 (only here)

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
