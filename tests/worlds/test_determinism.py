"""One schedule gives one outcome: whole explored trees on a real package, every schedule played twice."""

from __future__ import annotations

import pytest

from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.core.scenarios import by_id
from conformance.levels.prefix import Prefixes
from conformance.oracle.observed import name_ids
from conformance.provision.open import OpenWorld
from conformance.search.play import Played, play
from conformance.search.strategies import Replay, Search

#: variant -> whether its tree is small enough to be explored whole, and how much of it otherwise
_TREES = [
    ("run_completed", "storage", "complete-complete", 400),
    ("step_completed", "storage", "complete-complete", 400),
    ("step_created", "storage", "step-step", 400),
    ("wait_completed", "storage", "complete-complete", 400),
    ("step_completed", "handlers", "step-message-twice", 25),
]


def _trace(history: History) -> list[tuple[str, str]]:
    """Who was released at which operation, ids replaced by names."""
    names = sorted(name_ids(history).items(), key=lambda pair: -len(pair[0]))
    trace = []
    for gate in history.gates:
        label = gate.label
        for identifier, name in names:
            label = label.replace(identifier, name)
        trace.append((gate.actor, label))
    return trace


def _log(history: History) -> list[list[tuple[str, str]]]:
    names = name_ids(history)
    return [
        [(event["eventType"], names.get(event.get("correlationId", ""), "")) for event in snapshot.events]
        for snapshot in history.snapshots
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "level", "variant", "limit"), _TREES)
def test_every_schedule_replays_to_the_same_trace_and_log(
    redis_driver: OpenWorld, scenario: str, level: str, variant: str, limit: int
) -> None:
    [chosen] = [one for one in by_id(scenario).variants if (one.level, one.name) == (level, variant)]
    prefixes = Prefixes(redis_driver.driver)
    search = Search(limit)
    explored: list[Played] = []
    for number, choose in enumerate(search.choosers()):
        played = play(prefixes, chosen, Case(), choose, number)
        search.played(played.steps)
        explored.append(played)
    if limit == 400:
        assert search.exhausted
        assert search.bound == "all orders"
    assert len({played.token for played in explored}) > 2
    differing = []
    for number, played in enumerate(explored):
        [choose] = Replay(played.token).choosers()
        again = play(prefixes, chosen, Case(), choose, 1_000 + number)
        same = (
            again.token == played.token
            and _trace(again.history) == _trace(played.history)
            and _log(again.history) == _log(played.history)
            and again.observe(chosen.level) == played.observe(chosen.level)
        )
        if not same:
            differing.append(played.token)
    assert differing == []
