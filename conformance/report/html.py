"""The matrix as one self-contained HTML file. A pure function of the matrix.

Everything is rendered here, so that the page reads and prints with no script at all; the script adds
filters, the drawer and keys. All text goes through autoescape, the page allows no network and no script
but its own (a content security policy with its hash), and its size is bounded: when it would grow past
:data:`SIZE_LIMIT`, the page shows less of the evidence, and says so.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from conformance.record.lines import CHECKS
from conformance.report.compare import compare
from conformance.report.matrix import Matrix
from conformance.report.queues import SIGNS, queue_tables
from conformance.report.templates import environment, template_text
from conformance.report.trend import Series
from conformance.report.view import Limits, groups_of, rules_of
from conformance.report.words import (
    CHECK_WORDS,
    DEFECTS,
    STATE_WORDS,
)

#: The page is kept below this, in bytes.
SIZE_LIMIT: Final = 7_900_000


#: Tried in this order, until the page is small enough.
LIMITS: Final = (
    Limits(400, 60, 20, 40, 800, variants=True),
    Limits(48, 60, 20, 40, 800),
    Limits(24, 20, 8, 10, 300),
    Limits(14, 8, 3, 3, 160),
    Limits(0, 0, 1, 1, 120),
)

#: A page so many times too big does not come down to size in one step of the limits.
_HOPELESS: Final = 2.5


def render_html(
    matrix: Matrix,
    *,
    previous: Matrix | None = None,
    series: list[Series] | None = None,
    title: str = "World compatibility matrix",
    rules_at: str = "",
) -> str:
    """The page. ``previous`` is what changes are shown against, ``series`` the history at its foot.

    ``rules_at`` is the address of the folder with the pages of the rules; without one no rule is linked.
    """
    page, size = "", 0
    for number, limits in enumerate(LIMITS):
        last = number == len(LIMITS) - 1
        if not last and size > _HOPELESS * SIZE_LIMIT:  # the next step would not be enough: save the time
            size //= 2
            continue
        page = _render(matrix, previous, series or [], title, limits, rules_at)
        size = len(page.encode())
        if size <= SIZE_LIMIT:
            break
    return page


def _render(
    matrix: Matrix,
    previous: Matrix | None,
    series: list[Series],
    title: str,
    limits: Limits,
    rules_at: str,
) -> str:
    changes = compare(previous, matrix).changes if previous is not None else []
    groups = groups_of(matrix, changes, limits)
    script = template_text("page.js")
    failures = sum(mark.state == "fail" for _, _, mark in matrix.marks)
    return environment().get_template("page.html.j2").render(
        title=title,
        rules_at=rules_at,
        matrix=matrix,
        groups=groups,
        queues=queue_tables(matrix),
        queue_signs=SIGNS,
        cells=[cell for group in groups for row in group.rows for cell in row.cells if cell.marks],
        scenarios=matrix.scenarios,
        checks=CHECKS,
        check_words=CHECK_WORDS,
        state_words=STATE_WORDS,
        defects=DEFECTS,
        levels=list(dict.fromkeys(row.key.level for row in matrix.scenario_rows)),
        runtimes=[name for name in dict.fromkeys(row.key.runtime for row in matrix.scenario_rows) if name],
        rules=_rules(matrix),
        rule_words=matrix.rules,
        failures=failures,
        worlds=len({row.key.world for row in matrix.rows}),
        changes=[change for change in changes if change.kind in ("broken", "fixed", "unjudged")],
        series=[one for one in series if len(one.points) > 1],
        tight=limits is not LIMITS[0],
        style=template_text("page.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


def _rules(matrix: Matrix) -> list[str]:
    return sorted(
        {
            rule
            for row in matrix.scenario_rows
            for mark in row.marks
            for one in mark.judged
            for rule in rules_of(one.verdict)
        }
    )
