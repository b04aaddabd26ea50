"""``report``: merge records, look at them, compare them, follow them over time."""

from __future__ import annotations

import click

from conformance.cli import _report_compare, _report_merge, _report_show


@click.group(name="report")
def group() -> None:
    """Merge records into reports, compare them, follow them over time."""


for _part in (_report_merge, _report_show, _report_compare):
    for _command in [one for one in vars(_part).values() if isinstance(one, click.Command)]:
        group.add_command(_command)
