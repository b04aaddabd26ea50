"""Why a rule is a must or a should, played: logs that break it, and what the runtime makes of them.

``python -m conformance.spec.severity > docs/severity.md`` writes the page. A test replays each log with the
real ``@workflow/core``. The flows are those of :mod:`conformance.handlers.workflows`.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from conformance.spec.rules import RULES

#: The release that replays the logs.
RELEASE: Final = "4.8.9"
#: ``[type, number of the call site, data]``
Entry = list[Any]
#: ``dies``: a ReplayDivergenceError, which ends the run once it has come back a few times.
Harm = Literal["dies", "goes on"]


class Played(NamedTuple):
    """A log that breaks a rule: what is wrong with it, and what a replay by the runtime comes to."""

    rule: str
    about: str
    workflow: str
    arguments: list[Any]
    log: list[Entry]
    harm: Harm


_RUN: Final[list[Entry]] = [["run_created", None, {}], ["run_started", None, {}]]
_HOOK: Final[list[Entry]] = [["hook_created", 0, {"token": "t"}]]
_GONE: Final[list[Entry]] = [["hook_disposed", 0, {"token": "t"}]]
_PAID: Final[list[Entry]] = [["hook_received", 0, {"token": "t", "payload": 1}]]
_WAIT: Final[list[Entry]] = [
    ["wait_created", 0, {"resumeAt": 1_700_000_001_000}],
    ["wait_completed", 0, {"resumeAt": 1_700_000_001_000}],
]


def _step(site: int, name: str = "work") -> list[Entry]:
    """A step from its creation to its end."""
    return [
        ["step_created", site, {"stepName": name}],
        ["step_started", site, {"stepName": name}],
        ["step_completed", site, {"stepName": name, "result": site}],
    ]


_FIRST: Final = _step(0)


def _steps(rule: str, about: str, log: list[Entry], harm: Harm) -> Played:
    """Two steps, one after the other; the second is as it should be."""
    return Played(rule, about, "sequence", [2, "x"], [*_RUN, *log, *_step(1)], harm)


def _sleep(rule: str, about: str, log: list[Entry], harm: Harm) -> Played:
    return Played(rule, about, "sleep_then_step", [1000], [*_RUN, *log, *_step(1)], harm)


def _hook(rule: str, about: str, log: list[Entry], harm: Harm) -> Played:
    """A hook is raced with a step and disposed of, then one more step runs."""
    whole = [*_RUN, *_HOOK, *_step(1), *log, *_step(2, "last")]
    return Played(rule, about, "hook_or_step", ["t"], whole, harm)


PLAYED: Final = (
    _steps("run.started-event-once", "two `run_started`", [_RUN[1], *_FIRST], "goes on"),
    _steps(
        "step.created-once", "`step_created` again after the end of the step", [*_FIRST, _FIRST[0]], "dies"
    ),
    _steps("step.terminal-once", "two `step_completed`", [*_FIRST, _FIRST[2]], "dies"),
    _steps(
        "step.terminal-once",
        "`step_failed` after `step_completed`",
        [*_FIRST, ["step_failed", 0, {}]],
        "dies",
    ),
    _steps("log.replays", "`step_started` after `step_completed`", [*_FIRST, _FIRST[1]], "dies"),
    _steps(
        "log.replays", "`step_retrying` after `step_completed`", [*_FIRST, ["step_retrying", 0, {}]], "dies"
    ),
    _steps("log.agrees-with-answers", "no `step_completed`, though it was answered", _FIRST[:2], "dies"),
    _sleep("wait.completed-once", "two `wait_completed`", [*_WAIT, _WAIT[1]], "dies"),
    _sleep("wait.exists", "`wait_completed` and no `wait_created`", _WAIT[1:], "dies"),
    _hook("hook.received-alive", "`hook_received` after `hook_disposed`", [*_GONE, *_PAID], "dies"),
    _hook("hook.disposed-once", "two `hook_disposed`", [*_GONE, *_GONE], "dies"),
    _hook(
        "log.replays",
        "`hook_disposed` listed before a `hook_received` that came first",
        [*_GONE, *_PAID],
        "dies",
    ),
    Played(
        "log.order",
        "a hook listed after a step that was created later",
        "hook_or_step",
        ["t"],
        [*_RUN, _step(1)[0], *_HOOK, *_step(1)[1:], *_GONE, *_step(2, "last")],
        "goes on",
    ),
)

#: What a replay makes of a log that lacks the event of something stored. ``asks again``: it wants the same
#: created or completed once more.
Left = Literal["dies", "goes on", "asks again"]


class HalfDone(NamedTuple):
    """A log in which one event is missing, for its writer died between the entity and the event.

    ``level`` says what the suite makes of it, and why.
    """

    missing: str
    workflow: str
    arguments: list[Any]
    log: list[Entry]
    left: Left
    level: str


_OLD: Final = "must: the World refuses it, as it is there, and the run asks for ever (vercel/workflow#4210)"
HALF_DONE: Final = (
    HalfDone(
        "`run_created`",
        "sequence",
        [2, "x"],
        [_RUN[1], *_FIRST, *_step(1)],
        "goes on",
        "4.x: no rule breaks. 5.x: must (`log.slots`): the first position is empty (vercel/workflow#3656)",
    ),
    HalfDone(
        "`step_created`, before the step ran",
        "sequence",
        [2, "x"],
        [*_RUN],
        "asks again",
        "4.x: the handler takes the refusal for done and queues the step, which runs, as in the next line. "
        "5.x: must (`log.repeat-needs-event`), for the start that creates the step is refused for ever "
        "(vercel/workflow#3081)",
    ),
    HalfDone(
        "`step_created`, and the step ran",
        "sequence",
        [2, "x"],
        [*_RUN, *_FIRST[1:], *_step(1)],
        "goes on",
        "4.x: nothing is lost, and `log.repeat-needs-event` says that the creation was refused with no event",
    ),
    HalfDone(
        "`hook_created`, and a payload came",
        "hook_or_step",
        ["t"],
        [*_RUN, *_step(1), *_PAID, *_GONE, *_step(2, "last")],
        "goes on",
        "must by `log.repeat-needs-event`: until a payload comes every replay asks for the hook again",
    ),
    HalfDone(
        "`hook_disposed`",
        "hook_or_step",
        ["t"],
        [*_RUN, *_HOOK, *_step(1), *_step(2, "last")],
        "goes on",
        "should (`log.order`), where it comes late: the disposal that is asked for again is refused as done",
    ),
    HalfDone(
        "`wait_created`, and the wait was completed",
        "sleep_then_step",
        [1000],
        [*_RUN, _WAIT[1], *_step(1)],
        "dies",
        "must (`log.replays`)",
    ),
    HalfDone("`wait_completed`", "sleep_then_step", [1000], [*_RUN, _WAIT[0]], "asks again", _OLD),
    HalfDone(
        "`step_completed`, of the last step",
        "sequence",
        [1, "x"],
        [*_RUN, *_FIRST[:2]],
        "asks again",
        _OLD.partition(" (")[0] + " (`log.repeat-needs-event`)",
    ),
)

_HEAD: Final = f"""\
# Why a rule is a must

