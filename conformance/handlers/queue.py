"""The captured queue: every message the handlers send, kept until the scheduler delivers it.

It is the queue that the worlds promise, made deterministic: at least once, delays by the logical
clock, and an idempotency key that absorbs a second message. Nothing is delivered by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.core.history import Delivery, History, LogLine, Message
from conformance.spec.vocabulary import WorldError

#: After so many deliveries of one message the handlers give up and fail the run or the step.
MAX_DELIVERIES: Final = 48


class CapturedQueue:
    """Messages of one schedule. ``now`` gives the logical time in ms since 1970.

    ``backoff`` is the number of seconds after which a failed delivery is tried again. ``keep_keys``:
    a key absorbs for the whole schedule, as in queues that remember keys for a minute or a day; without
    it a key is free again once its message is finished, as in queues that know only what is in flight.
    """

    __slots__ = (
        "_due", "_keys", "_messages", "_out", "_sent",
        "backoff", "history", "keep_keys", "now", "poisoned", "stuck",
    )  # fmt: skip

    def __init__(
        self, history: History, now: Callable[[], float], *, backoff: float = 5.0, keep_keys: bool = True
    ) -> None:
        self.history = history
        self.now = now
        self.backoff = backoff
        self.keep_keys = keep_keys
        self._messages: dict[str, Message] = {}  # waiting, by id, in the order they were sent
        self._due: dict[str, float] = {}  # when they may be delivered, ms
        self._out: dict[str, int] = {}  # how many handlers have a message in hand
        self._keys: dict[str, str] = {}  # idempotency key -> id of the unfinished message
        self._sent = 0
        #: a message fails at every attempt, beyond the last one too: it will not be given up as things are
        self.poisoned = False
        #: what waits would fail again, and a handler that works on another message may change that
        self.stuck = False

    def save(self) -> tuple[object, ...]:
        """What is in the queue, to go back to with :meth:`rewind`."""
        return self._messages.copy(), self._due.copy(), self._out.copy(), self._keys.copy(), self._sent

    def rewind(self, saved: Any, history: History) -> None:
        """Go back to what was saved, and record into ``history`` from here on."""
        messages, due, out, keys, self._sent = saved
        self._messages, self._due = messages.copy(), due.copy()
        self._out, self._keys = out.copy(), keys.copy()
        self.history = history
        self.poisoned = self.stuck = False

    # -- sending -----------------------------------------------------------------------------------

    def send(self, message: Message) -> Message:
        """Take a message in. It gets an id, and ``absorbed`` when its key was used before."""
        self._sent += 1
        self.poisoned = False
        message.id = message.id or f"msg_{self._sent}"
        message.at = self.history.tick()
        message.phase = self.history.phase
        self.history.messages.append(message)
        if message.key is not None:
            if message.key in self._keys:
                message.absorbed = True
                return message
            self._keys[message.key] = message.id
        self._wait(message)
        return message

    def _wait(self, message: Message) -> None:
        self.stuck = False
        self._messages[message.id] = message
        self._due[message.id] = self.now() + message.delay * 1000

    # -- what is there -----------------------------------------------------------------------------

    def pending(self) -> list[Message]:
        """Messages that may be delivered now, oldest first."""
        now = self.now()
        return [message for message in self._messages.values() if self._due[message.id] <= now]

    def delayed(self) -> list[Message]:
        """Messages whose time has not come, the next one first."""
        now = self.now()
        later = [message for message in self._messages.values() if self._due[message.id] > now]
        return sorted(later, key=lambda message: self._due[message.id])

    def next_due(self) -> float | None:
        """When the next message may be delivered (ms since 1970; maybe past), None when there is none."""
        return min(self._due.values(), default=None)

    def __bool__(self) -> bool:
        return bool(self._messages)

    @property
    def in_hand(self) -> bool:
        """Whether any handler has a message in hand, and may queue others."""
        return bool(self._out)

    # -- delivering --------------------------------------------------------------------------------

    def take(self, message_id: str) -> Message:
        """Take a waiting message out, before its time too, to deliver it (``KeyError``: not waiting).

        It stays unfinished until :meth:`finish`, :meth:`later`, :meth:`fail` or :meth:`lose`. To
        deliver it twice at once, give the same message to two handlers.
        """
        message = self._messages.pop(message_id)
        del self._due[message_id]
        return message

    def begin(self, message: Message) -> None:
        """A handler has the message in hand (:func:`~conformance.handlers.handlers.deliver` says so)."""
        if self._messages.get(message.id) is message:
            self.take(message.id)
        self.stuck = self.poisoned = False
        self._out[message.id] = self._out.get(message.id, 0) + 1

    def finish(self, message: Message) -> None:
        """It was handled. A redelivery that another handler's failure asked for is still made."""
        self._put_down(message)
        if message.id not in self._messages and message.id not in self._out:
            self._release(message)

    def later(self, message: Message, seconds: float, about: str | None, actor: str) -> Message:
        """The handler asks for another delivery in ``seconds``: recorded as a message of origin ``timeout``.

        To the queue it is the same message, so it keeps its id and its key. When another handler of it
        has asked already there is still one message: the second request is absorbed.
        """
        attempt, stuck = self._next_attempt(message, actor)
        self._put_down(message)
        history = self.history
        again = replace(message, delay=seconds, origin="timeout", about=about, attempt=attempt)
        again.actor = actor
        again.phase = history.phase
        again.at = history.tick()
        again.absorbed = message.id in self._messages
        history.messages.append(again)
        if not again.absorbed:
            self._wait(again)
        self.stuck = stuck
        return again

    def fail(self, message: Message, error: WorldError, delivery: Delivery) -> None:
        """The handler threw: an error line of the queue's, and the next attempt after the back-off."""
        history = self.history
        text = f"Queue message failed (attempt {message.attempt}, HTTP 500): {error}"
        history.logs.append(LogLine(delivery.actor, history.phase, "error", "queue", text, history.tick()))
        attempt, stuck = self._next_attempt(message, delivery.actor)
        self._again(message, self.backoff, attempt)
        self.stuck = stuck

    def _next_attempt(self, message: Message, actor: str) -> tuple[int, bool]:
        """The number of the next attempt, and whether it would fail again until others have gone on. One
        that is not given up at its last attempt either is :attr:`poisoned` from here on."""
        attempt = message.attempt + 1
        if not self._fails_for_good(message):
            return attempt, False
        if self._others_are_busy(actor):
            return attempt, True
        # The attempts in between would fail as these two did: left to see is how it is given up.
        self.poisoned = message.attempt > MAX_DELIVERIES
        return max(attempt, MAX_DELIVERIES + 1), False

    def _fails_for_good(self, message: Message) -> bool:
        """It failed twice alike; what else waits was delivered in between, and nothing has changed."""
        if self.history.phase == "given":
            return False  # how a message of the prefix comes to fail is the case itself
        tried: list[Delivery] = []
        for each in reversed(self.history.deliveries):
            if each.phase != self.history.phase or not _in_vain(each) or each.progressed:
                return False
            tried.append(each)
            if each.message.id == message.id and len(tried) > 1:
                between = {one.message.id for one in tried[1:-1]}
                alike = _in_vain(each) == _in_vain(tried[0])
                return alike and between >= self._messages.keys() and not self._others_went_on(tried)
        return False

    def _others_went_on(self, tried: Sequence[Delivery]) -> bool:
        """Whether anything was done since the first of these deliveries but by their handlers."""
        for gate in reversed(self.history.gates):
            if gate.at < tried[-1].began:
                return False
            if not any(
                one.actor == gate.actor and one.began < gate.at and (one.ended == -1 or gate.at < one.ended)
                for one in tried
            ):
                return True
        return False

    def _others_are_busy(self, actor: str) -> bool:
        """Whether others are in the middle of a delivery or of a call from outside."""
        if sum(self._out.values()) > 1:
            return True
        history = self.history
        dead = {fault.actor for fault in history.faults if fault.kind in ("kill", "die")}
        return history.phase == "race" and any(
            call.ended == -1 and call.phase == "race" and call.actor != actor and call.actor not in dead
            for call in history.calls
        )

    def lose(self, message: Message) -> None:
        """The handler died with the message in hand: visible again at once, with no line logged."""
        self._again(message, 0.0, message.attempt + 1)

    def repeat(self, message: Message) -> None:
        """The queue never learnt that it was handled: it comes again, unless it would anyway."""
        if message.id not in self._messages:
            self._wait(replace(message, attempt=message.attempt + 1, delay=0.0))

    def _again(self, message: Message, seconds: float, attempt: int) -> None:
        self._put_down(message)
        if message.id not in self._messages:
            self._wait(replace(message, attempt=attempt, delay=seconds))

    def _put_down(self, message: Message) -> None:
        self.stuck = False
        left = self._out.get(message.id, 0) - 1
        if left > 0:
            self._out[message.id] = left
        else:
            self._out.pop(message.id, None)

    def _release(self, message: Message) -> None:
        if not self.keep_keys and message.key is not None and self._keys.get(message.key) == message.id:
            del self._keys[message.key]


def _in_vain(delivery: Delivery) -> str:
    """How a delivery came to nothing: its error, or that what it wanted to do is done already, which it does
    not see in the log. Empty where it did not."""
    if delivery.failed is not None:
        return str(delivery.failed)
    return delivery.outcome if delivery.outcome.endswith(":conflict") else ""
