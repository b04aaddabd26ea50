"""The text of an issue about a captured failure: that of ``report issue``, with the script in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from conformance.provision.open import OpenWorld
from conformance.provision.services.service import Service
from conformance.record.again import Again
from conformance.record.convert import convert
from conformance.record.file import Record, Run, WorldLine
from conformance.record.file import Service as ServiceLine
from conformance.record.header import new_header
from conformance.record.lines import Verdict
from conformance.record.provenance import Provenance
from conformance.record.safe import for_reading, for_record
from conformance.report.issue import issues
from conformance.report.matrix import build
from conformance.repro.capture import Captured
from conformance.spec.rules import RULES

#: What a code host takes as one issue, in characters: 65,536.
_LONGEST: Final = 65_500


def issue_text(
    captured: Captured, opened: OpenWorld, service: Service | None, force: str = ""
) -> tuple[Callable[[str], str], str]:
    """``(text, command)``: from the script to the issue, and the command that replays the failure."""
    code = opened.code
    verdicts = seen(captured, opened, force)
    world = WorldLine(
        world=code.target.world,
        implementation=code.implementation,
        package=code.name,
        version=code.version,
        service=None
        if service is None
        else ServiceLine(kind=service.kind, version=service.version, how=service.how, url=service.shown),
    )
    header = new_header()
    header.rules = {name: rule.title for name, rule in RULES.items()}
    matrix = build(Record([Run(header, [world], verdicts)]))
    [(title, body)] = issues(matrix)
    shown = next((one for one in verdicts if one.evidence is not None and one.evidence.replay), None)
    command = shown.evidence.replay if shown is not None and shown.evidence is not None else ""

    def whole(script: str) -> str:
        head = f"# {title}\n\n{body}\n"
        return head + _as_script(script, f"{code.name}@{code.version}", _LONGEST - len(head))

    return whole, command


def seen(captured: Captured, opened: OpenWorld, force: str = "") -> list[Verdict]:
    """The checks that failed, as lines that were read from a record: they name no folder of this machine."""
    context = Provenance(
        opened.code.target,
        opened.code,
        captured.scenario,
        captured.variant.level,
        captured.variant.name,
        captured.scenario.id,
        opened.namespace,
        opened.plan.runtime,
        again=Again(force),  # an address is that of whoever exported it
    )
    written = (for_record(convert(verdict, context)) for verdict in captured.failed)
    return [for_reading(msgspec.convert(line, Verdict)) for line in written]


def _as_script(script: str, package: str, room: int) -> str:
    said = f"### As a script\n\nIt needs only the package: `npm i {package}`, then `node repro.mjs`.\n"
    fence = "````"
    folded = f"<details><summary>repro.mjs</summary>\n\n{fence}js\n{script}{fence}\n\n</details>\n"
    if len(said) + len(folded) > room:
        return f"{said}\n(It is attached; it is too long for this text.)\n"
    return f"{said}\n{folded}"
