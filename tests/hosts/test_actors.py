"""Several actors in one process, as a world in memory needs them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from .driver import TOY, Driven

Toy = Callable[..., Driven]


def test_the_gates_of_two_actors_are_held_at_the_same_time(toy: Toy) -> None:
    host = toy(actors="AB")
    host.start("toy.sequence", "a", actor="A")
    host.start("toy.sequence", "b", actor="B")
    held = {gate["actor"]: gate for gate in (host.next(), host.next())}
    assert {actor: gate["label"] for actor, gate in held.items()} == {"A": "SET a", "B": "SET b"}
    assert host.silent()
    for actor, label in (("B", "GET b"), ("B", "DEL b"), ("A", "GET a")):
        host.go(held[actor])
        held[actor] = host.next()
        assert (held[actor]["actor"], held[actor]["label"]) == (actor, label)
    host.go(held["B"])
    assert host.next()["value"] == ":1"
    host.go(held["A"])
    host.go(host.next())
    assert host.next()["value"] == ":1"


def test_each_order_of_two_actors_can_be_had(toy: Toy) -> None:
    host = toy(actors="AB")
    for order in sorted(set(permutations("AAABBB"))):
        for actor in "AB":
            host.start("toy.sequence", "same", actor=actor)
        held = {gate["actor"]: gate for gate in (host.next(), host.next())}
        released = []
        for actor in order:
            released.append(held[actor]["label"])
            host.go(held[actor])
            held[actor] = host.next()
        seen = {"A": ["SET same", "GET same", "DEL same"], "B": ["SET same", "GET same", "DEL same"]}
        assert released == [seen[actor].pop(0) for actor in order]
        assert all(answer["type"] == "result" for answer in held.values())


def test_where_is_said_of_an_operation_that_stood_behind_another_actor(toy: Toy) -> None:
    """On one connection the second is let through by code of the first, whose line it is not."""
    host = toy(actors="AB", shared=True)
    host.start("toy.get", "a", actor="A", stacks=True)
    host.start("toy.set", "b", "1", actor="B", stacks=True)
    first = host.next()
    waiting = host.next()
    assert (first["label"], waiting["type"], waiting["actor"]) == ("GET a", "waits", "B")
    host.go(first)
    answers = [host.next(), host.next()]
    [gate] = [one for one in answers if one["type"] == "gate"]
    assert gate["label"] == "SET b"
    lines = Path(TOY).read_text().splitlines()
    called = [lines[int(frame.rsplit(":", 1)[1]) - 1] for frame in gate["frames"]]
    assert any("'SET', key, value" in line for line in called), called
    assert not any("'GET', key)" in line for line in called), called
    host.go(gate)
    host.next()


def test_operations_at_once_of_one_actor_among_several(toy: Toy) -> None:
    gates, answer = toy(actors="AB").run("toy.parallel", actor="B")
    assert [gate["label"] for gate in gates] == ["SET p1", "SET p2", "SET p3"]
    assert answer["value"] == ["+OK"] * 3


@pytest.mark.parametrize(("shared", "copies"), [(True, 1), (False, 1)])
def test_each_actor_has_a_copy_of_the_world_or_they_share_one(toy: Toy, shared: bool, copies: int) -> None:
    """A counter at the top of the module is 1 in each of two copies, and 1 when one World is shared."""
    host = toy(actors="AB", shared=shared)
    for actor in "AB":
        assert host.run("toy.copies", actor=actor, gated=False)[1]["value"] == copies


def test_actors_draw_from_streams_of_their_own(toy: Toy) -> None:
    host = toy(actors="AB", options={}, warm=0)
    first, second = (host.run("toy.chance", actor=actor, gated=False)[1]["value"] for actor in "AB")
    assert first[:4] != second[:4]


def test_an_actor_that_is_not_here(toy: Toy) -> None:
    gates, answer = toy().run("toy.copies", actor="Z")
    assert (gates, answer["type"], answer["error"]["name"]) == ([], "error", "HostError")


def test_whole_calls_can_be_held(toy: Toy) -> None:
    """For a world whose I/O we do not see: then calls are what can be ordered."""
    host = toy(actors="AB", options={}, gates=["call"], warm=0, shared=True)
    first = host.start("toy.echo", "run", {"eventType": "run_started"}, actor="A")
    host.start("toy.echo", actor="B")
    gate, other = host.next(), host.next()
    assert [gate["label"], other["label"]] == ["toy.echo run_started", "toy.echo"]
    assert host.silent()
    host.go(gate)
    assert host.next()["id"] == first
    assert host.silent()
    host.go(other)
    assert host.next()["value"] == []
    alone = toy(options={}, gates=["call"], warm=0)
    assert [gate["label"] for gate in alone.run("toy.echo")[0]] == ["toy.echo"]
    assert alone.run("toy.echo", gated=False)[0] == []


def test_a_held_call_may_have_operations_of_its_own(toy: Toy) -> None:
    gates, answer = toy(gates=["call", "net"]).run("toy.parallel")
    assert [gate["label"] for gate in gates] == ["toy.parallel", "SET p1", "SET p2", "SET p3"]
    assert answer["value"] == ["+OK"] * 3
