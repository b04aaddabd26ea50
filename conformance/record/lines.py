"""The lines of a record, as data. One struct a kind of line; ``kind`` tells them apart.

The JSON Schema of these is published as ``reports/schema/record-1.json`` (a test keeps them equal).
A field is only ever added, with a default; a change of meaning makes a new :data:`SCHEMA` number.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

#: The version of the lines in this file, written in every header.
SCHEMA: Final = 1

Check = Literal["convergence", "continuation", "logs"]
Outcome = Literal["pass", "fail", "inconclusive", "unsupported"]
QueuePart = Literal["queue", "natural"]
QueueOutcome = Literal["pass", "fail", "inconclusive", "unsupported", "not-shown"]
Severity = Literal["must", "should"]
LaneKind = Literal["call", "gate", "answer", "queue", "body", "log", "fault"]
LogLevel = Literal["debug", "info", "warn", "error"]

CHECKS: Final[tuple[Check, ...]] = ("convergence", "continuation", "logs")
LEVELS: Final[tuple[str, ...]] = ("storage", "handlers", "runtime")


class LaneItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One trace entry on one lane: ``at`` is its place in the order of all trace entries (no unit).

    ``where`` is ``file:line`` inside the world's package. A ``call`` and the ``answer`` that ends it
    share ``label``.
    """

    lane: str
    at: int
    label: str
    kind: LaneKind
    where: str | None = None
    text: str = ""


