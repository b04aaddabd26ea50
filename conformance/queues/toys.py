"""A toy queue that is right, or wrong in one way: what the probes are tried on.

It is a World of Node in ``toy/``. Its messages are files of a folder that several processes share.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.provision.catalog.descriptor import Descriptor, Package
from conformance.provision.catalog.target import Target
from conformance.queues.open import OpenQueue, open_queue
from conformance.queues.probes import Amount

_TOY: Final = Path(__file__).parent / "toy"
#: Bounds for the toy, which polls every 20 ms and tries again after 100 ms.
AMOUNT: Final = Amount(messages=12, batches=1, lost=5.0, watch=0.5, overtake=5.0, give_up=4.0, recovery=5.0)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be wrong: the ``probe`` that must see it, and the ``rules`` that it must name."""

    name: str
    breaks: str
    probe: str
    rules: frozenset[str]


WAYS: Final[dict[str, Way]] = {
    way.name: way
    for way in (
        Way("drops-every-third", "Loses each third message.", "delivers", frozenset({"queue.delivers"})),
        Way("refuses", "Refuses a message.", "delivers", frozenset({"queue.delivers"})),
        Way("changes-payload", "Delivers another payload.", "delivers", frozenset({"queue.intact"})),
        Way("wrong-endpoint", "Delivers to the other endpoint.", "delivers", frozenset({"queue.intact"})),
        Way(
            "ignores-keys",
            "Takes a second message with the key of one under way.",
            "idempotency_key",
            frozenset({"queue.idempotency-key", "queue.idempotency-shared"}),
        ),
        Way(
            "keys-of-one-process",
            "Knows the keys of its own process only.",
            "idempotency_key",
            frozenset({"queue.idempotency-shared"}),
        ),
        Way(
            "never-again",
            "Drops a message whose delivery failed.",
            "redelivers",
            frozenset({"queue.redelivers"}),
        ),
        Way(
            "gives-up",
            "Gives a message up after three failures.",
            "redelivers",
            frozenset({"queue.persists"}),
        ),
        Way("does-not-count", "Says attempt 1 each time.", "redelivers", frozenset({"queue.attempt"})),
        Way("early", "Delivers again before it was asked to.", "delay", frozenset({"queue.timeout"})),
        Way(
            "swallows-timeouts",
            "Takes a request for another delivery for done.",
            "delay",
            frozenset({"queue.timeout", "queue.timeout-zero"}),
        ),
        Way(
            "swallows-zero",
            "Takes a request for another delivery at once for done.",
            "delay",
            frozenset({"queue.timeout-zero"}),
        ),
        Way("no-delay", "Delivers a delayed message at once.", "delay", frozenset({"queue.delay"})),
        Way(
            "forgets-the-dead",
            "Loses the message of a process that dies.",
            "survives",
            frozenset({"queue.survives"}),
        ),
        Way(
            "retires-after-losses",
            "Gives a message up after three lost processes.",
            "survives",
            frozenset({"queue.persists"}),
        ),
    )
}


def open_toy(way: str = "right", **fields: Any) -> OpenQueue:
    """The toy in that way, in two processes on one folder. ``fields`` of its descriptor."""
    descriptor = Descriptor(
        title="Toy",
        name="toy-queue",
        package=Package(name="toy-queue"),
        options={"directory": "{directory}", "way": way},
        **fields,
    )
    target = Target("toy-queue", descriptor, "path", path=_TOY)
    return open_queue(target, None, "toy", progress=lambda _text: None)
