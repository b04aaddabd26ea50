"""The services of several worlds, started side by side: a run waits for the slowest, not for the sum.

Each starts in a thread of its own. Ctrl-C does not reach a thread, so an interrupted start is told to end by
``check``, which it calls while it waits; a service that is up by then is stopped there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Final, NamedTuple

import anyio
import anyio.to_thread

from conformance.core.errors import ConformanceError, NoService
from conformance.provision.services.service import Service
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import Force, Progress, start_service

#: seconds that interrupted starts have to end what they began
_ENDED_IN: Final = 20.0


class Wanted(NamedTuple):
    """The service of one world, as :func:`start_service` is asked for it."""

    spec: ServiceSpec
    url: str | None
    force: Force | None


def start_together(
    wanted: Sequence[Wanted],
    services: MutableMapping[str, Service],
    progress: Progress = lambda _: None,
    start: Callable[..., Service] = start_service,
) -> list[ConformanceError | None]:
    """Start one service for each kind that is wanted; for each of ``wanted`` the reason why it has none.

    ``services`` is filled by :attr:`ServiceSpec.key` as they come up: the caller stops them, also when this
    is interrupted.
    One that fails does not stop the others.
    """
    group = _Group(services, progress, start)
    kinds: dict[str, list[Wanted]] = {}
    for one in wanted:
        kinds.setdefault(one.spec.key, []).append(one)
    starts = [_Start(group, each) for each in kinds.values()]
    if len(starts) > 1:
        try:
            anyio.run(_run, starts)
        except BaseException:
            group.cancel()
            until = time.monotonic() + _ENDED_IN
            for each in starts:
                each.idle.wait(max(0.0, until - time.monotonic()))
            raise
    for each in starts:
        if len(starts) == 1:
            each.run()  # here, where Ctrl-C reaches it at once
    answers = {kind: iter(each.errors) for kind, each in zip(kinds, starts, strict=True)}
    return [next(answers[one.spec.key]) for one in wanted]


async def _run(starts: Sequence[_Start]) -> None:
    async with anyio.create_task_group() as tasks:
        for each in starts:
            tasks.start_soon(_in_thread, each)


async def _in_thread(start: _Start) -> None:
    await anyio.to_thread.run_sync(start.run, abandon_on_cancel=True)


class _Cancelled(ConformanceError):
    """The run was interrupted. No :class:`NoService`: no other way is tried."""


class _Group:
    """What the starts of one run share. Its methods are called from several threads."""

    def __init__(
        self, services: MutableMapping[str, Service], progress: Progress, start: Callable[..., Service]
    ) -> None:
        self._services = services
        self._progress = progress
        self._start = start
        self._lock = threading.Lock()
        self._cancelled = False

    def start(self, wanted: Wanted) -> None:
        """Start and keep it. Raises :class:`ConformanceError`."""
        self.check()
        service = self._start(
            wanted.spec, url=wanted.url, force=wanted.force, progress=self.say, check=self.check
        )
        with self._lock:
            if not self._cancelled:
                self._services[wanted.spec.key] = service
                return
        service.stop()

    def say(self, text: str) -> None:
        """One line of progress, whole."""
        with self._lock:
            if not self._cancelled:
                self._progress(text)

    def check(self) -> None:
        """Raise when the run was interrupted."""
        if self._cancelled:
            raise _Cancelled("interrupted")

    def cancel(self) -> None:
        """From now on nothing is kept and nothing is said."""
        with self._lock:
            self._cancelled = True


class _Start:
    """The start of one kind of service, for all worlds that want one. The first to come up serves all."""

    def __init__(self, group: _Group, wanted: Sequence[Wanted]) -> None:
        self._group = group
        self._wanted = wanted
        #: for each that wants one, why it has none
        self.errors: list[ConformanceError | None] = []
        #: no thread is at work on it
        self.idle = threading.Event()
        self.idle.set()

    def run(self) -> None:
        """Start it, or keep the failures. What is no :class:`ConformanceError` is raised."""
        self.idle.clear()
        try:
            self._each()
        finally:
            self.idle.set()

    def _each(self) -> None:
        serving: Wanted | None = None
        failed: list[tuple[Wanted, ConformanceError]] = []
        for one in self._wanted:
            if serving is None:
                error = next((error for other, error in failed if other == one), None) or self._try(one)
                if error is None:
                    serving = one
                else:
                    failed.append((one, error))
            else:
                error = None if one.url in (None, serving.url) else _several(one.spec.kind)
            self.errors.append(error)

    def _try(self, wanted: Wanted) -> ConformanceError | None:
        try:
            self._group.start(wanted)
        except ConformanceError as error:
            return error
        return None


def _several(kind: str) -> NoService:
    return NoService(f"The record was made on several servers of kind {kind}.", "Give --world-service-url.")
