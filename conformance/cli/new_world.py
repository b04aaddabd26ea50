"""``world-conformance new-world``: write the world.toml of a world of your own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import click
import jinja2

from conformance.core.content import content
from conformance.core.errors import UnknownWorld
from conformance.core.output import write_whole
from conformance.core.text import one_line
from conformance.provision.catalog.package import npm_name
from conformance.provision.catalog.sources import split_package


@dataclass(frozen=True)
class _Usual:
    """What worlds on a kind of service usually are; a start for editing."""

    image: str
    port: int
    options: dict[str, str]
    isolation: str
    locks: bool = False


_SERVICES = {
    "none": _Usual("", 0, {"dataDir": "{directory}"}, "directory"),
    "redis": _Usual(
        "redis:7-alpine", 6379, {"redisUrl": "{service.url}", "keyPrefix": "{namespace}"}, "prefix"
    ),
    "postgres": _Usual(
        "postgres:18-alpine", 5432, {"connectionString": "{service.url}"}, "database", locks=True
    ),
    "mongodb": _Usual(
        "mongo:7", 27017, {"mongoUrl": "{service.url}", "databaseName": "{namespace}"}, "database"
    ),
    "other": _Usual("example/server:1", 8000, {"url": "{service.url}"}, "runs"),
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
    default="none",
    show_default=True,
    help="What the world needs behind it; `none` keeps its data in files.",
)
@click.option(
    "--in", "parent", type=click.Path(path_type=Path), default=Path(), help="Where to make the folder."
)
def command(name: str, package: str | None, python: str | None, service: str, parent: Path) -> None:
    """Write NAME/world.toml, which says how to get, host and serve a world of your own.

    The file is all that the suite needs: no code of the suite changes for a new world. Every choice in it
    has a comment; docs/add-a-world.md says more. In the folder of the package itself (give --in and the
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
    write_whole(file, render(name, where, package, python, service, version))
    click.echo(f"wrote {file}")
    click.echo(f"next:  world-conformance doctor {where} --try")
    click.echo(f"then:  pytest --world={where}")


def render(
    name: str, where: str, package: str, python: str | None, service: str, version: str | None = None
) -> str:
    """The text of the new ``world.toml``."""

    usual = _SERVICES[service]
    template = (content("worlds") / "_template" / "world.toml.j2").read_text(encoding="utf-8")
    made = jinja2.Environment(autoescape=False, keep_trailing_newline=True).from_string(template)
    lines = [f"{key} = {_toml(value)}" for key, value in usual.options.items()]
    return made.render(
        name=name,
        path=one_line(where),
        title=_toml(name.replace("-", " ").capitalize()),
        package=_toml(package),
        version=version,
        python=_toml(python) if python else None,
        options=", ".join(lines),
        option_lines=lines,
        gate="fs" if service == "none" else "net",
        usual=usual,
        service="" if service == "none" else service,
    )


def _toml(text: str) -> str:
    """A string of TOML. Those of JSON are, but for one character and pairs of surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
