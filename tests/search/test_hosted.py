"""The hosted driver: actors that block and come free, hosts that fall silent or die, races with no gates."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest

from conformance.api import Actor, Case, Program, Race, Suite
from conformance.core.errors import HostFailed, NotSupported
from conformance.core.history import History
from conformance.core.scenario import Variant
from conformance.drivers.driver import RacingActor
from conformance.levels.prefix import Prefixes
from conformance.search.play import Played, play
from conformance.search.strategies import Replay, Search
from conformance.search.strategies.sequential import in_turn
from conformance.spec.vocabulary import WorldError
from tests.search.fakes import Farm


def calls(*operations: tuple[str, ...]) -> Program:
    """A program that makes these calls, one after the other."""

    async def program(actor: Actor) -> None:
        for op, *args in operations:
            await actor.call(f"toy.{op}", *args)

    return program


def raced(farm: Farm, token: str, *programs: Program) -> Played:
    """One schedule of programs that need no prefix."""

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race(list(programs))

    [choose] = Replay(token).choosers()
    return play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), choose, 1)


# -- gates ------------------------------------------------------------------------------------------


def test_gates_are_released_in_the_order_that_is_chosen() -> None:
    for token, written in {
        "A2B2": ["A:1", "A:2", "B:1", "B:2"],
        "ABAB": ["A:1", "B:1", "A:2", "B:2"],
        "B2A2": ["B:1", "B:2", "A:1", "A:2"],
    }.items():
        farm = Farm()
        played = raced(farm, token, *[calls(("put", "1"), ("put", "2"))] * 2)
        assert farm.service.written == written
        assert played.token == token.replace("ABAB", "ABAB")
        assert [gate.label for gate in played.history.gates if gate.actor == "A"] == ["SET 1", "SET 2"]


def test_answers_come_back_to_the_program_that_asked() -> None:
    answers: dict[str, object] = {}

    async def program(actor: Actor) -> None:
        answers[actor.name] = await actor.call("toy.put", f"key{actor.name}")
        try:
            await actor.call("toy.refuse")
        except WorldError as error:
            answers[actor.name + "!"] = error.answer

    raced(Farm(), "ABAB", program, program)
    assert answers == {"A": "keyA", "A!": "conflict", "B": "keyB", "B!": "conflict"}


def test_log_lines_are_told_by_actor() -> None:
    played = raced(Farm(), "AB", calls(("shout",)), calls(("shout",)))
    assert [(line.actor, line.text) for line in played.history.logs] == [("A", "A shouts"), ("B", "B shouts")]


def test_the_clock_only_moves_forward_and_every_host_is_told() -> None:
    farm = Farm()
    for token in ("AB", "BA"):
        raced(farm, token, calls(("put", "1")), calls(("put", "1")))
    for host in farm.hosts:
        clocks = [message["clock"] for message in host.sent]
        assert clocks == sorted(clocks)
        assert clocks[0] < clocks[-1]


def test_one_host_for_all_actors_when_they_share_it() -> None:
    farm = Farm(shared=True)
    raced(farm, "AB", calls(("put", "1")), calls(("put", "2")))
    assert len(farm.hosts) == 1
    assert farm.service.written == ["A:1", "B:2"]


def test_a_set_up_whose_call_is_refused_for_once_goes_on_call_by_call() -> None:
    farm = Farm(goes_ahead=True)

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        await suite.actor.call("toy.put", "1")
        for key in "23":
            with suppress(WorldError):
                await suite.actor.call("toy.unless_closed")
            await suite.actor.call("toy.put", key)
        return Race([])

    variant, prefixes = Variant("toy", "storage", build), Prefixes(farm.driver)
    written = []
    for closed in (False, False, False, True, False):
        farm.service.closed = closed
        seen = [len(host.sent) for host in farm.hosts]
        assert not prefixes.make(variant, Case(), 1).history.broken
        sent = [
            each["type"] for host, n in zip(farm.hosts, [*seen, 0, 0], strict=False) for each in host.sent[n:]
        ]
        written.append([kind for kind in sent if kind != "reset"])
    alone = ["call"] * 5
    assert written == [alone, alone, ["calls"], ["calls", "calls", "call"], ["calls"]]
    assert farm.service.written == ["A:1", "A:2", "A:3"] * 5


# -- locks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asks", [True, False], ids=["the service says who waits", "silence says it"])
def test_a_actor_that_waits_for_a_lock_is_passed_by(asks: bool) -> None:
    farm = Farm(locks=True, asks=asks)
    # A has the lock when B wants it; B is blocked until A commits.
    played = raced(farm, "A2BAB2", calls(("locked",)), calls(("locked",)))
    assert farm.service.written == ["A", "B"]
    assert farm.service.owner == ""
    assert [gate.label for gate in played.history.gates if gate.actor == "B"] == ["BEGIN", "UPDATE", "COMMIT"]


def test_operations_that_go_ahead_unasked_come_in_the_order_that_is_chosen() -> None:
    # B may go on to its end, is blocked at once, and then stands behind A's second call.
    messages: list[int] = []
    seen: list[object] = []
    for goes_ahead in (False, True):
        farm = Farm(locks=True, asks=True, goes_ahead=goes_ahead)
        played = raced(farm, "A2B3", calls(("locked",), ("put", "1")), calls(("locked",)))
        gates = [(gate.actor, gate.label, gate.at) for gate in played.history.gates]
        held = [(step.chosen, [name for name, _ in step.held]) for step in played.steps]
        seen.append((played.token, gates, held, farm.service.written))
        messages.append(sum(len(host.sent) for host in farm.hosts))
    assert seen[0] == seen[1]
    assert messages[1] < messages[0]


def test_a_blocked_actor_cannot_be_chosen() -> None:
    farm = Farm(locks=True, asks=True)
    played = raced(farm, "ABBBBB", calls(("locked",)), calls(("locked",)))
    held = [[name for name, _ in step.held] for step in played.steps]
    assert ["A"] in held
    assert farm.service.written == ["A", "B"]


def test_three_actors_and_one_lock() -> None:
    farm = Farm(locks=True, asks=True)
    raced(farm, "ACB", *[calls(("locked",))] * 3)
    assert farm.service.written == ["A", "C", "B"]


def test_one_that_was_given_the_lock_may_be_counted_a_moment_too_long() -> None:
    """C waits for B, which was taken to wait for A still."""
    farm = Farm(locks=True, asks=True)
    farm.service.late = True
    raced(farm, "A2BAC", *[calls(("locked",))] * 3)
    assert farm.service.written == ["A", "B", "C"]


def test_it_is_counted_where_the_service_chooses_who_gets_the_lock() -> None:
    farm = Farm(locks=True, asks=True)
    alone = raced(farm, "A3B3C3", *[calls(("locked",))] * 3)
    one_waits = raced(farm, "ABA2B2C3", *[calls(("locked",))] * 3)
    two_wait = raced(farm, "ABCA2", *[calls(("locked",))] * 3)
    assert [alone.chosen, one_waits.chosen] == [0, 0]
    assert two_wait.chosen == 1


def test_in_one_process_a_actor_waits_for_a_lock_that_no_service_knows_of() -> None:
    """B has the lock as soon as A is done with it, before anyone asks what became of B."""
    farm = Farm(shared=True, call_limit=2)
    played = raced(farm, "A2BA", *[calls(("locked",), ("locked",))] * 2)
    assert farm.service.written == ["A", "B", "A", "B"]
    assert played.operations == 3 * 4


def test_every_order_of_a_world_with_locks_can_be_searched() -> None:
    farm = Farm(locks=True, asks=True)
    search = Search(100)

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([calls(("locked",)), calls(("locked",))])

    variant = Variant("toy", "storage", build)
    tokens = set()
    for seed, choose in enumerate(search.choosers()):
        farm.service.written.clear()
        played = play(Prefixes(farm.driver), variant, Case(), choose, seed)
        search.played(played.steps)
        tokens.add(played.token)
        assert sorted(farm.service.written) == ["A", "B"]
        assert farm.service.owner == ""
    assert search.exhausted
    assert len(tokens) > 4


# -- hosts that do not answer -----------------------------------------------------------------------


def test_an_actor_that_falls_silent_is_a_failed_host() -> None:
    """Another one is held, so it may wait for a lock that this World has not declared."""
    farm = Farm()
    with pytest.raises(HostFailed, match=r"actor A gave no sign .* \(if it waits for a lock: locks = true"):
        raced(farm, "AB", calls(("vanish",)), calls(("put", "1")))


def test_where_there_are_locks_silence_that_no_lock_explains_is_a_failed_host() -> None:
    farm = Farm(locks=True, asks=True)
    with pytest.raises(HostFailed, match="waits for no lock"):
        raced(farm, "AB", calls(("vanish",)), calls(("put", "1")))


@pytest.mark.parametrize("asks", [True, False], ids=["the service says who waits", "silence says it"])
def test_a_lock_that_nobody_gives_back_is_said_so(asks: bool) -> None:
    farm = Farm(locks=True, asks=asks)
    with pytest.raises(
        HostFailed, match=r"actor B .* waits for a lock, and no call is under way .*, in toy\.keep"
    ):
        raced(farm, "ABAB", calls(("keep",)), calls(("keep",)))


def test_silence_with_nothing_racing_says_what_was_asked() -> None:
    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        await suite.actor.call("toy.vanish")
        return Race([])

    farm = Farm()
    with pytest.raises(HostFailed, match=r"toy\.vanish with nothing racing"):
        play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), None, 1)


def test_a_host_that_died_is_replaced_after_a_revival() -> None:
    farm = Farm()
    with pytest.raises(HostFailed, match="died"):
        raced(farm, "AB", calls(("die",)), calls(("put", "1")))
    before = list(farm.hosts)
    farm.driver.revive()
    assert {host.ended for host in before} == {"killed"}
    raced(farm, "AB", calls(("put", "1")), calls(("put", "1")))
    assert len(farm.hosts) == 2 * len(before)


def test_closing_ends_all_hosts() -> None:
    farm = Farm()
    raced(farm, "AB", calls(("put", "1")), calls(("put", "1")))
    farm.driver.close()
    farm.driver.close()
    assert {host.ended for host in farm.hosts} == {"closed"}


# -- schedules that are given up ----------------------------------------------------------------------


class GivenUpError(Exception):
    """As when Hypothesis has seen enough of a schedule."""


def test_what_was_begun_is_let_go_when_a_schedule_is_given_up() -> None:
    farm = Farm(locks=True, asks=True)

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([calls(("locked",), ("put", "never")), calls(("locked",))])

    choices = iter("AAB")

    def choose(held: list[RacingActor], last: str | None) -> RacingActor:  # noqa: ARG001 - a chooser's shape
        wanted = next(choices, None)
        if wanted is None:
            raise GivenUpError
        return next(actor for actor in held if actor.name == wanted)

    with pytest.raises(GivenUpError):
        play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), choose, 1)
    # Both operations ran on to their end, so the lock is free; nothing new was begun.
    assert farm.service.owner == ""
    assert farm.service.written == ["A", "B"]
    raced(farm, "AB", calls(("put", "1")), calls(("put", "1")))
    assert farm.service.written[2:] == ["A:1", "B:1"]


def test_what_cannot_be_let_go_is_a_failed_host() -> None:
    farm = Farm()
    farm.driver.reset(1, History())
    actor = RacingActor("A", calls(("vanish",))(farm.driver.actor("A")))
    farm.driver.start(actor)
    with pytest.raises(HostFailed, match="letting go of an abandoned schedule"):
        farm.driver.abandon([actor])


def test_a_program_that_raises_between_its_calls_leaves_nothing_to_let_go_of() -> None:
    """What it raised is told, held or not, and not that its host is silent."""

    async def fails(actor: Actor) -> None:
        await actor.call("toy.put", "1")
        raise NotSupported("no such operation")

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([fails, calls(("put", "2"))])

    for choose in (None, in_turn("AB")):
        farm = Farm()
        with pytest.raises(NotSupported, match="no such operation"):
            play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), choose, 1)


# -- no gates -----------------------------------------------------------------------------------------


def test_with_no_gates_everyone_runs_at_once() -> None:
    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([calls(("put", "1"), ("put", "2")), calls(("put", "1"))])

    farm = Farm()
    played = play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), None, 1)
    assert sorted(farm.service.written) == ["A:1", "A:2", "B:1"]
    assert played.steps == []
    gated = [message["gated"] for host in farm.hosts for message in host.sent if message["type"] == "call"]
    assert gated == [False] * 3


def test_silence_with_no_gates_is_a_failed_host() -> None:
    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([calls(("vanish",))])

    with pytest.raises(HostFailed, match=r"a race with no gates, in toy\.vanish"):
        play(Prefixes(Farm().driver), Variant("toy", "storage", build), Case(), None, 1)


def test_a_long_program_with_no_gates_gives_a_sign_with_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    farm, now = Farm(), [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("conformance.drivers.hosted.time", clock)

    async def slow(actor: Actor) -> None:
        for number in range(4):
            now[0] += 0.6 * farm.driver.limits.call
            await actor.call("toy.put", str(number))

    async def build(suite: Suite, case: Case) -> Race:  # noqa: ARG001 - the shape of a variant
        return Race([slow])

    play(Prefixes(farm.driver), Variant("toy", "storage", build), Case(), None, 1)
    assert len(farm.service.written) == 4
