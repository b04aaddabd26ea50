"""Where the real runtime queues a message is part of a schedule."""

from __future__ import annotations

import pytest

from conformance.core.starts import Send
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.search.play import Played
from conformance.search.schedule import RESTS, encode, letter

from .conftest import Open
from .play import once, variant

NEWEST = RuntimeWanted(runtimes.default())


def _letters(played: Played) -> list[str]:
    """Who was released, a letter each, with the starts and the sends that its token leaves out."""
    return [letter(step.chosen, dict(step.held)[step.chosen]) for step in played.steps]


def _queued(played: Played) -> str:
    return "".join(message.actor for message in played.history.messages if message.phase == "race")


@pytest.mark.parametrize("world", ["memory", "local"])
def test_who_finishes_first_need_not_queue_first(opened: Open, world: str) -> None:
    """Over a World in this process, and over one in the hosts of the runtime."""
    two_steps = variant("6/two-steps-finish")
    once(opened(world, NEWEST), two_steps)  # a World on files makes its folders
    whole = once(opened(world, NEWEST), two_steps)
    letters = _letters(whole)
    assert (letters.count("i"), letters.count("j"), _queued(whole)) == (1, 1, "AB")
    assert "i" not in whole.token, "each queues as soon as it can: nothing says so"
    late = encode([*(one for one in letters if one not in "ij" and one not in RESTS), "j", "i"])
    found = once(opened(world, NEWEST), two_steps, late)
    assert (found.token, _queued(found), found.operations) == (late, "BA", whole.operations)
    assert found.history.quiet
    assert found.history.snapshots[0].run["status"] == "completed"


@pytest.mark.parametrize("world", ["memory", "local"])
def test_a_token_that_names_no_sends_queues_at_once(opened: Open, world: str) -> None:
    two_steps = variant("6/two-steps-finish")
    whole = once(opened(world, NEWEST), two_steps)
    interleaved = "ab" + "AB" * _letters(whole).count("A")
    found = once(opened(world, NEWEST), two_steps, interleaved)
    assert set(found.token).isdisjoint("ij")
    for step in found.steps:
        sending = [name for name, gate in step.held if isinstance(gate, Send)]
        assert not sending or step.chosen == sending[0]
