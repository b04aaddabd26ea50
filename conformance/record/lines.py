"""The lines of a record, as data. One struct a kind of line; ``kind`` tells them apart.

The JSON Schema of these is published as ``reports/schema/record-2.json`` (a test keeps them equal).
A field is only ever added, with a default; a change of meaning makes a new :data:`SCHEMA` number. Lines
of older records are in :mod:`conformance.record.older`. A line that is read is checked against the bounds
that its types give: numbers from outside may be any.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

#: The version of the lines in this file, written in every header.
SCHEMA: Final = 2

#: ``delivery`` is the check of a World's own queue, the other three are those of a scenario.
Check = Literal["convergence", "continuation", "logs", "delivery"]
#: ``not-shown``: an ordinary run over a real queue showed no defect, which proves nothing.
Outcome = Literal["pass", "fail", "inconclusive", "unsupported", "not-shown"]
Severity = Literal["must", "should"]
Fault = Literal["", "world", "runtime", "both"]
#: ``pass``: every conflict was seen both ways and bound 1 is complete. ``deep``: bound 2 is, or all orders
#: were tried. ``shallow``: less. With faults ``pass`` is every place for one. Empty: not searched.
Depth = Literal["", "shallow", "pass", "deep"]
LaneKind = Literal["call", "gate", "answer", "queue", "body", "log", "fault"]
LaneAccess = Literal["", "read", "write", "unknown"]
LogLevel = Literal["debug", "info", "warn", "error"]

#: The largest number of a record: what every JSON reader holds exactly.
LARGEST: Final = 2**53 - 1
#: The largest scenario number.
LAST_SCENARIO: Final = 999

Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Number = Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
#: The most entries of what is read whole; reports cut no such list.
MANY: Final = 2_000
_MANY: Final = msgspec.Meta(max_length=MANY)
Counts = Annotated[dict[str, Count], _MANY]

#: The name of a probe, or of a workflow over a queue; empty where a scenario is judged.
ProbeName = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z][A-Za-z0-9_.-]{0,60})?(?!\n)$")]
#: The word for a level.
LevelName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,30}(?!\n)$")]
#: The number of a scenario; a line about a queue has none, and holds 0.
ScenarioNumber = Annotated[int, msgspec.Meta(ge=0, le=LAST_SCENARIO)]

#: The checks of a scenario.
CHECKS: Final[tuple[Check, ...]] = ("convergence", "continuation", "logs")
#: The check of a World's own queue.
QUEUE_CHECK: Final[Check] = "delivery"
#: The levels of scenarios.
LEVELS: Final[tuple[str, ...]] = ("storage", "handlers", "runtime")
#: The levels of real queues: probes, and ordinary runs of workflows.
QUEUE_LEVELS: Final[tuple[str, ...]] = ("queue", "natural")


def level_rank(level: str) -> int:
    """Where a level stands in a list; one that this suite does not know stands last."""
    order = (*LEVELS, *QUEUE_LEVELS)
    return order.index(level) if level in order else len(order)


class LaneItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One trace entry on one lane: ``at`` is its place in the order of all trace entries (no unit).

    ``where`` is ``file:line`` of the source of the world's package, ``compiled`` the same in the file that
    runs, where a source map told the line. ``frames`` are all lines of the package that led there, the
    innermost first; empty when ``where`` is the only one. ``access`` is what a ``gate`` does: ``read``,
    ``write`` or ``unknown``, and empty in older records. A ``call`` and the ``answer`` that ends it share
    ``label``.
    """

    lane: str
    at: Number
    label: str
    kind: LaneKind
    where: str | None = None
    text: str = ""
    compiled: str = ""
    frames: Annotated[list[str], msgspec.Meta(max_length=8)] = []
    access: LaneAccess = ""


