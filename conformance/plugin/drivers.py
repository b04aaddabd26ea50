"""The drivers of one process: each is opened at its first use and kept until the run ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from conformance.core.closing import LeftBehind, close_all
from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError
from conformance.provision.catalog.asked import Asked
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.queues.open import OpenQueue, open_queue

#: a world, how it was asked for, and the runtime over it
_Key = tuple[str, Asked, RuntimeWanted | None]
_Opened = TypeVar("_Opened")


class _OpenOnce(Generic[_Opened]):
    """What was opened, by key. An opening that failed fails again at once: it would take as long again."""

    def __init__(self) -> None:
        self._open: dict[_Key, _Opened] = {}
        self._failed: dict[_Key, ConformanceError] = {}

    def get(self, key: _Key, opening: Callable[[], _Opened]) -> _Opened:
        """What is open there, or what ``opening`` gives. Raises :class:`ConformanceError`."""
        if key not in self._open:
            if key in self._failed:
                raise self._failed[key]
            try:
                self._open[key] = opening()
            except ConformanceError as error:
                self._failed[key] = error
                raise
        return self._open[key]

    def take(self, key: _Key) -> _Opened | None:
        """What is open there; it is the caller's to close."""
        return self._open.pop(key, None)

    def take_all(self) -> list[_Opened]:
        """All that is open; it is the caller's to close."""
        opened, self._open = self._open, {}
        return list(opened.values())


class Drivers:
    """Drivers of scenarios and of real queues. ``worker`` tells the processes of a run apart, ``call_limit``
    (seconds) is how long a World may give no sign."""

    def __init__(self, worker: str, call_limit: float, progress: Callable[[str], None]) -> None:
        self._worker = worker
        #: how each of them is opened
        self._how = {"progress": progress, "call_limit": call_limit}
        self._worlds: _OpenOnce[OpenWorld] = _OpenOnce()
        self._queues: _OpenOnce[OpenQueue] = _OpenOnce()

    def world(
        self, target: Target, service: Service | None, runtime: RuntimeWanted | None, deadline: Deadline
    ) -> OpenWorld:
        """What scenarios are played on. What is done on it ends at ``deadline``. Raises
        :class:`ConformanceError`."""

        opening = partial(open_world, target, service, self._worker, runtime=runtime, deadline=deadline)
        opened = self._worlds.get(
            _key(target, runtime), lambda: _prepared(partial(opening, **self._how), deadline)
        )
        for driver in opened.drivers:
            driver.work_until(deadline)
        return opened

    def queue(
        self, target: Target, service: Service | None, runtime: RuntimeWanted | None, deadline: Deadline
    ) -> OpenQueue:
        """What a World's own queue is judged on. What is done on it ends at ``deadline``. Raises
        :class:`ConformanceError`."""

        opening = partial(open_queue, target, service, self._worker, runtime=runtime, deadline=deadline)
        opened = self._queues.get(_key(target, runtime), partial(opening, **self._how))
        opened.driver.work_until(deadline)
        return opened

    def drop_world(self, target: Target, runtime: RuntimeWanted | None) -> None:
        """End it, whatever it is doing, and what it stored. :meth:`world` opens another."""
        opened = self._worlds.take(_key(target, runtime))
        if opened is not None:
            _revive(opened)
            opened.close()

    def drop_queue(self, target: Target, runtime: RuntimeWanted | None) -> None:
        """End it and what it stored. :meth:`queue` opens another."""
        opened = self._queues.take(_key(target, runtime))
        if opened is not None:
            opened.close()

    def close(self, *, at_once: bool) -> None:
        """End every host, and what they stored; ``at_once``: nobody waits for a World that closes slowly.
        Safe to repeat. Raises :class:`LeftBehind`."""
        queues, worlds = self._queues.take_all(), self._worlds.take_all()
        for opened in worlds if at_once else ():
            _revive(opened)
        close_all(*(each.close for each in queues), *(each.close for each in worlds))


def _prepared(opening: Callable[[], OpenWorld], deadline: Deadline) -> OpenWorld:
    """What is opened, with its World made: one that cannot be made is known before the first schedule."""
    opened = opening()
    try:
        opened.driver.work_until(deadline)
        opened.driver.prepare()
    except BaseException:
        with suppress(LeftBehind):  # the first failure is reported
            opened.close()
        raise
    return opened


def _revive(opened: OpenWorld) -> None:
    for driver in opened.drivers:
        driver.revive()


def _key(target: Target, runtime: RuntimeWanted | None) -> _Key:
    return target.label, target.asked, runtime
