"""The matrix in a terminal: everything a person needs, in any width and any encoding."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from conformance.record.file import LaneItem, Record
from conformance.report.matrix import build
from conformance.report.terminal import _MARKS, print_matrix
from tests.report import factory


def rendered(record: Record, width: int = 120, verbose: bool = False, **options: object) -> str:
    file = io.StringIO()
    print_matrix(build(record), Console(file=file, width=width, **options), verbose)  # type: ignore[arg-type]
    return file.getvalue()


def test_the_matrix_and_the_whole_story_of_a_failure() -> None:
    text = rendered(factory.record())
    assert "✓✓✓" in text
    assert "✗✗✗" in text
    for part in (
        "step.terminal-once",
        "how to fix it: world-conformance rule step.terminal-once",
        "not-atomic",
        "two handlers completed one step",
        "replayed 20/20",
        "HGET step:s1 status",
        "dist/storage/events.js:214",
        "✗  step_completed",
        "ReplyError",
        "failed to append event",
        "pytest --world=redis --world-replay .world/failures/redis-6-convergence.json",
        "the host died twice while it was opened",
        "the world offers no hooks",
        "4 failed, 3 inconclusive, 3 unsupported, 6 not judged, 11 passed (2 with a note)",
    ):
        assert part in text, part


def test_verbose_tells_the_notes_and_all_log_lines() -> None:
    text = rendered(factory.record(), verbose=True, width=200)
    assert "run.started-once: a second run_started event" in text
    assert "log.order: an event lists after" in text
    assert "info [runtime] step finished" in text


def test_a_replay_shows_the_calls_that_its_note_is_about() -> None:
    """A fault of the runtime turns nothing red, and who replays it wants to see it."""
    lanes = [LaneItem(lane="A", at=at, kind="call", label=f"step_created step{at}") for at in range(50)]
    shown = factory.evidence(lanes=lanes)
    note = factory.finding(rules=["id.one-thing"], reason="two things", evidence=shown, calls=[45, 5])
    replayed = factory.record(factory.passed(8, shoulds=[note, note], severity="should", replay=True))
    searched = factory.record(factory.passed(8, shoulds=[note], severity="should"))

    def told(text: str) -> list[str]:
        return [line.split()[-1] for line in text.splitlines() if "step_created step" in line]

    text = rendered(replayed)
    assert "convergence note [id.one-thing]: two things" in text
    assert told(text) == [f"step{at}" for at in (*range(12), *range(39, 50))]
    assert "27 other trace entries with -v" in text
    assert len(told(rendered(replayed, verbose=True))) == 50
    assert told(rendered(searched)) == []


@pytest.mark.parametrize("width", [56, 80, 112, 200])
def test_every_width_shows_the_row_the_legend_and_the_replay_command_whole(width: int) -> None:
    text = rendered(factory.record(), width)
    assert "redis" in text.split("✓")[0]
    assert "pytest --world=redis --world-replay .world/failures/redis-6-convergence.json" in text
    assert "○ unsupported" in text
    assert width >= 112 or "4 end / suspension" in text


def test_at_80_columns_the_log_keeps_its_columns_and_its_mark() -> None:
    log = rendered(factory.record(), 80).partition("   event")[2]
    wrong = next(line for line in log.splitlines() if line.startswith("✗"))
    assert wrong.startswith("✗  step_completed  ")
    assert all(len(line) <= 80 for line in log.splitlines()[:4])


def test_marks_differ_without_colour_and_a_note_is_shown() -> None:
    text = rendered(factory.record(), 80)
    legend = " ".join(text.partition("✓ pass")[2].partition("\n\n")[0].split())
    assert "n pass with a note" in legend
    signs = [sign for name, (sign, _, _) in _MARKS.items() if name != "not-shown"]
    assert len(set(signs)) == len(signs)
    assert "note  " in text
    assert "run.started-once: a second run_started event" in " ".join(text.split())


def test_a_terminal_with_ascii_only() -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="ascii"), width=100)
    print_matrix(build(factory.record()), console)
    console.file.flush()
    assert b"XXX" in raw.getvalue()


def test_hostile_text_neither_escapes_nor_is_read_as_markup() -> None:
    verdict = factory.failed(6, reason="\x1b[2J\x1b]0;owned\x07[red]not markup[/red] [/]", variant="[bold]")
    text = rendered(factory.record(verdict), force_terminal=False)
    assert "\x1b" not in text
    assert "[red]not markup[/red] [/]" in text


def test_many_failures_are_counted_not_poured_out() -> None:
    record = factory.record(*[factory.failed(n, version=f"{v}") for n in range(1, 9) for v in range(5)])
    brief, full = rendered(record), rendered(record, verbose=True)
    assert brief.count("HGET step:s1 status") == 6
    assert brief.count("--world-replay") == 40
    assert "more failures (in full with -v" in brief
    assert "more failures" not in full
    assert full.count("again with: ") == 40


def test_a_killed_run_says_what_was_not_judged() -> None:
    line = factory.world(planned=factory.planned(1, 2))
    run = factory.run([factory.passed(1)], worlds=[line], footer=None, problems=["a.jsonl: no footer"])
    text = rendered(Record([run]))
    assert "5 planned and not judged" in text
    assert "! a.jsonl: no footer" in text


def test_an_empty_run_is_no_success() -> None:
    assert "nothing was judged" in rendered(Record([factory.run([])]))
