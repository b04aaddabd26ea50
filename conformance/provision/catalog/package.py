"""What an npm package on disk says of itself: its version, the file that Node would load, its programs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.errors import CannotInstall, UnknownWorld

#: What the registry takes as a name, old ones with capitals among them.
_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*")
_LONGEST_NAME = 214
_CONDITIONS = ("node", "import", "module-sync", "default", "require")


@dataclass(frozen=True, slots=True)
class PackageOnDisk:
    """A package's folder and the file of its main export, which exists."""

    name: str
    version: str
    root: Path
    entry: Path


def npm_name(name: str) -> str:
    """``name`` when it can name an npm package. Raises :class:`UnknownWorld`: a name is also a path here."""
    reserved = name.lower() in ("node_modules", "favicon.ico")
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME or reserved:
        raise UnknownWorld(f"{name[:80]!r} is not a name of an npm package.", "Write name or @scope/name.")
    return name


def inspect(root: Path, *, build_hint: bool = False) -> PackageOnDisk:
    """Read ``root/package.json``. Raises :class:`CannotInstall` when it is not a package, or is not built."""
    manifest = root / "package.json"
    try:
        data = json.loads(manifest.read_text())
    except FileNotFoundError as error:
        raise CannotInstall(f"{root} holds no package.json.", "Give the package's folder.") from error
    except (OSError, ValueError) as error:
        raise CannotInstall(f"{manifest} cannot be read: {error}.") from error
    name = str(data.get("name") or root.name)
    wanted = _entry(data)
    if wanted is None:
        raise CannotInstall(
            f"{manifest} exports nothing for '.'.", "A world exports createWorld, or a default."
        )
    entry = (root / wanted).resolve()
    if entry.is_dir():
        entry = entry / "index.js"
    if not entry.is_file() and entry.with_name(entry.name + ".js").is_file():
        entry = entry.with_name(entry.name + ".js")
    if not entry.is_file():
        hint = _build_hint(data, root) if build_hint else "The package is incomplete."
        raise CannotInstall(f"{name} in {root} has no {wanted}: it is not built.", hint)
    return PackageOnDisk(name, str(data.get("version") or "0.0.0"), root, entry)


def version_of(root: Path) -> str:
    """The version that ``root/package.json`` says; empty when it says none."""
    try:
        return str(json.loads((root / "package.json").read_text()).get("version") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def programs(root: Path) -> dict[str, str]:
    """The package's programs by name, relative to ``root``; none when it cannot be read."""
    try:
        data = json.loads((root / "package.json").read_text())
    except (OSError, ValueError):
        return {}
    found = data.get("bin") or {}
    if isinstance(found, str):
        return {str(data.get("name", "")).rpartition("/")[2]: found}
    return {str(name): str(file) for name, file in found.items()}


def _entry(data: dict[str, Any]) -> str | None:
    """The file of the main export, as Node's own rules have it: ``exports`` beats ``main``."""
    exports = data.get("exports")
    if exports is None:
        return str(data.get("main") or "index.js")
    if isinstance(exports, dict) and any(key.startswith(".") for key in exports):
        exports = exports.get(".")
    return _pick(exports)


def _pick(exports: Any) -> str | None:
    if isinstance(exports, str):
        return exports
    if isinstance(exports, list):
        return next((found for one in exports if (found := _pick(one))), None)
    if isinstance(exports, dict):
        # Conditions are tried in the order they are written, which is Node's rule.
        return next(
            (found for key, one in exports.items() if key in _CONDITIONS and (found := _pick(one))), None
        )
    return None


def _build_hint(data: dict[str, Any], root: Path) -> str:
    manager = "npm"
    for folder in (root, *root.parents):
        if (folder / "pnpm-lock.yaml").exists():
            manager = "pnpm"
        elif (folder / "yarn.lock").exists():
            manager = "yarn"
        else:
            continue
        break
    if "build" in (data.get("scripts") or {}):
        return f"Build it first: cd {root} && {manager} install && {manager} run build"
    return "Build it first; its package.json has no build script."
