"""Every row of the table is reached by moves, and a World that is right takes them as the table says."""

from __future__ import annotations

from contextlib import suppress

from conformance.core.history import History
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.stage import Stage
from conformance.levels.storage import Suite
from conformance.spec.machine import State
from conformance.spec.reach import Cell, Move, cells, reachable_rows, situation_of, take
from conformance.spec.table import event_types, table
from conformance.spec.vocabulary import WorldError


def test_every_row_is_reached() -> None:
    left = [row for row in table(5) if row not in reachable_rows(creates=True)]
    assert {(row.event, row.when) for row in left} == {
        ("run_started", "creates"),
        ("attr_set", ""),
        ("hook_received", "resumed"),
        ("hook_received", "resumed-elsewhere"),
    }
    assert [row for row in table(4) if row not in reachable_rows()] == [
        row for row in table(4) if (row.event, row.when) == ("run_started", "creates")
    ]
    assert {cell.move.event for cell in cells()} == event_types(4)


def test_a_prefix_leads_to_its_situation() -> None:
    for cell in cells(creates=True):
        state = State(5)
        for move in cell.prefix:
            assert take(state, move).outcomes[0].to is not None, cell
        assert situation_of(state, cell.move) == cell.situation


def test_a_prefix_is_the_shortest_one() -> None:
    cell = _cell("run pending, step pending (retry-later)", Move("step_started"))
    assert [move.event for move in cell.prefix] == ["run_created", "step_created", "step_retrying"]
    cell = _cell("run running, hook disposed (token-held)", Move("hook_created"))
    assert [(move.event, move.run) for move in cell.prefix[-2:]] == [("run_created", 1), ("hook_created", 1)]


def test_the_memory_world_answers_each_cell_as_its_row_says() -> None:
    driver = InProcessDriver()
    for cell in cells():
        driver.reset(1, History())
        suite = Suite(driver.actor("-"), "1")
        driver.alone(_ask(suite, cell))
        assert suite.actor.history.calls[-1].answer == cell.row.outcomes[0].answer, cell


async def _ask(suite: Suite, cell: Cell) -> None:
    stage = Stage(suite)
    await stage.reach(cell.prefix, [cell.move])
    with suppress(WorldError):
        await stage.perform(suite.actor, cell.move)


def _cell(situation: str, move: Move) -> Cell:
    return next(cell for cell in cells() if str(cell.situation) == situation and cell.move == move)
