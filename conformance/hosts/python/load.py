"""Finding the class of a world: ``module:Class`` or ``path/to/file.py:Class``, and making one."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGE = "_conformance_worlds"
_PARENTS = Path(__file__).resolve().parents
#: the worlds that come with the suite: in a checkout beside the package, in a wheel inside it
_WORLDS = next(
    (each for each in (_PARENTS[2] / "_content" / "worlds", _PARENTS[3] / "worlds") if each.is_dir()),
    _PARENTS[3] / "worlds",
)


class NoSuchWorldError(Exception):
    """The class is not where it was said to be."""


def load(reference: str, folder: str | None) -> tuple[Callable[..., Any], tuple[Path, ...]]:
    """The class or factory, and the folders of its code.

    A module is looked for in ``folder`` first, as a file, then on the import path. Raises
    :class:`NoSuchWorldError`, or whatever importing it raises.
    """
    place, _, name = reference.partition(":")
    if not place.endswith(".py") and folder and (Path(folder) / f"{place}.py").is_file():
        place = str(Path(folder) / f"{place}.py")
    if place.endswith(".py"):
        path = Path(folder or ".", place).resolve()
        if not path.is_file():
            raise NoSuchWorldError(f"There is no file {path}.")
        module = _from_file(path)
    else:
        sys.path.insert(0, folder or str(Path.cwd()))
        module = importlib.import_module(place)
    factory = getattr(module, name or "create_world", None)
    if not callable(factory):
        raise NoSuchWorldError(f"{place} has no {name or 'create_world'!r}.")
    return factory, _roots(module, factory)


def _from_file(path: Path) -> ModuleType:
    if _WORLDS in path.parents:
        # One of the worlds that come with the suite: they share code, and import it relative to a package
        # that has a name of its own, for ``worlds`` may be anybody's.
        package = ModuleType(_PACKAGE)
        package.__path__ = [str(_WORLDS)]
        sys.modules.setdefault(_PACKAGE, package)
        return importlib.import_module(".".join((_PACKAGE, *path.relative_to(_WORLDS).with_suffix("").parts)))
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _roots(module: ModuleType, factory: Callable[..., Any]) -> tuple[Path, ...]:
    files = {inspect.getsourcefile(inspect.unwrap(factory)), module.__file__}
    return tuple(Path(file).resolve().parent for file in files if file)


def said(instance: object, name: str) -> Any:
    """What the world says of itself; None when reading it raises, for no operation needs it."""
    try:
        return getattr(instance, name, None)
    except Exception:
        traceback.print_exc()
        return None


def version_of(instance: object) -> str:
    """The version of the distribution that the world's class comes from; empty when it has none."""
    own = said(instance, "version")
    if isinstance(own, str):
        return own
    top = type(instance).__module__.partition(".")[0]
    if top == _PACKAGE:
        return ""  # ours: the engine knows its own version
    for distribution in importlib.metadata.packages_distributions().get(top, []):
        return importlib.metadata.version(distribution)
    return ""
