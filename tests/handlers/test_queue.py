"""The captured queue: at least once, delays, keys; nothing is lost and nothing is delivered by itself."""

from __future__ import annotations

import pytest

from conformance.core.history import Call, Delivery, FaultStep, GateStep, History, Message
from conformance.handlers import CapturedQueue
from conformance.handlers.queue import MAX_DELIVERIES
from conformance.spec.vocabulary import WorldError


class Clock:
    ms = 0.0

    def __call__(self) -> float:
        return self.ms


def setting(*, keep_keys: bool = True) -> tuple[CapturedQueue, Clock, History]:
    clock, history = Clock(), History()
    return CapturedQueue(history, clock, keep_keys=keep_keys), clock, history


def message(key: str | None = None, *, delay: float = 0.0) -> Message:
    return Message("", "step", "wrun_1", "step_1", key=key, delay=delay, origin="suspension", actor="A")


def failed(of: Message) -> Delivery:
    return Delivery(of, "A", "race", 0)


def test_messages_wait_in_the_order_they_were_sent() -> None:
    queue, _, history = setting()
    sent = [queue.send(message()) for _ in range(3)]
    assert queue.pending() == sent == history.messages
    queue.take(sent[1].id)
    assert queue.pending() == [sent[0], sent[2]]
    with pytest.raises(KeyError):
        queue.take(sent[1].id)


def test_a_delayed_message_waits_for_its_time() -> None:
    queue, clock, _ = setting()
    late = queue.send(message(delay=2))
    soon = queue.send(message(delay=1))
    assert queue.pending() == []
    assert queue.delayed() == [soon, late]
    assert queue.next_due() == 1000
    clock.ms = 1000
    assert queue.pending() == [soon]
    assert bool(queue)


def test_a_key_absorbs_a_second_message_and_both_are_recorded() -> None:
    queue, _, history = setting()
    first, second = queue.send(message("k")), queue.send(message("k"))
    assert (first.absorbed, second.absorbed) == (False, True)
    assert queue.pending() == [first]
    assert history.messages == [first, second]
    queue.begin(first)
    queue.finish(first)
    assert queue.send(message("k")).absorbed


def test_a_queue_that_knows_only_what_is_in_flight_frees_the_key_at_the_end() -> None:
    queue, _, _ = setting(keep_keys=False)
    first = queue.send(message("k"))
    queue.begin(first)
    assert queue.send(message("k")).absorbed
    again = queue.later(first, 1, "step_1", "A")
    assert queue.send(message("k")).absorbed
    queue.begin(again)
    queue.finish(again)
    assert not queue.send(message("k")).absorbed


def test_a_failed_delivery_is_logged_and_delivered_again_later() -> None:
    queue, clock, history = setting()
    first = queue.send(message("k"))
    queue.begin(first)
    queue.fail(first, WorldError("Error", "boom"), failed(first))
    assert [(line.level, line.origin) for line in history.logs] == [("error", "queue")]
    assert queue.pending() == []
    clock.ms = 5000
    (again,) = queue.pending()
    assert (again.id, again.attempt, first.attempt) == (first.id, 2, 1)
    assert history.messages == [first]


def test_a_lost_delivery_is_visible_again_at_once_and_says_nothing() -> None:
    queue, _, history = setting()
    first = queue.send(message())
    queue.begin(first)
    queue.lose(first)
    assert [each.attempt for each in queue.pending()] == [2]
    assert history.logs == []


def test_asking_for_another_delivery_is_a_message_of_its_own_in_the_record() -> None:
    queue, _, history = setting()
    first = queue.send(message("k"))
    queue.begin(first)
    again = queue.later(first, 3, "wait_1", "B")
    assert (again.origin, again.about, again.delay, again.actor, again.attempt) == (
        "timeout",
        "wait_1",
        3,
        "B",
        2,
    )
    assert queue.delayed() == [again]
    assert history.messages == [first, again]


def test_two_handlers_of_one_message_leave_one_redelivery() -> None:
    queue, _, _ = setting()
    first = queue.send(message())
    queue.begin(first)
    queue.begin(first)
    one = queue.later(first, 1, None, "A")
    other = queue.later(first, 1, None, "B")
    assert (one.absorbed, other.absorbed) == (False, True)
    assert queue.delayed() == [one]

    second = queue.send(message())
    queue.begin(second)
    queue.begin(second)
    queue.fail(second, WorldError("Error", "boom"), failed(second))
    queue.finish(second)
    assert [each.id for each in queue.delayed()] == [first.id, second.id]


class Race:
    """Deliveries of a race on one queue, each of which fails with a text."""

    def __init__(self) -> None:
        self.queue, _, self.history = setting()
        self.history.phase = "race"
        self.sent = self.queue.send(message())

    def begun(self, of: Message, actor: str = "B") -> Delivery:
        self.queue.begin(of)
        delivery = Delivery(of, actor, "race", self.history.tick())
        self.history.deliveries.append(delivery)
        return delivery

    def operates(self, actor: str) -> None:
        self.history.gates.append(GateStep(actor, "GET x", self.history.tick()))

    def fails(self, text: str = "refused") -> int:
        """B's delivery of what waits, once; the attempt at which it comes again."""
        [waits] = self.queue.pending() or self.queue.delayed()
        delivery = self.begun(waits)
        self.operates("B")
        delivery.failed = WorldError("Error", text)
        self.queue.fail(waits, delivery.failed, delivery)
        delivery.ended = self.history.tick()
        [again] = self.queue.delayed()
        return again.attempt


def test_what_failed_twice_alike_in_a_race_is_given_up_next_if_nobody_else_is_busy() -> None:
    race = Race()
    assert [race.fails(), race.fails()] == [2, MAX_DELIVERIES + 1]
    race = Race()
    assert [race.fails(), race.fails("otherwise"), race.fails("otherwise")] == [2, 3, MAX_DELIVERIES + 1]


def test_it_waits_for_a_handler_that_is_busy_and_may_change_that() -> None:
    race = Race()
    other = race.begun(race.queue.send(message()), "A")
    assert (race.fails(), race.queue.stuck) == (2, False)
    assert (race.fails(), race.queue.stuck) == (3, True)
    race.queue.finish(other.message)
    assert not race.queue.stuck
    assert race.fails() == MAX_DELIVERIES + 1


def test_it_is_tried_again_when_another_actor_has_done_anything_since() -> None:
    race = Race()
    race.fails()
    race.operates("A")
    assert (race.fails(), race.queue.stuck) == (3, False)


def test_it_waits_for_a_caller_from_outside_unless_that_one_is_dead() -> None:
    race = Race()
    race.history.calls.append(Call("C", "race", "events.create", (), race.history.tick()))
    race.fails()
    assert (race.fails(), race.queue.stuck) == (3, True)
    race.history.faults.append(FaultStep("C", "kill", race.history.tick()))
    assert race.fails() == MAX_DELIVERIES + 1


def test_what_was_done_already_twice_and_comes_later_is_given_up_next_too() -> None:
    """A log in a wrong order: the handler does not see in it what the World says is there."""
    race = Race()

    def later(outcome: str) -> int:
        [waits] = race.queue.pending() or race.queue.delayed()
        delivery = race.begun(waits)
        race.operates("B")
        delivery.outcome = outcome
        again = race.queue.later(waits, 1.0, None, "B")
        delivery.ended = race.history.tick()
        return again.attempt

    outcomes = ["wait_completed:conflict", "suspended", "suspended", *["wait_completed:conflict"] * 2]
    assert [later(outcome) for outcome in outcomes] == [2, 3, 4, 5, MAX_DELIVERIES + 1]
