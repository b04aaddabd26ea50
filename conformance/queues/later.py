"""The probe of time: deliveries that are asked for later, or at once, and messages with a delay."""

from __future__ import annotations

from typing import Final

from conformance.queues.driver import Delivery, QueueDriver
from conformance.queues.finding import QueueFinding, counted
from conformance.queues.post import Post, Posted
from conformance.queues.probes import Amount, all_come, turns, with_story

#: Clocks and timers are this coarse, in seconds: less is not early.
COARSE: Final = 0.05


def delay(driver: QueueDriver, amount: Amount) -> list[QueueFinding]:
    """Handlers that ask for a later delivery, or for one at once, and messages queued with a delay."""
    post = Post(driver)
    plans = {"later": [2, 1], "at once": [0], "delayed": []}
    asked: dict[str, list[float]] = {}
    messages: dict[str, list[Posted]] = {name: [] for name in plans}

    def ending(delivery: Delivery, message: Posted) -> None:
        times = plans[message.name.split(",")[0]]
        answered = asked.setdefault(message.id, [])
        if len(answered) < len(times):
            # What counts is the earliest moment at which the queue can know.
            answered.append(driver.now() + times[len(answered)])
            driver.later(delivery, times[len(answered) - 1])
        else:
            driver.finish(delivery)

    post.end_by(ending)
    for name in plans:
        for number, host, path in turns(driver, 4):
            message = post.make(f"{name}, message {number}", path)
            options = {"delaySeconds": 2} if name == "delayed" else {}
            sent = post.send(message, host, **options)
            if name == "delayed":
                asked[message.id] = [sent.at + 2]
            messages[name].append(message)
    every = [message for group in messages.values() for message in group]
    expected = {message.id: len(plans[message.name.split(",")[0]]) + 1 for message in every}
    all_come(
        driver, lambda: all(len(each.deliveries) >= expected[each.id] for each in every), lambda: amount.lost
    )
    driver.drain(amount.watch)
    return [
        _punctual(post, rule, messages[name], asked, expected, first, amount)
        for rule, name, first in (
            ("queue.timeout", "later", 1),
            ("queue.timeout-zero", "at once", 1),
            ("queue.delay", "delayed", 0),
        )
    ]


def _punctual(
    post: Post,
    rule: str,
    messages: list[Posted],
    due: dict[str, list[float]],
    expected: dict[str, int],
    first: int,
    amount: Amount,
) -> QueueFinding:
    """Whether the deliveries from number ``first`` on came, and none before it was due."""
    texts: list[str] = []
    bad: list[Posted] = []
    late = 0.0
    came = [message for message in messages if first == 0 or message.deliveries]
    for message in came:
        moments = due.get(message.id, [])
        slack = [
            delivery.at - moment
            for delivery, moment in zip(message.deliveries[first:], moments, strict=False)
        ]
        late = max([late, *slack])
        early = [-each for each in slack if each < -COARSE]
        if early:
            texts.append(f"{message.name} came {max(early):.2f} s too early")
        elif len(message.deliveries) < expected[message.id]:
            texts.append(f"{message.name} was awaited and did not come in {amount.lost:g} s")
        elif len(message.deliveries) > expected[message.id] and not early:
            texts.append(f"{message.name} was done, and came again")
        else:
            continue
        bad.append(message)
    good = f"{len(came)} messages came, none too early, the latest {late:.1f} s after its time"
    return with_story(counted(rule, len(came), texts, good, hosts=len(post.names)), post, bad)
