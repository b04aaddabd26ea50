"""The probes: each queues messages, decides how their deliveries end, and counts what comes.

A probe takes a driver and how much is wanted, and gives one finding for each rule it is about. It never
sleeps for an event; what is awaited and never comes is judged after a bound that its finding states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from conformance.queues.driver import Delivery, QueueDriver
from conformance.queues.finding import KEPT, QueueFinding, counted
from conformance.queues.post import Post, Posted


@dataclass(frozen=True, slots=True)
class Amount:
    """How much a probe does, and the bounds (in seconds) by which it judges what does not come."""

    messages: int = 30
    #: batches of three keys
    batches: int = 2
    #: a message is lost when it has not come and the queue gave no sign for so long
    lost: float = 60.0
    #: how long a delivery is looked for that should not come, once everything else has
    watch: float = 1.5
    #: while a handler is held, another message has so long to overtake it
    overtake: float = 10.0
    #: the least that a further attempt has, however short the pauses before it were
    give_up: float = 20.0
    #: a crash has so long to heal
    recovery: float = 90.0


AMOUNTS: Final = {
    "quick": Amount(10, 1, recovery=60.0),
    "default": Amount(),
    "thorough": Amount(300, 10, recovery=420.0),
}

Probe = Callable[[QueueDriver, Amount], list[QueueFinding]]


def turns(driver: QueueDriver, count: int) -> Iterable[tuple[int, str, str]]:
    """``count`` times a number, a host and a path: every pair of these comes as often as any other."""
    for number in range(count):
        yield (
            number,
            driver.names[number % len(driver.names)],
            ("flow", "step")[number // len(driver.names) % 2],
        )


def all_come(driver: QueueDriver, done: Callable[[], bool], bound: Callable[[], float]) -> bool:
    """Wait until ``done``, for as long as the queue gives a sign within ``bound`` seconds."""
    while not driver.until(done, 1.0):
        if driver.quiet_for() > bound():
            return False
    return True


def with_story(finding: QueueFinding, post: Post, bad: list[Posted]) -> QueueFinding:
    if finding.outcome == "fail":
        finding.timeline = post.story(*bad[:2])[:KEPT]
    return finding


def delivers(driver: QueueDriver, amount: Amount) -> list[QueueFinding]:
    """Messages from every process to both endpoints: all come, and come as they were queued."""
    post = Post(driver)
    messages = []
    for number, host, path in turns(driver, amount.messages):
        message = post.make(f"message {number}", path)
        post.send(message, host)
        messages.append(message)
    all_come(
        driver, lambda: all(each.deliveries for each in messages) or bool(post.refused()), lambda: amount.lost
    )
    driver.drain(amount.watch)
    refused = [each for each in messages if any(asked.error is not None for asked in each.asked)]
    missing = [each for each in messages if not each.deliveries and each not in refused]
    changed = [each for each in messages if each.wrong]
    again = sum(len(each.deliveries) - 1 for each in messages if each.deliveries)
    bad = [f"queue() refused {each.name}: {each.asked[0].error}" for each in refused]
    bad += [f"{each.name} had not come when the queue was silent for {amount.lost:g} s" for each in missing]
    more = f", {again} deliveries more than messages" if again else ""
    good = f"{len(messages)} messages, all delivered{more}"
    hosts = len(driver.names)
    return [
        with_story(counted("queue.delivers", len(messages), bad, good, hosts=hosts), post, refused + missing),
        with_story(
            counted(
                "queue.intact",
                sum(bool(each.deliveries) for each in messages),
                [each.wrong for each in changed],
                f"{len(messages)} messages came as they were queued",
                hosts=hosts,
            ),
            post,
            changed,
        ),
    ]


def idempotency_key(driver: QueueDriver, amount: Amount) -> list[QueueFinding]:
    """A key queued again while its message is unfinished: with one process at the queue, and with two."""
    first, other = driver.names[0], driver.names[-1]
    found = [_once(Post(driver, [first]), "queue.idempotency-key", [(first, first, False)], amount)]
    if first == other:
        reason = "its store lies in one process: two processes have no queue in common"
        return [*found, QueueFinding("queue.idempotency-shared", "unsupported", reason, hosts=1)]
    pairs = [(first, first, False), (first, other, False), (first, other, True)]
    return [*found, _once(Post(driver), "queue.idempotency-shared", pairs, amount)]


def _once(post: Post, rule: str, pairs: list[tuple[str, str, bool]], amount: Amount) -> QueueFinding:
    """Each key is delivered once. ``pairs``: who queues it, who queues it again, and whether at once."""
    bad: list[Posted] = []
    texts: list[str] = []
    tried = 0
    for number in range(amount.batches * len(pairs)):
        # A few at a time: the workers of a queue are few, and held deliveries keep them busy.
        for message in _keys(post, number * 3, pairs[number % len(pairs)], amount):
            tried += 1
            if len(message.deliveries) > 1:
                bad.append(message)
                texts.append(f"{message.name} was delivered {len(message.deliveries)} times")
    finding = counted(rule, tried, texts, f"each of {tried} keys was delivered once", hosts=len(post.names))
    return with_story(finding, post, bad)


def _keys(post: Post, number: int, pair: tuple[str, str, bool], amount: Amount) -> list[Posted]:
    """Three keys, each queued twice. Those without a first delivery are left out: nothing was unfinished."""
    one, two, at_once = pair
    how = f"from {one} and {two} at once" if at_once else f"from {one}, and from {two} while it ran"
    batch = [post.make(f"key {number + index} (queued {how})", "step") for index in range(3)]
    held: list[Delivery] = []

    def hold(delivery: Delivery, message: Posted) -> None:
        if message in batch:
            held.append(delivery)
        else:
            post.driver.finish(delivery)

    post.end_by(hold)
    for message in batch:
        post.send(message, one, idempotencyKey=message.id)
        if at_once:
            post.send(message, two, idempotencyKey=message.id)
    all_come(post.driver, lambda: all(message.deliveries for message in batch), lambda: amount.lost)
    for message in batch:
        if not at_once and message.deliveries:
            post.send(message, two, idempotencyKey=message.id)
    # What is queued after them comes after them, if at all.
    _overtaken(post, amount.overtake)
    # Then the handlers are done, and what waited for these comes.
    post.release()
    for delivery in held:
        post.driver.finish(delivery)
    _overtaken(post, amount.lost)
    post.driver.drain(amount.watch)
    return [message for message in batch if message.deliveries]


def _overtaken(post: Post, bound: float) -> None:
    """A message from each process, queued now, has come."""
    marks = {name: post.make(f"mark of {name}", "step") for name in post.names}
    for name, mark in marks.items():
        post.send(mark, name)
    post.driver.until(lambda: all(mark.deliveries for mark in marks.values()), bound)
