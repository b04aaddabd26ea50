"""The run before: what a record of several runs says changed last."""

from __future__ import annotations

from conformance.record.runs import Record, Run
from conformance.report.matrix import Matrix, build


def before_last(record: Record) -> Matrix | None:
    """The matrix without each world's last run, or None when no world was judged twice."""
    last: dict[str, str] = {}
    for run in record.runs:
        for verdict in run.verdicts:
            last[verdict.world] = run.name
    earlier: list[Run] = []
    for run in record.runs:
        verdicts = [verdict for verdict in run.verdicts if last[verdict.world] != run.name]
        if verdicts:
            worlds = {verdict.world for verdict in verdicts}
            lines = [line for line in run.worlds if line.world in worlds]
            earlier.append(Run(run.header, lines, verdicts, run.footer, source=run.source))
    return build(Record(earlier)) if earlier else None
