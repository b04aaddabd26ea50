"""One caller, every event in every state: what the judge of scenario 0 reaches, finds and shortens."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.drivers.driver import PLAIN, RacingActor, ScheduleOptions
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.mutants import MUTANTS, find_mutant
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.verdict import Verdict
from conformance.spec.machine import State
from conformance.spec.programs import MOST_ITEMS, covering, crowded, parse, rows_played, wide, write
from conformance.spec.reach import Move, reachable_rows, take
from conformance.spec.table import Outcome, Row, table
from conformance.spec.vocabulary import RUN_TERMINAL, Event, WorldError

_VARIANT = by_id("state_machine").at("storage")[0]
_COVER = Limits((), 0, 0, 0, replays=1)
#: until the first must breaks
_FIRST = replace(_COVER, shrinks=0, one=True)


def _convergence(driver: InProcessDriver, limits: Limits = _COVER) -> Verdict:
    return SequenceJudge(driver).judge(_VARIANT, limits)[0]


def test_the_programs_play_every_row_and_can_be_written_down() -> None:
    assert rows_played(covering()) == reachable_rows()
    assert rows_played(covering(creates=True), 5) >= reachable_rows(creates=True)
    for program in (*covering(), *crowded(), *wide()):
        assert parse(write(program)) == program


def test_a_right_world_passes_and_the_verdict_says_how_much_was_played() -> None:
    verdict = _convergence(InProcessDriver(), Limits((), 0, 20, 0))
    assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason
    assert f"{len(reachable_rows())} of {len(table(4))} rows" in verdict.evidence.bound
    assert verdict.evidence.generated >= 20


def test_with_one_it_ends_with_the_first_must_that_breaks() -> None:
    world = MUTANTS["step-appears"].world
    whole, first = (
        _convergence(InProcessDriver(world), replace(_COVER, shrinks=0, one=one)) for one in (False, True)
    )
    assert (whole.outcome, first.outcome) == ("fail", "fail")
    assert first.evidence.controls < whole.evidence.controls


def test_without_time_nothing_is_played_and_nothing_passes() -> None:
    verdict = _convergence(InProcessDriver(), replace(_COVER, seconds=-1.0))
    assert (verdict.outcome, verdict.reason) == ("inconclusive", "the time was up before anything was played")


class _Renewing(InProcessDriver):
    """Remembers how many schedules were played before the store was emptied, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.played = 0
        self.emptied: list[int] = []

    def reset(self, seed: int, history: History, options: ScheduleOptions = PLAIN) -> None:
        self.played += 1
        super().reset(seed, history, options)

    def renew(self) -> bool:
        self.emptied.append(self.played)
        return True


def test_long_lists_are_read_on_a_store_without_what_the_short_programs_left() -> None:
    driver = _Renewing()
    assert _convergence(driver, replace(_COVER, generated=5)).outcome == "pass"
    assert len(driver.emptied) == 2, "before the wide programs, and before the drawn ones"
    assert driver.emptied[0] >= len(covering())


class _Free(InProcessDriver):
    """Programs of one actor run with nothing held, as in hosts."""

    can_run_free = True

    def free(self, actors: list[RacingActor]) -> None:
        for actor in actors:
            self.alone(actor.coroutine)
            actor.ended()


def test_what_breaks_with_nothing_held_breaks_without_a_race() -> None:
    verdict = _convergence(_Free(MUTANTS["step-appears"].world))
    assert verdict.failure is not None
    assert (verdict.outcome, verdict.failure.found_by) == ("fail", "control")


def test_so_does_one_of_line_5() -> None:
    verdict = _convergence(InProcessDriver(NumberedWorld))
    assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason


@pytest.mark.parametrize(
    ("mutant", "program"),
    [
        ("input-lost", "run_created~step_created~steps.get"),
        ("step-appears", "run_created~step_started"),
        ("limit-ignored", "run_created~run_created-r1~run_started~events.list-l2-asc"),
    ],
)
def test_what_fails_is_shown_by_a_short_program_and_replayed(mutant: str, program: str) -> None:
    driver = InProcessDriver(MUTANTS[mutant].world)
    verdict = _convergence(driver)
    assert verdict.outcome == "fail"
    assert verdict.failure is not None
    assert len(parse(verdict.failure.case.program)) <= len(parse(program))
    assert verdict.defect in ("no-guard", "stored-wrong")
    [again, *_] = Judge(driver).replay(_VARIANT, verdict.failure.case, verdict.failure.played.token, 3)
    assert (again.outcome, again.rules) == ("fail", verdict.rules[:1])
    assert again.failure is not None
    assert again.failure.reproduced == 3


def test_what_is_refused_is_refused_beside_entities_that_could_take_it() -> None:
    for program in crowded():
        state = State()
        refused = [
            move for move in program if isinstance(move, Move) and take(state, move).outcomes[0].to is None
        ]
        assert {move.event for move in refused} >= {"step_started", "wait_completed", "hook_received"}
    live, *_ = crowded()
    case = Case(1, 0, program=write(live))
    for world, rules in ((MemoryWorld, ()), (MUTANTS["step-of-another"].world, ("step.terminal-once",))):
        [verdict, *_] = Judge(InProcessDriver(world)).replay(_VARIANT, case, "A", 1)
        assert verdict.rules == rules, verdict.reason