<!-- Generated by: python -m conformance.spec.severity > docs/severity.md -->

A *must* loses, doubles or strands work, or shows users an error. Here rules are broken in a log, and the log
is replayed by `@workflow/core` {RELEASE}. *dies*: a `ReplayDivergenceError`, which fails the run when it has
come back a few times. A test replays each of these logs with the real runtime.

| rule | level | in the log | the run |
|---|---|---|---|
"""
_HALF: Final = f"""
## What is half done

A caller dies between the entity and its event. The log lacks the event, and `@workflow/core` {RELEASE}
replays it. *asks again*: it wants the same created or completed once more. The last column says what becomes
of the run.

| missing | the replay | level |
|---|---|---|
"""
_REST: Final = """
A rule that is not in this table is not shown by a log alone. What a refusal does to a handler is in
`conformance/spec/taken.py`. What a broken rule does to a run at level `handlers` is in the list of
[mutants](mutants.md): a run that hangs, a body that runs twice, a delivery that fails.
"""


def document() -> str:
    """The page, in Markdown."""
    rows = [
        f"| `{one.rule}` | {RULES[one.rule].severity} | {one.about} | {one.harm} |"
        for one in sorted(PLAYED, key=lambda one: list(RULES).index(one.rule))
    ]
    half = [f"| {one.missing} | {one.left} | {one.level} |" for one in HALF_DONE]
    return _HEAD + "\n".join(rows) + "\n" + _HALF + "\n".join(half) + "\n" + _REST


if __name__ == "__main__":
    print(document(), end="")
