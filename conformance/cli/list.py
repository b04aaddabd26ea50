"""``world-conformance list``: the worlds that can be tested, their versions, levels and services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from conformance.core.errors import UnknownWorld
from conformance.provision.catalog.find import load, names
from conformance.provision.catalog.manifest import read_manifest, why_not


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="List upstream's worlds-manifest.json instead, and which of its worlds can run here.",
)
def command(as_json: bool, manifest: Path | None) -> None:
    """The worlds that can be tested, with their versions, levels and services.

    Any of them is a value of `pytest --world=NAME`; NAME@VERSION runs another version of its package,
    NAME:reference our own implementation on the same database. Folders in WORLD_CONFORMANCE_PATH add worlds.
    """
    rows = _of_manifest(manifest) if manifest is not None else _of_catalogue()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("world", "package", "reference", "levels", "service", "remark"):
        if any(row.get(column) for row in rows):
            table.add_column(column, overflow="fold", no_wrap=column == "world")
    for row in rows:
        table.add_row(*(_cell(row.get(str(column.header))) for column in table.columns))
    Console().print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "yes" if value is True else str(value or "")


def _of_catalogue() -> list[dict[str, Any]]:
    """One row for each world of the catalogue; a descriptor that cannot be read is a row, too."""

    rows: list[dict[str, Any]] = []
    for name in names():
        try:
            descriptor = load(name)
        except UnknownWorld as error:
            rows.append({"world": name, "remark": error.what})
            continue
        package, reference, service = descriptor.package, descriptor.reference, descriptor.service
        has_reference = (
            reference is not None
            and (descriptor.root() / f"{reference.class_.partition(':')[0]}.py").is_file()
        )
        rows.append(
            {
                "world": name,
                "title": descriptor.title,
                "package": f"{package.name} {package.version or '(no version pinned)'}" if package else None,
                "reference": has_reference or descriptor.engine == "memory",
                "levels": list(descriptor.levels),
                "service": service.kind if service else None,
                "image": service.image if service else None,
                "notes": descriptor.notes,
            }
        )
    return rows


def _of_manifest(file: Path) -> list[dict[str, Any]]:

    return [
        {
            "world": entry.id,
            "package": f"{entry.package} {entry.version or ''}".strip(),
            "service": [service.image for service in entry.services],
            "remark": why_not(entry),
        }
        for entry in read_manifest(file).worlds
    ]
