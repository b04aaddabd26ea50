"""What goes over the wire: values, errors, time and chance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from conformance.drivers.process.wire import decode_value, dumps, encode_value, loads, loads_all

from .driver import CLOCK, Driven

Toy = Callable[..., Driven]

VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "Grüße \u2028\n\U0001f600",
    b"",
    bytes(range(256)),
    datetime(2027, 1, 15, 8, 0, 0, 123000, tzinfo=UTC),
    {"plain": {"list": [1, [b"x"], {}]}},
    {"$bytes": "not bytes", "other": 1},
    {"$date": 5},
    {"$object": {"$bytes": "eA=="}},
    {"nested": [{"$set": {"when": datetime(1969, 12, 31, tzinfo=UTC)}}]},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_survives_the_tags(value: Any) -> None:
    assert loads(dumps({"type": "x", "value": value})[:-1])["value"] == value


def test_lines_that_come_together_are_read_as_each_alone() -> None:
    lines = [dumps({"type": "x", "value": value}) for value in VALUES]
    assert loads_all(b"".join(lines)) == [loads(line[:-1]) for line in lines]


def test_a_gate_holds_values_in_its_statements_alone() -> None:
    gate = {"type": "gate", "gate": 1, "call": 1, "actor": "A", "label": "x", "access": "read", "keys": []}
    tagged = dumps(gate | {"statements": [{"values": [datetime(2027, 1, 1, tzinfo=UTC)]}]})
    plain = dumps(gate | {"label": '{"$date"'})
    for read in (loads_all(tagged + plain), [loads(tagged[:-1]), loads(plain[:-1])]):
        assert read is not None
        assert read[0]["statements"] == [{"values": [datetime(2027, 1, 1, tzinfo=UTC)]}]
        assert read[1] == gate | {"label": '{"$date"'}


@pytest.mark.parametrize(
    "line",
    [
        b"Starting up...\n",
        b"\n",
        b"[1]\n",
        b'{"type": 1}\n',
        b'{"type": "done"}\n',
        b'{"type": "x", "at": {"$date": "soon"}}\n',
        b'{"type":\n"x"}\n',
    ],
)
def test_a_line_that_says_why_it_is_no_message_is_looked_at_alone(line: bytes) -> None:
    good = dumps({"type": "x"})
    assert loads_all(good + line + good) is None


def test_values_survive_the_way_to_a_world_and_back(toy: Toy) -> None:
    host = toy(options={}, gates=[], warm=0)
    assert host.value("toy.echo", *VALUES) == VALUES


def test_a_large_value_survives(toy: Toy) -> None:
    large = {"bytes": bytes(3_000_000), "text": "x" * 1_000_000}
    assert toy(options={}, gates=[], warm=0).value("toy.echo", large) == [large]


def test_any_zone_is_sent_as_utc() -> None:
    moment = datetime(2027, 1, 15, 9, 0, 0, 999, tzinfo=timezone(timedelta(hours=1)))
    assert encode_value(moment) == {"$date": "2027-01-15T08:00:00.000Z"}
    assert decode_value({"$date": "2027-01-15T08:00:00.000Z"}) == datetime(2027, 1, 15, 8, tzinfo=UTC)


def test_a_value_that_holds_itself_is_an_error_not_a_crash(toy: Toy) -> None:
    host = toy(options={}, gates=[], warm=0)
    answer = host.run("toy.cyclic")[1]
    assert (answer["type"], answer["error"]["name"]) == ("error", "TypeError")
    assert host.value("toy.copies") == 1


def test_errors_keep_what_the_runtime_looks_at(toy: Toy) -> None:
    host = toy(options={}, gates=[], warm=0)

    def refused(*args: Any, **how: Any) -> dict[str, Any]:
        answer = host.run(*args, **how)[1]
        assert answer["type"] == "error"
        error: dict[str, Any] = answer["error"]
        return error

    assert refused("toy.fail", "typed") == {
        "name": "EntityConflictError",
        "message": "refused",
        "status": 409,
        "code": "X1",
        "cause": "Error: below (23505)",
    }
    assert refused("toy.fail", "wrapped")["cause"] == (
        "AggregateError: , caused by Error: connect ECONNREFUSED ::1:5432"
    )
    assert "world.mjs" in refused("toy.fail", "typed", stacks=True)["stack"]
    assert refused("toy.fail", "early")["retryAfter"] == pytest.approx(5.0, abs=0.01)
    assert refused("toy.fail", "just a text") == {"name": "Error", "message": "just a text"}
    assert refused("toy.nothing") == {
        "name": "NotImplemented",
        "message": "the World has no toy.nothing",
        "code": "NOT_IMPLEMENTED",
    }


def test_what_nobody_catches_is_logged_and_the_host_lives(toy: Toy) -> None:
    host = toy(options={}, gates=[], warm=0)
    host.value("toy.unhandled")
    lines = [line for line in host.host.take_logs() if line.level == "error"]
    assert [line.text.splitlines()[0] for line in lines] == [
        "unhandledRejection: Error: nobody looks",
        "uncaughtException: Error: nobody catches",
    ]
    assert host.value("toy.copies") == 1


def test_time_and_chance_repeat_with_the_seed(toy: Toy) -> None:
    first, again, other = (toy(options={}, gates=[], warm=0, seed=seed) for seed in (7, 7, 8))
    value = first.value("toy.chance")
    assert value == again.value("toy.chance")
    assert value != other.value("toy.chance")
    assert value[4] == datetime.fromtimestamp((CLOCK + 1) / 1000, UTC)
    assert value[5] == CLOCK + 2
    first.host.reset(7, CLOCK + 100_000)
    assert first.value("toy.chance")[:4] == value[:4]
    first.host.reset(7, CLOCK + 200_000)
    assert first.value("toy.chance")[5] == CLOCK + 200_002


def test_the_clock_never_goes_back(toy: Toy) -> None:
    host = toy(options={}, gates=[], warm=0)
    host.host.reset(1, CLOCK + 500)
    assert host.value("toy.chance")[5] == CLOCK + 502
    host.host.reset(1, CLOCK)
    assert host.value("toy.chance")[5] == CLOCK + 504


def test_a_release_carries_the_time(toy: Toy) -> None:
    host = toy()
    host.start("toy.set", "k", "v")
    host.go(host.next(), clock=CLOCK + 10_000)
    host.next()
    assert host.value("toy.chance")[5] == CLOCK + 10_002
