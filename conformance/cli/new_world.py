"""``world-conformance new-world``: write the world.toml of a world of your own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

import click
import jinja2

from conformance.core.content import content
from conformance.core.errors import ConformanceError, UnknownWorld
from conformance.core.output import write_whole
from conformance.core.text import one_line
from conformance.provision.catalog.connections import names_in
from conformance.provision.catalog.install import installed
from conformance.provision.catalog.package import npm_name
from conformance.provision.catalog.sources import split_package


@dataclass(frozen=True)
class _Usual:
    """What worlds on a kind of service usually are; a start for editing.

    ``options`` and ``variables`` give templates to names; of the names with one template the first that the
    package knows is written.
    """

    image: str
    port: int
    options: dict[str, str]
    isolation: str
    locks: bool = False
    variables: dict[str, str] = field(default_factory=dict)


def _same(template: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, template)


_URL, _SPACE = "{service.url}", "{namespace}"
_SERVICES = {
    "none": _Usual(
        "", 0, _same("{directory}", "dataDir", "directory", "path", "dir", "basedir", "root"), "directory"
    ),
    "redis": _Usual(
        "redis:7-alpine",
        6379,
        _same(_URL, "redisUrl", "url", "connectionString")
        | _same(_SPACE, "keyPrefix", "prefix", "namespace"),
        "prefix",
        variables=_same(_URL, "WORKFLOW_REDIS_URI", "WORKFLOW_REDIS_URL", "REDIS_URL"),
    ),
    "postgres": _Usual(
        "postgres:18-alpine",
        5432,
        _same(_URL, "connectionString", "databaseUrl", "url"),
        "database",
        locks=True,
        variables=_same(_URL, "WORKFLOW_POSTGRES_URL", "DATABASE_URL", "POSTGRES_URL"),
    ),
    "mongodb": _Usual(
        "mongo:7",
        27017,
        _same(_URL, "mongoUrl", "mongoUri", "uri", "url")
        | _same(_SPACE, "databaseName", "database", "dbName"),
        "database",
        variables=_same(_URL, "WORKFLOW_MONGODB_URI", "MONGODB_URI", "MONGODB_URL"),
    ),
    "other": _Usual("example/server:1", 8000, _same(_URL, "url", "endpoint", "baseUrl"), "runs"),
}
#: clients of databases on npm -> which database a package needs that depends on one
_CLIENTS = {
    "redis": ("ioredis", "redis", "@redis/client", "bullmq", "iovalkey"),
    "postgres": ("pg", "postgres", "pg-boss", "graphile-worker", "@neondatabase/serverless"),
    "mongodb": ("mongodb", "mongoose"),
}


@click.command(name="new-world")
@click.argument("name")
@click.option(
    "--package",
    metavar="NPM",
    help="The npm package that makes the world, NAME or NAME@VERSION. Default: NAME.",
)
@click.option("--python", metavar="MODULE:CLASS", help="A world written in Python instead.")
@click.option(
    "--service",
    type=click.Choice(list(_SERVICES)),
    help="What the world needs behind it; `none` keeps its data in files. Default: the database whose client "
    "the package depends on.",
)
@click.option(
    "--in", "parent", type=click.Path(path_type=Path), default=Path(), help="Where to make the folder."
)
def command(name: str, package: str | None, python: str | None, service: str | None, parent: Path) -> None:
    """Write NAME/world.toml, which says how to get, host and serve a world of your own.

    The file is all that the suite needs: no code of the suite changes for a new world. Every choice in it
    has a comment; docs/add-a-world.md says more. Options are those whose names are in the package, which is
    installed into the cache for that. In the folder of the package itself (give --in and the
    folder's name) the checkout is what runs.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise UnknownWorld(f"{name!r} cannot name a world.", "Use small letters, digits and dashes.")

    package, version = split_package(package or name, "--package")
    npm_name(package)
    if python is not None and not re.fullmatch(r"[\w.]+:[\w.]+", python):
        raise UnknownWorld(f"--python={python!r} is not module:Class.", "For example my_world:MyWorld.")
    file = parent / name / "world.toml"
    if file.exists():
        raise UnknownWorld(f"{file} is there already.", "Edit it, or choose another name.")
    where = f"./{file.parent}" if not file.is_absolute() else str(file.parent)
    home = None if python is not None else _home(package, version, file.parent)
    known = names_in(home) if home is not None else None
    if service is None:
        service, client = _service_of(home)
        if client:
            click.echo(f"{package} depends on {client}: a world on {service} (--service says otherwise)")
    write_whole(file, render(name, where, package, python, service, version, known))
    click.echo(f"wrote {file}")
    if known is None and python is None:
        click.echo(f"note:  {package} could not be looked at: check [options], it may call them otherwise")
    click.echo(f"next:  world-conformance doctor {where} --try")
    click.echo(f"then:  pytest --world={where}")


def _home(package: str, version: str | None, folder: Path) -> Path | None:
    """The folder of a package: the checkout in ``folder``, else installed now. None: there is no such
    package."""
    if (folder / "package.json").is_file():
        return folder
    click.echo(f"looking at {package} …")
    try:
        home = installed(folder, package, version=version)
    except ConformanceError:
        return None
    return home / "node_modules" / package


def _service_of(home: Path | None) -> tuple[str, str]:
    """What a package needs behind it, and the client among its dependencies that says so."""
    try:
        found = json.loads((home / "package.json").read_text(encoding="utf-8")) if home is not None else {}
    except (OSError, ValueError):
        found = {}
    parts = (
        [found.get(key) for key in ("dependencies", "peerDependencies")] if isinstance(found, dict) else []
    )
    depends = {name for part in parts if isinstance(part, dict) for name in part}
    return next(
        ((service, name) for service, names in _CLIENTS.items() for name in names if name in depends),
        ("none", ""),
    )


def render(
    name: str,
    where: str,
    package: str,
    python: str | None,
    service: str,
    version: str | None = None,
    known: Set[str] | None = None,
) -> str:
    """The text of the new ``world.toml``. ``known`` are the names in the package's source, if it was looked
    at: no option is written that is not among them."""

    usual = _SERVICES[service]
    template = (content("worlds") / "_template" / "world.toml.j2").read_text(encoding="utf-8")
    made = jinja2.Environment(autoescape=False, keep_trailing_newline=True).from_string(template)
    lines = [f"{key} = {_toml(value)}" for key, value in _of_package(usual.options, known).items()]
    variables = _of_package(usual.variables, known).items() if known is not None else ()
    return made.render(
        name=name,
        path=one_line(where),
        title=_toml(name.replace("-", " ").capitalize()),
        package=_toml(package),
        version=version,
        python=_toml(python) if python else None,
        options=", ".join(lines),
        option_lines=lines,
        env_lines=[f"{key} = {_toml(value)}" for key, value in variables],
        gate="fs" if service == "none" else "net",
        usual=usual,
        service="" if service == "none" else service,
    )


def _of_package(usual: Mapping[str, str], known: Set[str] | None) -> dict[str, str]:
    """Of the names with one template the first that the package knows; of an unknown package the first."""
    chosen: dict[str, str] = {}
    for name, template in usual.items():
        if (known is None or name in known) and template not in chosen.values():
            chosen[name] = template
    return chosen


def _toml(text: str) -> str:
    """A string of TOML. Those of JSON are, but for one character and pairs of surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
