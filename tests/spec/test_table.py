"""The table decides every event in every state, and every line of it decides something."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.spec.rows import LINES
from conformance.spec.rules import RULES
from conformance.spec.table import Line, Outcome, Row, event_types, index, table
from conformance.spec.transitions import ROWS

RUNS = ("missing", "pending", "running", "completed", "failed", "cancelled")
ENTITIES = {
    "run": RUNS,
    "step": ("missing", "pending", "running", "completed", "failed"),
    "wait": ("missing", "waiting", "completed"),
    "hook": ("missing", "active", "disposed"),
    "attr": ("missing", "set"),
}
#: What a success may lead to.
LEADS_TO = {
    "run": {"pending", "running", "completed", "failed", "cancelled"},
    "step": {"pending", "running", "completed", "failed"},
    "wait": {"waiting", "completed"},
    "hook": {"active", "disposed"},
    "attr": {"set"},
}
CONDITIONS = {
    "hook_created": ("", "token-held"),
    "step_started": ("", "retry-later", "creates"),
    "run_started": ("", "creates"),
    "hook_received": ("", "resumed", "resumed-elsewhere"),
}
EVENTS = [(line, event) for line in LINES for event in sorted(event_types(line))]


def situations(event: str) -> list[tuple[str, str, str, str]]:
    """Every state in which an event of this type can arrive, as keys of the index."""
    conditions = CONDITIONS.get(event, ("",))
    if event.startswith("run_"):
        return [(event, run, run, when) for run in RUNS for when in conditions]
    # A run that is not there has nothing in it.
    return [
        (event, run, entity, when)
        for run, entity, when in product(RUNS, ENTITIES[event[:4]], conditions)
        if run != "missing" or entity == "missing"
    ]


@pytest.mark.parametrize(("line", "event"), EVENTS)
def test_every_event_is_decided_in_every_state(line: Line, event: str) -> None:
    for situation in situations(event):
        row = index(line)[situation]
        assert row.outcomes, situation


@pytest.mark.parametrize("line", LINES)
def test_every_row_decides_something(line: Line) -> None:
    found = index(line)
    decide = {id(found[situation]) for event in event_types(line) for situation in situations(event)}
    idle = [row for row in table(line) if id(row) not in decide]
    assert idle == []


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row.event}-{'|'.join(row.run)}-{'|'.join(row.entity)}"
)
def test_a_row_is_sound(row: Row) -> None:
    assert row.rule in RULES
    assert row.source
    assert set(row.lines) <= set(LINES)
    assert len(set(row.outcomes)) == len(row.outcomes)
    for outcome in row.outcomes:
        assert _is_sound(row.event, outcome), outcome


def _is_sound(event: str, outcome: Outcome) -> bool:
    if outcome.answer == "ok":
        # What changes is logged, and what is logged again changes nothing.
        return outcome.to in LEADS_TO[event.partition("_")[0]] if outcome.logs else outcome.to is None
    if outcome.answer == "hook_conflict":
        return event == "hook_created" and outcome.logs and outcome.to is None
    return outcome.to is None and not outcome.logs


def test_nothing_leaves_a_terminal_state_but_what_gives_it_again() -> None:
    for line, event in EVENTS:
        for situation in situations(event):
            _, _, entity, _ = situation
            for outcome in index(line)[situation].outcomes:
                if entity in ("completed", "failed", "cancelled") and event != "run_created":
                    assert outcome.to is None, situation


def test_a_finished_run_takes_nothing_new() -> None:
    new = ("step_created", "wait_created", "hook_created", "run_started", "attr_set")
    for line, event in EVENTS:
        for situation in situations(event) if event in new else ():
            if situation[1] in ("completed", "failed", "cancelled"):
                assert all(outcome.to is None for outcome in index(line)[situation].outcomes), situation


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_rules_are_written_as_sentences_of_ours(rule: object) -> None:
    text = str(getattr(rule, "title", ""))
    assert text
    assert text[0].islower()
    assert not text.endswith(".")
