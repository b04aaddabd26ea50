"""A folder that people can read: one page for each level and runtime, and the table of all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance.report.html import render_html
from conformance.report.markdown import render_table
from conformance.report.matrix import Matrix, Row


def publish(matrix: Matrix, folder: Path) -> list[Path]:
    """Write ``README.md`` and ``LEVEL.html`` or ``runtime-VERSION.html`` into ``folder``; what was written.

    A page of one level has room for the lanes of every failure; one of all levels would not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Row]] = {}
    for row in matrix.rows:
        groups.setdefault("-".join(filter(None, (row.key.level, row.key.runtime))), []).append(row)
    written: list[Path] = []
    for name, rows in groups.items():
        path = folder / f"{name.replace(' ', '-')}.html"
        title = f"World compatibility matrix: {name.replace('-', ' ', 1)}"
        headers = [header for header in matrix.headers if any(row.header == header for row in rows)]
        page = render_html(replace(matrix, rows=rows, headers=headers, queues=[]), title=title)
        path.write_text(page, encoding="utf-8")
        written.append(path)
    index = folder / "README.md"
    links = [f"- [{path.stem.replace('-', ' ', 1)}]({path.name})" for path in written]
    how = "Each page opens a cell to what broke, where in the package, and the command that shows it again:"
    text = ["# The published matrix", "", how, "", *links, "", render_table(matrix)]
    index.write_text("\n".join(text), encoding="utf-8")
    return [index, *written]
