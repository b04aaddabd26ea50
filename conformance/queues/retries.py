"""The probe whose handlers fail: a message comes again, is counted, and is not given up too soon."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.queues.driver import Delivery, QueueDriver
from conformance.queues.finding import QueueFinding, counted
from conformance.queues.post import Post, Posted
from conformance.queues.probes import Amount, all_come, turns, with_story


def redelivers(driver: QueueDriver, amount: Amount) -> list[QueueFinding]:
    """Deliveries that fail, once or three times: the message comes again, with the next attempt number."""
    post = Post(driver)
    failures = {"once": 1, "thrice": 3}
    wanted: dict[str, int] = {}

    def ending(delivery: Delivery, message: Posted) -> None:
        if len(message.deliveries) <= wanted[message.id]:
            driver.fail(delivery)
        else:
            driver.finish(delivery)

    post.end_by(ending)
    messages: dict[str, list[Posted]] = {name: [] for name in failures}
    for name, times in failures.items():
        for number, host, path in turns(driver, 4):
            message = post.make(f"message {number} that fails {name}", path)
            wanted[message.id] = times
            post.send(message, host)
            messages[name].append(message)

    def finished(message: Posted) -> bool:
        return len(message.deliveries) > wanted[message.id]

    all_come(driver, lambda: all(finished(each) for each in messages["once"]), lambda: amount.lost)
    every = [*messages["once"], *messages["thrice"]]
    all_come(
        driver, lambda: all(finished(each) for each in messages["thrice"]), lambda: _give_up(every, amount)
    )
    bound = _give_up(every, amount)
    hosts = len(driver.names)
    lost = [each for each in messages["once"] if each.deliveries and not finished(each)]
    # Of those that came again at all: whether the queue keeps at it.
    kept = [each for each in messages["thrice"] if len(each.deliveries) > 1]
    gave_up = [each for each in kept if not finished(each)]
    again = [each for each in every if len(each.deliveries) > 1]
    miscounted = [each for each in again if _attempts(each) != list(range(1, len(each.deliveries) + 1))]
    return [
        with_story(
            counted(
                "queue.redelivers",
                sum(bool(each.deliveries) for each in messages["once"]),
                [f"{each.name} did not come again in {amount.lost:g} s" for each in lost],
                f"every failed delivery was made again, after {_pauses(every)}",
                hosts=hosts,
            ),
            post,
            lost,
        ),
        with_story(
            counted(
                "queue.persists",
                len(kept),
                [
                    f"after {len(each.deliveries)} failed deliveries no other came in {bound:.0f} s "
                    f"(pauses before: {_pauses([each])})"
                    for each in gave_up
                ],
                f"a fourth delivery followed three failed ones, after {_pauses(kept)}",
                hosts=hosts,
            ),
            post,
            gave_up,
        ),
        with_story(
            counted(
                "queue.attempt",
                len(again),
                [f"{each.name} came as attempts {_attempts(each)}" for each in miscounted],
                "attempts are counted from 1",
                hosts=hosts,
            ),
            post,
            miscounted,
        ),
    ]


def _attempts(message: Posted) -> list[int]:
    return [delivery.attempt for delivery in message.deliveries]


def _gaps(messages: Iterable[Posted]) -> list[float]:
    """Seconds between the deliveries of each message."""
    return [
        later.at - earlier.at
        for message in messages
        for earlier, later in zip(message.deliveries, message.deliveries[1:], strict=False)
    ]


def _pauses(messages: Iterable[Posted]) -> str:
    gaps = _gaps(messages)
    return f"{min(gaps):.1f} to {max(gaps):.1f} s" if gaps else "none"


def _give_up(messages: list[Posted], amount: Amount) -> float:
    """Pauses grow from one attempt to the next: six times the longest so far, and ``give_up`` at least."""
    return max([amount.give_up, *(6 * gap for gap in _gaps(messages))])