@pytest.mark.parametrize(
    ("mutant", "rule"),
    [("read-cached:runs-get", "data.kept"), ("read-cached:hooks-list", "hook.released-at-end")],
)
def test_each_read_is_made_before_runs_end_and_after(mutant: str, rule: str) -> None:
    verdict = _convergence(InProcessDriver(find_mutant(mutant).world), _FIRST)
    assert verdict.outcome == "fail", verdict.reason
    assert rule in verdict.rules


class _EndsAll(MemoryWorld):
    """Ends every run that is running together with the one that was to end."""

    end = ""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        made = super().write(run_id, event, outcome)
        if event["eventType"] == self.end:
            for other, run in self.state.runs.items():
                if run.status == "running":
                    self.state.runs[other] = run._replace(status="failed")
        return made


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_an_end_that_ends_other_runs_too_breaks_a_must(end: str) -> None:
    driver = InProcessDriver(type("EndsAll", (_EndsAll,), {"end": end}))
    verdict = _convergence(driver, _FIRST)
    assert verdict.outcome == "fail", verdict.reason


def test_texts_that_are_no_programs() -> None:
    for text in (
        "run_made",
        "run_created-r2000",
        "runs.get-up",
        "run_created~",
        "x" * 9,
        "run_created-later-x",
    ):
        with pytest.raises(ValueError, match="not an item"):
            parse(text)
    with pytest.raises(ValueError, match="too long"):
        parse("~".join(["run_started"] * (MOST_ITEMS + 1)))


_MOVES = ("step_started", "step_completed")


class _NeverEnds(MemoryWorld):
    """Takes a run that has ended for one that runs, as a stale cache does, when a step moves."""

    def look_up(self, run_id: str, event: Event) -> Row:
        run = self.state.runs.get(run_id)
        if run is not None and run.status in RUN_TERMINAL and event["eventType"] in _MOVES:
            self.state.runs[run_id] = run._replace(status="running")
        return super().look_up(run_id, event)


def test_what_is_taken_wrongly_is_shown_before_a_wrong_word_of_a_refusal() -> None:
    verdict = _convergence(InProcessDriver(_NeverEnds), replace(_COVER, shrinks=5))
    assert {"step.exists", "step.no-start-after-end"} <= set(verdict.rules)
    assert "got success; right is" in verdict.reason


class _Waits(MemoryWorld):
    """Asks whose retry is too early to wait so many seconds."""

    seconds: float | None = None

    def refuse(self, outcome: Outcome, row: Row, event: Event) -> NoReturn:
        if outcome.answer == "too_early":
            raise WorldError("TooEarlyError", "too early", retry_after=self.seconds)
        super().refuse(outcome, row, event)


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(None, "pass"), (-1.0, "pass"), (1.0, "pass"), (86_400.0, "pass"), (8.64e9, "fail")],
)
def test_a_retry_that_is_too_early_is_asked_to_wait_no_longer_than_it_takes(
    seconds: float | None, outcome: str
) -> None:
    world = type("_Waiting", (_Waits,), {"seconds": seconds})
    program = "run_created~step_created~step_retrying-later~step_started"
    [verdict, *_] = Judge(InProcessDriver(world)).replay(_VARIANT, Case(1, 0, program=program), "A", 1)
    assert verdict.outcome == outcome, verdict.reason
    if outcome == "fail":
        assert (verdict.rules, verdict.defect) == (("step.retry-after",), "wrong-shape")
        assert re.search(r"again in 8,640,000,000 s; its retryAfter is [\d,]+ s away", verdict.reason)


class _NoListOfNothing(MemoryWorld):
    """Says of the lists of a run that is not there that there is no such run."""

    async def events_list(self, params: dict[str, Any]) -> dict[str, Any]:
        await self.runs_get(params["runId"])
        return await super().events_list(params)

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        await self.runs_get(params["runId"])
        return await super().steps_list(params)


class _RefusesLists(MemoryWorld):
    """Says of every run that there is none, where its steps are listed."""

    async def steps_list(self, params: dict[str, Any]) -> dict[str, Any]:
        raise WorldError("WorkflowRunNotFoundError", f"no run {params['runId']}", status=404)


@pytest.mark.parametrize(("world", "shoulds"), [(_NoListOfNothing, []), (_RefusesLists, ["list.entities"])])
def test_the_lists_of_a_run_that_is_not_there_may_be_refused(
    world: type[MemoryWorld], shoulds: list[str]
) -> None:
    for program in ("step_created-r1~events.list-r1~steps.list-r1", "run_created~steps.list"):
        case = Case(1, 0, program=program)
        [verdict, *_] = Judge(InProcessDriver(world)).replay(_VARIANT, case, "A", 1)
        assert verdict.outcome == "pass", verdict.reason
    assert [should.finding.rule for should in verdict.shoulds] == shoulds
