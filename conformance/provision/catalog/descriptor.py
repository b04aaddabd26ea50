"""``world.toml``: what a world is, as data.

Decoding is strict. A field nobody knows is refused with the name of the file, the field and what is
allowed there, because a misspelt ``shared_proces`` that is silently ignored gives wrong verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.package import npm_name
from conformance.provision.services.spec import ServiceSpec

Engine = Literal["node", "python", "memory"]
Level = Literal["storage", "handlers", "runtime"]
Gate = Literal["net", "fs", "libsql", "call"]
IsolationKind = Literal["prefix", "database", "directory", "runs"]
#: ``redis``, ``postgres``, ``mongodb`` are known (checked, embedded, isolated); any other needs ``url``.
Templates = dict[str, str | int | float | bool]


class Package(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The package. ``version`` is what runs, and what a lock beside it has to pin; none: what the lock pins.

    With ``engine = "python"`` it is a distribution of Python, and has to be installed in that version.
    """

    name: str
    version: str | None = None
    #: the export to call, ``default`` for the default one; none: ``createWorld``, else the default one
    factory: str | None = None
    #: what to run when the registry does not have the package: nothing, or our reference
    fallback: Literal["reference"] | None = None


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class for the Python host: our reference, or with ``engine = "python"`` the world itself."""

    #: ``module:Class``; the module is looked for in the world's folder first
    class_: str = field(name="class", default="reference:World")
    options: Templates = {}
    #: see :class:`HostSettings`; none: the Python host's own choice
    gates: tuple[Gate | Literal["declared"], ...] | None = None
    locks: bool = False
    shared_process: bool = False


class HostSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the world's I/O is held. See docs/host-protocol.md."""

    gates: tuple[Gate, ...] = ()
    #: how the bytes on the wire are read for gate labels: ``redis``, ``postgres``, ``mongodb``
    protocol: str | None = None
    #: the store lives in the process: all actors are actors of one instance in one host
    shared_process: bool = False
    #: calls may wait for a lock that another actor holds (decides the block time-out)
    locks: bool = False
    #: calls to make at once before the first schedule, so that connections are up; none: the host's choice
    warm: int | None = None
    #: what it may connect to besides its service: ``host:port``, ``host:*``, the path of a Unix socket
    connects: tuple[str, ...] = ()


class Isolation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What keeps one namespace from another on a shared service.

    ``prefix``: keys begin with ``{namespace}``. ``database``: ``{service.url}`` is a database of its
    own. ``directory``: ``{directory}`` is fresh. ``runs``: fresh run ids are enough.
    """

    kind: IsolationKind = "runs"
    #: patterns of names that begin with no prefix; on a redis with no free database they are removed as well
    fixed: tuple[str, ...] = ()


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What differs when the world's own queue delivers (``--world-queue=world``). See docs/queues.md."""

    #: the variable from which the world takes the port that deliveries go to
    port: str = "PORT"
    #: options of the factory, over those of ``[options]``
    options: Templates = {}
    #: what keeps one queue from another, when that of ``[isolation]`` does not
    isolation: IsolationKind | None = None


class Setup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that prepares a fresh namespace. A list of words, never a shell line."""

    command: Annotated[tuple[str, ...], Meta(min_length=1)]
    env: dict[str, str] = {}


class Descriptor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One world. ``name`` and ``folder`` come from where the file lies, not from the file."""

    title: str
    engine: Engine = "node"
    notes: str = ""
    levels: tuple[Level, ...] = ("storage", "handlers")
    package: Package | None = None
    reference: Reference | None = None
    options: Templates = {}
    env: dict[str, str] = {}
    host: HostSettings = HostSettings()
    isolation: Isolation = Isolation()
    queue: Queue = Queue()
    setup: Setup | None = None
    service: ServiceSpec | None = None
    name: str = ""
    folder: Path | None = None

    def root(self) -> Path:
        """The folder of ``world.toml``. Raises :class:`UnknownWorld` for a world that has none."""
        if self.folder is None:
            raise UnknownWorld(f"World {self.name!r} was not read from a folder.")
        return self.folder

    def is_class(self, cls: str | None) -> bool:
        """Whether this is a world written in Python, and ``cls`` is what its file names."""
        return self.engine == "python" and self.reference is not None and self.reference.class_ == cls


#: Known to the catalogue, not to be written in the file.
_FROM_OUTSIDE = frozenset({"name", "folder"})

