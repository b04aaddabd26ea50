"""Gates of the suite's own: where a racing program begins, and where it takes or queues a message.

They are no operations of a World. A World may read the clock, draw an id or look into a cache before its
first operation, so when a call begins is part of the schedule. What is in the queue decides who gets it and
in which order, so taking and queuing are operations too, on the key ``@queue``.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.core.gates import Gate


class Start(Gate):
    """Held before a program begins, or before an actor takes or queues a message.

    Starts depend on each other, by the time at which they happen or by the queue, and on no operation.
    """

    __slots__ = ()


class Begin(Start):
    """Where a program begins."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("start", "write", ("@clock",), cuts=False)


class Take(Start):
    """Where an actor takes its next message: what it finds depends on what the others queued and took.
    It waits there until it is ``ready``, so long as another can go on."""

    __slots__ = ("ready",)

    def __init__(self, ready: Callable[[], bool] = lambda: True) -> None:
        super().__init__("take the next message", "write", ("@clock", "@queue"), cuts=False)
        self.ready = ready


class Send(Start):
    """Where an actor queues a message: the World has answered, and nobody else knows of the message yet."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("queue a message", "write", ("@queue",), cuts=False)