class EventLine(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One event of the log as the suite read it; ``offending`` when a broken rule is about it.

    ``run`` names its run where the logs of several were read.
    """

    id: str
    type: str
    run: str = ""
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
    times: Count
    by_design: bool = False


class Evidence(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What shows a failure: the smallest case and schedule found, and all that happened under it.

    ``window`` is the stretch of ``at`` in which the race was lost (first and last, inclusive); when
    it is absent the reports work it out of the calls that overlap (:mod:`conformance.report.lanes`).
    ``replay`` is the command that plays this very schedule again, ``search`` the one that looks for it
    again; neither holds a secret.
    ``names`` are the short names of ids (``{"step_01KE…": "step1"}``), those that the reason uses.
    ``dropped`` counts what was left out of a list because it was too long: ``{"logs": 9800}``.
    ``timeline`` is what happened over a real queue, line by line, where no schedule was held.
    """

    case: dict[str, Any] = {}
    schedule: str = ""
    lanes: list[LaneItem] = []
    events: list[EventLine] = []
    errors: list[ErrorLine] = []
    logs: list[LogText] = []
    replay: str = ""
    search: str = ""
    window: tuple[Number, Number] | None = None
    names: dict[str, str] = {}
    dropped: Counts = {}
    timeline: list[str] = []


class FindingLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A rule that is broken: in a failure, or as something a world should do better that is not red.

    ``drawn``: only generated cases showed it; it is seed-dependent. ``calls`` are the calls that it is about,
    by their ``at`` among the lanes: the offending one first, then those that make it wrong. ``follows`` is
    the rule whose break it follows from in the same schedule, and ``follows_in`` the check that the rule
    belongs to, where that is another one. Without evidence of its own, a finding of a
    failure is shown by the evidence of the verdict.
    """

    rules: list[str]
    reason: str
    defect: str = ""
    replayed: str = ""
    drawn: bool = False
    evidence: Evidence | None = None
    follows: str = ""
    follows_in: Check | Literal[""] = ""
    calls: Annotated[list[Number], _MANY] = []


class Service(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What stood behind the world. ``how``: ``url``, ``docker``, ``embedded``, ``path`` …"""

    kind: str
    version: str = ""
    how: str = ""
    url: str = ""


def _no_scenario() -> int:
    """What a line holds, until it is checked, that gives no scenario: 0 is the number of one."""
    return -1


def _check_subject(line: Planned | Verdict) -> None:
    """Raise ``ValueError`` unless a probe is named at the levels of queues, and a scenario at all others."""
    given = line.scenario != _no_scenario()
    if bool(line.probe) != (line.level in QUEUE_LEVELS) or (line.scenario > 0 if line.probe else not given):
        scenario = f"scenario {line.scenario}" if given else "no scenario"
        raise ValueError(
            f"level {line.level} with {scenario} and probe {line.probe!r}: one of the two is judged"
        )
    if not given:
        msgspec.structs.force_setattr(line, "scenario", 0)


class ScenarioName(msgspec.Struct, frozen=True):
    """How reports name a scenario: ``name`` heads its column, ``about`` says what races."""

    name: str
    about: str


class Planned(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """A test the run was going to do, so that a killed run can say what it did not judge.

    ``scenario`` is 0 or not given where ``probe`` names a probe of a queue, or a workflow over one.
    """

    level: LevelName
    scenario: ScenarioNumber = msgspec.field(default_factory=_no_scenario)
    runtime: str = ""
    variant: str = ""
    probe: ProbeName = ""

    def __post_init__(self) -> None:
        _check_subject(self)

    @property
    def subject(self) -> int | str:
        """What is judged: the number of a scenario, or the name of a probe."""
        return self.probe or self.scenario


class Header(msgspec.Struct, kw_only=True, tag="header", tag_field="kind"):
    """The first line of a run. Shards of one run share ``run``; ``started`` is ISO 8601 in UTC.

    ``budget`` is what the run was given, as a person would say it (``500 schedules, 60 s``).
    ``rules`` says each rule that verdicts may name in one sentence, and ``scenarios`` names each scenario by
    its number, so that a report needs no other source.
    """

    suite: str
    started: str
    schema: Count = SCHEMA
    run: str = ""
    shard: str = ""
    seed: Number = 0
    budget: str = ""
    python: str = ""
    node: str = ""
    platform: str = ""
    git: str = ""
    command: str = ""
    rules: dict[str, str] = {}
    scenarios: Annotated[dict[ScenarioNumber, ScenarioName], _MANY] = {}


class WorldLine(msgspec.Struct, kw_only=True, tag="world", tag_field="kind"):
    """A world that takes part in this run. ``runtime`` as in its verdicts (empty below that level).

    ``notes``: what a reader of its verdicts should know, in sentences. ``asked`` are the options of pytest
    that name it again, without secrets; ``seal`` tells the suite whether it wrote them on this machine.
    """

    world: str
    implementation: str = "package"
    package: str = ""
    version: str = ""
    service: Service | None = None
    runtime: str = ""
    planned: Annotated[list[Planned], _MANY] = []
    notes: list[str] = []
    asked: list[str] = []
    seal: str = ""


class Verdict(msgspec.Struct, kw_only=True, tag="verdict", tag_field="kind"):
    """The verdict of one check on one variant of one scenario, or of one rule of a World's own queue.

    A queue is judged at level ``queue`` (``probe`` names the probe) or ``stress`` (``probe`` names the
    workflow, ``runtime`` the release that ran it), by the check ``delivery``, and has no
    scenario (0, or not given).
    ``rules`` is then the rule that was judged, whatever the verdict. ``shown`` of ``runs`` is how often the
    defect was seen, of how many messages, keys or workflow runs; ``hosts`` counts the processes.

    ``severity`` of a failure: ``must`` turns the cell red, ``should`` leaves it green with a note.
    ``schedules`` is how many were run, ``distinct`` how many of them differ, ``exhausted`` whether
    they are all there are within ``bound``. ``replayed`` is ``n/N``. ``reason`` is one sentence.
    ``control`` is how the same case went with no race; ``test`` is the test id. ``faults`` counts
    the faults that happened, by kind. ``logged`` stands in the verdicts of the logs, passed
    or not: all that was logged, the worst first. ``also`` are rules that only generated cases broke
    beside ``rules``: with another seed they may go unseen. ``replay``: one schedule was played again,
    ``schedules`` times, and nothing else was tried; that is not a pass of a cell. ``broken`` holds a
    finding for each way in which a rule breaks: first what the evidence is about, then what else its schedule
    breaks, then what only other schedules do, each with its evidence.

    ``depth`` is how deep two actors were searched: ``both_ways`` of ``conflicts`` were seen in either order,
    in ``orders`` classes of schedules, the longest with ``gates`` operations; ``owed`` are conflicts that
    were seen in one order only, by site. With faults ``places_tried`` of ``places`` were tried, an operation
    or a delivery for each kind of fault. ``found_after`` is how many schedules were run when the rule broke
    that is shown (0: in the control, -1: nothing broke). ``fault`` says who broke a rule: the world, or the
    runtime over it, whose faults are among ``shoulds``.
    """

    world: str
    level: LevelName
    check: Check
    verdict: Outcome
    scenario: ScenarioNumber = msgspec.field(default_factory=_no_scenario)
    probe: ProbeName = ""
    implementation: str = "package"
    version: str = ""
    runtime: str = ""
    variant: str = ""
    severity: Severity = "must"
    rules: list[str] = []
    defect: str = ""
    schedules: Count = 0
    distinct: Count = 0
    exhausted: bool = False
    bound: str = ""
    replayed: str = ""
    seconds: Seconds = 0.0
    reason: str = ""
    control: str = ""
    test: str = ""
    evidence: Evidence | None = None
    shoulds: Annotated[list[FindingLine], _MANY] = []
    logged: Annotated[list[Logged], _MANY] = []
    also: list[str] = []
    faults: Counts = {}
    shown: Count = 0
    runs: Count = 0
    hosts: Count = 0
    replay: bool = False
    depth: Depth = ""
    conflicts: Count = 0
    both_ways: Count = 0
    orders: Count = 0
    gates: Count = 0
    owed: Annotated[list[str], _MANY] = []
    places: Count = 0
    places_tried: Count = 0
    found_after: Number = -1
    broken: Annotated[list[FindingLine], _MANY] = []
    fault: Fault = ""

    def __post_init__(self) -> None:
        _check_subject(self)
        if (self.check == QUEUE_CHECK) != bool(self.probe):
            raise ValueError(f"{QUEUE_CHECK} is the check of a probe, and of nothing else")

    @property
    def red(self) -> bool:
        """Whether this turns its cell red."""
        return self.verdict == "fail" and self.severity == "must"

    @property
    def subject(self) -> int | str:
        """What is judged: the number of a scenario, or the name of a probe."""
        return self.probe or self.scenario

    @property
    def shallow(self) -> bool:
        """Whether it passed, and not all was tried that a pass takes."""
        return self.verdict == "pass" and self.depth == "shallow"

    @property
    def detail(self) -> str:
        """What tells it from the other verdicts of its mark: the variant, or the rule of a queue."""
        return self.variant or (", ".join(self.rules) if self.probe else "")


class Failure(msgspec.Struct, kw_only=True, tag="failure", tag_field="kind"):
    """A failure on its own, in a file that replays it: the world, and the verdict with its evidence."""

    suite: str
    world: WorldLine
    verdict: Verdict
    schema: Count = SCHEMA
    seed: Number = 0


class Footer(msgspec.Struct, kw_only=True, tag="footer", tag_field="kind"):
    """The last line of a run that came to its end. ``counts`` by outcome; ``exit`` as a process status."""

    finished: str
    counts: Counts = {}
    exit: Number = 0


Line = Header | WorldLine | Verdict | Failure | Footer