class EventLine(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One event of the log as the suite read it; ``offending`` when a broken rule is about it."""

    id: str
    type: str
    correlation_id: str | None = None
    at: str | None = None
    data: Any = None
    offending: bool = False


class ErrorLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An operation that was refused, as it reached the caller."""

    lane: str
    op: str
    name: str
    status: int | None = None
    message: str = ""


class LogText(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line the world, the handlers or the queue logged."""

    lane: str
    level: LogLevel
    origin: str
    text: str


class Logged(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line that was logged in the schedules of a variant, without ids and numbers, and in how many of them.

    ``by_design``: it reports what the workflow of the scenario threw where it should.
    """

    level: LogLevel
    origin: str
    text: str
    times: int
    by_design: bool = False


class Evidence(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What shows a failure: the smallest case and schedule found, and all that happened under it.

    ``window`` is the stretch of ``at`` in which the race was lost (first and last, inclusive); when
    it is absent the reports work it out of the calls that overlap (:mod:`conformance.report.lanes`).
    ``names`` are the short names of ids (``{"step_01KE…": "step1"}``), those that the reason uses.
    ``dropped`` counts what was left out of a list because it was too long: ``{"logs": 9800}``.
    """

    case: dict[str, Any] = {}
    schedule: str = ""
    lanes: list[LaneItem] = []
    events: list[EventLine] = []
    errors: list[ErrorLine] = []
    logs: list[LogText] = []
    replay: str = ""
    window: tuple[int, int] | None = None
    names: dict[str, str] = {}
    dropped: dict[str, int] = {}


class Finding(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something a world should do better that did not turn the check red.

    ``drawn``: only drawn cases showed it; with another seed it may go unseen.
    """

    rules: list[str]
    reason: str
    defect: str = ""
    replayed: str = ""
    drawn: bool = False
    evidence: Evidence | None = None


class Service(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What stood behind the world. ``how``: ``url``, ``docker``, ``embedded``, ``path`` …"""

    kind: str
    version: str = ""
    how: str = ""
    url: str = ""


class Planned(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """A test the run was going to do, so that a killed run can say what it did not judge."""

    level: str
    scenario: int
    runtime: str = ""
    variant: str = ""


class Header(msgspec.Struct, kw_only=True, tag="header", tag_field="kind"):
    """The first line of a run. Shards of one run share ``run``; ``started`` is ISO 8601 in UTC.

    ``budget`` is what the run was given, as a person would say it (``500 schedules, 60 s``).
    ``rules`` says each rule that verdicts may name in one sentence, so that a report needs no other source.
    """

    suite: str
    started: str
    schema: int = SCHEMA
    run: str = ""
    shard: str = ""
    seed: int = 0
    budget: str = ""
    python: str = ""
    node: str = ""
    platform: str = ""
    git: str = ""
    command: str = ""
    rules: dict[str, str] = {}


class WorldLine(msgspec.Struct, kw_only=True, tag="world", tag_field="kind"):
    """A world that takes part in this run. ``runtime`` as in its verdicts (empty below that level).

    ``notes``: what a reader of its verdicts should know, in sentences.
    """

    world: str
    implementation: str = "package"
    package: str = ""
    version: str = ""
    service: Service | None = None
    runtime: str = ""
    planned: list[Planned] = []
    notes: list[str] = []


class Verdict(msgspec.Struct, kw_only=True, tag="verdict", tag_field="kind"):
    """The verdict of one check on one variant of one scenario (1-8).

    ``severity`` of a failure: ``must`` turns the cell red, ``should`` leaves it green with a note.
    ``schedules`` is how many were run, ``distinct`` how many of them differ, ``exhausted`` whether
    they are all there are within ``bound``. ``replayed`` is ``n/N``. ``reason`` is one sentence.
    ``control`` is how the same case went with no race; ``test`` is the test id. ``faults`` counts
    the faults that happened, by kind. ``logged`` stands in the verdicts of the logs, passed
    or not: all that was logged, the worst first. ``also`` are rules that only drawn cases broke
    beside ``rules``: with another seed they may go unseen.
    """

    world: str
    level: str
    scenario: int
    check: Check
    verdict: Outcome
    implementation: str = "package"
    version: str = ""
    runtime: str = ""
    variant: str = ""
    severity: Severity = "must"
    rules: list[str] = []
    defect: str = ""
    schedules: int = 0
    distinct: int = 0
    exhausted: bool = False
    bound: str = ""
    replayed: str = ""
    seconds: float = 0.0
    reason: str = ""
    control: str = ""
    test: str = ""
    evidence: Evidence | None = None
    shoulds: list[Finding] = []
    logged: list[Logged] = []
    also: list[str] = []
    faults: dict[str, int] = {}

    @property
    def red(self) -> bool:
        """Whether this turns its cell red."""
        return self.verdict == "fail" and self.severity == "must"


class QueueVerdict(msgspec.Struct, kw_only=True, omit_defaults=True, tag="queue", tag_field="kind"):
    """What a probe of a world's own queue, or a stress race over it, says about one rule.

    ``part``: ``queue`` (``name`` is the probe) or ``stress`` (``name`` is the workflow, ``runtime`` the
    release that ran it). ``shown`` of ``runs``: how often the defect was seen, of how many messages, keys
    or workflow runs. ``not-shown`` is a stress race that showed nothing, which proves nothing; it names
    no rule. ``timeline`` is what happened, line by line, for a failure.
    """

    world: str
    part: QueuePart
    name: str
    verdict: QueueOutcome
    rule: str = ""
    severity: Severity = "must"
    implementation: str = "package"
    version: str = ""
    runtime: str = ""
    defect: str = ""
    reason: str = ""
    shown: int = 0
    runs: int = 0
    hosts: int = 0
    seconds: float = 0.0
    test: str = ""
    timeline: list[str] = []

    @property
    def red(self) -> bool:
        """Whether it fails a test that is asked for musts."""
        return self.verdict == "fail" and self.severity == "must"


class Failure(msgspec.Struct, kw_only=True, tag="failure", tag_field="kind"):
    """A failure on its own, in a file that replays it: the world, and the verdict with its evidence."""

    suite: str
    world: WorldLine
    verdict: Verdict
    schema: int = SCHEMA
    seed: int = 0


class Footer(msgspec.Struct, kw_only=True, tag="footer", tag_field="kind"):
    """The last line of a run that came to its end. ``counts`` by outcome; ``exit`` as a process status."""

    finished: str
    counts: dict[str, int] = {}
    exit: int = 0


Line = Header | WorldLine | Verdict | QueueVerdict | Failure | Footer