_TABLES: dict[str, type[Struct]] = {
    "package": Package,
    "reference": Reference,
    "host": HostSettings,
    "isolation": Isolation,
    "queue": Queue,
    "setup": Setup,
    "service": ServiceSpec,
}


def read(file: Path, name: str | None = None) -> Descriptor:
    """Read one ``world.toml``. The world is called ``name``, or like its folder."""
    name = name or file.resolve().parent.name
    try:
        text = file.read_bytes()
    except OSError as error:
        raise UnknownWorld(f"Cannot read {file}: {error.strerror}.") from error
    descriptor = decode(text, str(file))
    folder = file.resolve().parent
    service = descriptor.service.within(folder) if descriptor.service is not None else None
    return msgspec.structs.replace(descriptor, name=name, folder=folder, service=service)


def decode(text: bytes, where: str) -> Descriptor:
    """Decode and check the text of a ``world.toml``; ``where`` names it in errors."""
    try:
        raw = msgspec.toml.decode(text, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise UnknownWorld(
            f"{where} is not TOML: {error}.", "See docs/add-a-world.md for the shape."
        ) from error
    if nul := _with_nul(raw, ""):
        raise UnknownWorld(
            f"{where}: {nul} holds a NUL character, which no name, word or path can.", "Take it out."
        )
    for key in sorted(_FROM_OUTSIDE & raw.keys()):
        raise UnknownWorld(
            f"{where}: {key!r} is not written in the file.", "The folder's name is the world's."
        )
    try:
        descriptor = msgspec.convert(raw, Descriptor)
    except msgspec.ValidationError as error:
        raise UnknownWorld(f"{where}: {_explain(str(error))}", "See docs/add-a-world.md.") from error
    if descriptor.setup is not None and not descriptor.setup.command[0].strip():
        raise UnknownWorld(
            f"{where}: the command in [setup] begins with an empty word.",
            'Give the program first, such as ["node", "setup.js"].',
        )
    for spec in descriptor.service.everything() if descriptor.service is not None else ():
        _check_service(where, spec)
    if descriptor.engine == "node" and descriptor.package is None:
        raise UnknownWorld(
            f"{where}: engine 'node' needs a [package] with a name.", "See docs/add-a-world.md."
        )
    if descriptor.package is not None:
        try:
            npm_name(descriptor.package.name)
        except UnknownWorld as error:
            raise UnknownWorld(f"{where}: [package] name: {error.what}", error.hint) from None
    if descriptor.engine == "python" and descriptor.reference is None:
        raise UnknownWorld(
            f"{where}: engine 'python' needs a [reference] with a class.", "See docs/add-a-world.md."
        )
    return descriptor


def _check_service(where: str, spec: ServiceSpec) -> None:
    """Refuse what a service cannot have. Raises :class:`UnknownWorld`."""
    if spec.folder is not None:
        raise UnknownWorld(f"{where}: 'folder' is not written in the file.", "Use {folder} in its command.")
    if spec.command and not spec.command[0].strip():
        raise UnknownWorld(
            f"{where}: the command of {spec.kind!r} in [service] begins with an empty word.",
            'Give the program first, such as ["node", "bridge.mjs"].',
        )


def _with_nul(value: object, at: str) -> str:
    """Where a text in a decoded file holds a NUL character, such as ``setup.command``; empty if nowhere."""
    if isinstance(value, str):
        return at if "\0" in value else ""
    items: Iterable[tuple[str, object]] = ()
    if isinstance(value, dict):
        items = ((f"{at}.{key}".lstrip("."), item) for key, item in value.items())
    elif isinstance(value, list):
        items = ((at, item) for item in value)
    return next((found for where, item in items if (found := _with_nul(item, where))), "")


def _explain(message: str) -> str:
    """Turn msgspec's ``… - at `$.package``` into words that name the table and what it takes."""
    found = re.search(r"unknown field `([^`]+)`(?: - at `\$\.?([^`]*)`)?", message)
    if found is None:
        return message.replace("`$.", "`") + "."
    unknown, table = found[1], found[2] or ""
    struct: type[Struct] = _TABLES.get(table, Descriptor)
    if re.fullmatch(r"service(?:\.needs\[\.\.\.\])+", table):
        struct = ServiceSpec
    hidden = _FROM_OUTSIDE if struct in (Descriptor, ServiceSpec) else frozenset()
    allowed = sorted({f.encode_name for f in msgspec.structs.fields(struct)} - hidden)
    place = f"[{table}]" if table else "the top level"
    return f"unknown field {unknown!r} in {place}. Allowed there: {', '.join(allowed)}."
