"""A folder that people can read: one page for each level and runtime, and the table of all of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from conformance.core.errors import ConformanceError
from conformance.core.output import distinct, file_name
from conformance.provision.catalog.runtimes import default
from conformance.report.html import render_html
from conformance.report.markdown import escape, render_marks, render_table
from conformance.report.matrix import Matrix, Row
from conformance.report.runtime_matrix import RuntimeMatrix
from conformance.report.runtime_matrix import render_html as render_runtimes
from conformance.report.runtime_matrix import render_markdown as render_runtimes_table

#: the pages of the rules, from a folder in ``reports``, as they stand in the site
_RULES_AT: Final = "../../docs/rules/"
#: where a page has the table
_BETWEEN: Final = re.compile(r"(<!-- matrix -->\n).*?(<!-- end of matrix -->)", re.DOTALL)


def published(matrix: Matrix, runtimes: RuntimeMatrix | None = None) -> dict[str, str]:
    """Name -> content: ``README.md``, and a page (``storage.html``, ``runtime-4.8.9.html``) for each level.

    A page of one level has room for the lanes of every failure; one of all levels would not. ``runtimes``
    gets a page too, and a table in a file of its own.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in matrix.rows:
        groups.setdefault((row.key.level, row.key.runtime), []).append(row)
    names = distinct(file_name("-".join(filter(None, group)), "level") for group in groups)
    pages: dict[str, str] = {}
    links: list[str] = []
    for name, (group, rows) in zip(names, groups.items(), strict=True):
        title = " ".join(filter(None, group))
        headers = [header for header in matrix.headers if any(row.header == header for row in rows)]
        page = replace(matrix, rows=rows, headers=headers)
        pages[f"{name}.html"] = render_html(
            page, title=f"World compatibility matrix: {title}", rules_at=_RULES_AT
        )
        links.append(f"- [{escape(title, 80)}]({name}.html)")
    if runtimes is not None:
        pages["runtimes.html"] = render_runtimes(runtimes)
        pages["runtimes.md"] = render_runtimes_table(runtimes)
        links.append("- [releases of the runtime](runtimes.html) ([table](runtimes.md))")
    how = "Each page opens a cell to what broke, where in the package, and the command that shows it again:"
    text = ["# The published matrix", "", how, "", *links, "", render_table(matrix)]
    return {"README.md": "\n".join(text)} | pages


def with_table(text: str, matrix: Matrix) -> str:
    """A page whose lines between ``<!-- matrix -->`` and ``<!-- end of matrix -->`` are the table of today.

    The table has the levels ``storage`` and ``runtime``, the latter with the newest pinned 4.x. Raises
    :class:`ConformanceError` for a page without these lines.
    """
    shown = {("storage", ""), ("runtime", default())}
    rows = [row for row in matrix.rows if (row.key.level, row.key.runtime) in shown]
    headers = [header for header in matrix.headers if any(row.header == header for row in rows)]
    table = render_marks(replace(matrix, rows=rows, headers=headers))
    made, count = _BETWEEN.subn(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)
    if count != 1:
        raise ConformanceError(
            "The page has no place for the table.",
            "Put <!-- matrix --> and <!-- end of matrix --> into it, once.",
        )
    return made
