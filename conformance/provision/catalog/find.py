"""Where worlds are found: in ``worlds/``, in folders the user names, and by path.

Adding a world is adding a folder; nothing here knows any of them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path

from conformance.core.content import content
from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.descriptor import Descriptor, read

#: Further folders that hold worlds, separated like ``PATH``. They come before our own.
SEARCH_PATH = "WORLD_CONFORMANCE_PATH"


def search_dirs() -> list[Path]:
    """Folders whose sub-folders are worlds, in the order they are looked in."""
    extra = [Path(part).expanduser() for part in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if part]
    return [*extra, content("worlds")]


def names() -> list[str]:
    """Every world known, ``memory`` first (it needs nothing), then by name."""
    found = {
        file.parent.name
        for folder in search_dirs()
        for file in folder.glob("*/world.toml")
        if not file.parent.name.startswith(("_", "."))
    }
    return sorted(found, key=lambda name: (name != "memory", name))


def is_path(name: str) -> bool:
    """Whether a world was given by path (``./my-world``) and not by name."""
    return name.startswith((".", "~")) or "/" in name or os.sep in name


def find_world_dir(name: str) -> Path:
    """The folder of a world, by name or by path. Raises :class:`UnknownWorld`."""
    if is_path(name):
        folder = Path(name).expanduser()
        folder = folder.parent if folder.name == "world.toml" else folder
        if not (folder / "world.toml").is_file():
            raise UnknownWorld(
                f"No world.toml in {folder}.",
                "Write one with `world-conformance new-world`, or use --world-path for a package's checkout.",
            )
        return folder.resolve()
    for folder in search_dirs():
        if not name.startswith(("_", ".")) and (folder / name / "world.toml").is_file():
            return folder / name
    raise UnknownWorld(f"There is no world named {name!r}.{_did_you_mean(name, names())}", _known(names()))


def load(name: str) -> Descriptor:
    """The descriptor of a world, by name or by path. Raises :class:`UnknownWorld`."""
    return read(find_world_dir(name) / "world.toml")


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def _known(known: list[str]) -> str:
    return f"Known: {', '.join(known)}; a folder with a world.toml works too (--world=./my-world)."
