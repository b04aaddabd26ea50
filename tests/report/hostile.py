"""A record in which every text is out to do harm: markup, escapes, credentials, mentions, and sheer size."""

from __future__ import annotations

from typing import Any

from conformance.record.file import ErrorLine, EventLine, LaneItem, LogText, Record
from tests.report import factory

#: Must never reach a reader.
SECRET = "hunter2hunter2"
TEXT = (
    "<script>window.owned=1</script><img src=x onerror='window.owned=2'>\"'`</script><!--]]>"
    "\x1b[2J\x1b]0;owned\x07\x00\u202e {{7*7}} ${7*7} {% raw %} | @everyone #1 [x](javascript:owned) "
    f"redis://user:{SECRET}@host/0?password={SECRET} ``` </details>"
)


def record() -> Record:
    """One failing cell whose every field is :data:`TEXT`, with 10 MB of log."""
    evidence = factory.evidence(
        case={TEXT: TEXT, "deep": [[[TEXT]]]},
        schedule=TEXT,
        lanes=[
            LaneItem(lane=lane, at=at, label=TEXT, kind="gate", where=f"{TEXT}:1", text=TEXT)
            for at, lane in enumerate(["A", TEXT, "A", TEXT])
        ],
        events=[EventLine(id=TEXT, type=TEXT, correlation_id=TEXT, at=TEXT, data={TEXT: 1}, offending=True)],
        errors=[ErrorLine(lane=TEXT, op=TEXT, name=TEXT, message=TEXT * 1_000)],
        logs=[LogText(lane="A", level="error", origin=TEXT, text=TEXT + "x" * 10_000_000)],
        replay=TEXT,
    )  # fmt: skip
    note = factory.finding(rules=[TEXT], reason=TEXT)
    names = "world version runtime variant defect reason bound replayed control test"
    everything: dict[str, Any] = dict.fromkeys(names.split(), TEXT)
    verdict = factory.failed(6, rules=[TEXT], evidence=evidence, shoulds=[note], **everything)
    line = factory.world(
        TEXT, version=TEXT, package=TEXT, service=factory.service(kind=TEXT, version=TEXT, how=TEXT)
    )
    header = factory.header(suite=TEXT, budget=TEXT, node=TEXT, platform=TEXT, rules={TEXT: TEXT})
    return Record([factory.run([verdict], header=header, worlds=[line], problems=[TEXT])])
