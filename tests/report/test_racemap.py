"""The race map in a terminal, as Markdown and as a page: from records alone."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console

from conformance.racemap.variants import NUMBER
from conformance.report.matrix import Matrix, build
from conformance.report.racemap import WorldMap, changes, pair_view, world_maps
from conformance.report.racemap_html import render_map
from conformance.report.racemap_text import maps_markdown, pair_markdown, print_maps, print_pair
from tests.report.factory import CHECKS, evidence, failed, matrix_of, passed, record, run, world

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def _verdicts(variant: str, **changes: Any) -> list[Any]:
    """The three checks of one place of the map."""
    rest = {"variant": variant, "level": "storage"}
    bad = changes.pop("bad", None)
    made = [passed(NUMBER, check, **rest, **changes) for check in CHECKS]
    if bad is not None:
        made[0] = failed(NUMBER, "convergence", **{**rest, "rules": [bad], **changes})
    return made


def _matrix(**changes: Any) -> Matrix:
    return matrix_of(
        *_verdicts("run_completed~hook_received@running+hook-active", bad="hook.received-alive", **changes),
        *_verdicts("hook_created~hook_received@running+hook-missing", **changes),
        *_verdicts("hook_created~hook_received@running+hook-active", bad="run.exists", **changes),
        *_verdicts("step_started~step_started@running+step-pending", depth="shallow", **changes),
        *_verdicts(
            "wait_created~wait_created@running+wait-missing", verdict="inconclusive", depth="",
            reason="the control could not run: the prefix was refused: no", **changes,
        ),
    )  # fmt: skip


def _told(maps: list[WorldMap], **options: Any) -> str:
    console = Console(file=io.StringIO(), width=160, markup=False, highlight=False)
    print_maps(maps, console, **options)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_cell_says_in_how_many_of_its_states_it_is_unsafe() -> None:
    [found] = world_maps(_matrix())
    cell = found.cell("hook_received", "hook_created")
    assert cell is not None
    assert cell.says == "unsafe in 1 of 2 states: run.exists"
    states = {
        ("step_started", "step_started"): "shallow",
        ("wait_created", "wait_created"): "unreachable",
        ("run_created", "run_created"): "not_judged",
        ("runs.get", "events.list"): "apart",
        ("wait_created", "hook_received"): "apart",
    }
    for ops, state in states.items():
        cell = found.cell(*ops)
        assert cell is not None
        assert cell.state == state, ops


def test_the_terminal_names_what_is_unsafe_with_its_command() -> None:
    text = _told(world_maps(_matrix()))
    assert "run_completed ~ hook_received  unsafe in 1 of 1 states: hook.received-alive" in text
    assert f"again with: {evidence().replay}" in text
    assert re.search(r"hook_received +15  ·     ✗", text)


def test_one_pair_on_all_worlds() -> None:
    console = Console(file=io.StringIO(), width=160, markup=False, highlight=False)
    maps = world_maps(_matrix())
    assert print_pair(maps, "hook_created~hook_received", console)
    assert isinstance(console.file, io.StringIO)
    assert "running+hook-missing: safe" in console.file.getvalue()
    assert not print_pair(maps, "hook_created~nothing", console)


def test_two_versions_are_compared() -> None:
    maps = world_maps(_two_versions())
    [change] = changes(maps)
    assert change.title == "run_completed ~ hook_received"
    assert change.before.startswith("unsafe")
    assert change.after == "safe from 1 state"
    assert "0.3.0: run_completed ~ hook_received: unsafe" in _told(maps)
    assert "0.3.0: `run_completed ~ hook_received`: unsafe" in maps_markdown(maps)
    assert "0.3.0: <code>run_completed ~ hook_received</code>: unsafe" in render_map(_two_versions())


def _two_versions() -> Matrix:
    place = "run_completed~hook_received@running+hook-active"
    old = run(_verdicts(place, bad="hook.received-alive"), worlds=[world()])
    new = run(_verdicts(place, version="0.3.0"), worlds=[world(version="0.3.0")])
    both = record()
    both.runs = [old, new]
    return build(both)


def test_of_several_maps_one_that_is_safe_has_a_line_in_the_table_only() -> None:
    text = maps_markdown(world_maps(_two_versions()))
    counts = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| redis")]
    assert counts == [[" redis 0.2.2 ", " 1 "], [" redis 0.3.0 ", " 0 "]], text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## redis 0.2.2"]


def test_one_pair_stands_side_by_side_for_all_worlds() -> None:
    matrix = _two_versions()
    view = pair_view(world_maps(matrix), "hook_received~run_completed")
    assert view is not None
    text = pair_markdown(view)
    assert "| `running+hook-active` | ✗ unsafe: `hook.received-alive` | ✓ safe |" in text
    page = render_map(matrix, pair=view)
    [table] = re.findall(r'<table class="map pair">.*?</table>', page, re.S)
    assert re.findall(r'<a class="(\w+)" href="#m(\d)', table) == [("unsafe", "0"), ("safe", "1")]
    assert pair_view(world_maps(matrix), "hook_received~nothing") is None


def test_the_page_has_no_script_and_a_section_for_each_cell_that_was_raced() -> None:
    page = render_map(_matrix())
    assert "<script" not in page
    assert "default-src 'none'" in page
    targets = set(re.findall(r'href="#(m0-[\w-]+)"', page))
    assert targets == set(re.findall(r'<section class="detail[^"]*" id="(m0-[\w-]+)"', page))
    assert len(targets) == 4
    assert page.count('<svg class="lanes') == 2
    assert evidence().replay in page


def test_what_comes_from_outside_is_escaped() -> None:
    matrix = matrix_of(
        *_verdicts(f"{HOSTILE}~step_started@{HOSTILE}", bad=HOSTILE, reason=HOSTILE),
        *_verdicts("step_started~step_started@a|b`c<d>", bad="run.exists", reason=HOSTILE),
    )
    assert "<script" not in render_map(matrix)
    assert "<img" not in render_map(matrix)
    view = pair_view(world_maps(matrix), f"{HOSTILE}~step_started")
    assert view is not None
    for text in (render_map(matrix, pair=view), pair_markdown(view)):
        assert "<script" not in text
        assert "<img" not in text
    text = maps_markdown(world_maps(matrix))
    assert "<script" not in text
    assert "<img" not in text


def test_no_map_is_said() -> None:
    assert "--world-map" in _told(world_maps(matrix_of(passed())))
    assert "No map was raced" in render_map(matrix_of(passed()))


def test_markdown_has_a_table_of_operations() -> None:
    text = maps_markdown(world_maps(_matrix()))
    [line] = [line for line in text.splitlines() if line.startswith("| 15 `hook_received`")]
    assert line.split("|")[4].strip() == "✗"
    assert "| `run_completed ~ hook_received` | 1 of 1 | `hook.received-alive` |" in text
