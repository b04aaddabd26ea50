"""What a history does not tell: at which logical time each call was sent to a host."""

from __future__ import annotations

from typing import Any, cast

from conformance.drivers.hosted import Host, HostedDriver


class Tap:
    """Listens to every host that a driver starts from now on.

    An actor sends one ``call`` message for each call it records, in the same order, so the times here and
    the calls of a history belong together one by one.
    """

    def __init__(self, driver: HostedDriver) -> None:
        self._driver = driver
        self._times: dict[int, tuple[object, list[int]]] = {}
        self._open_host = driver._open_host
        driver._open_host = self._open

    def times(self, history: object) -> list[int]:
        """The logical time (ms since 1970) of each call of a history, in the order of its calls."""
        return self._times[id(history)][1]

    def _open(self, actors: list[str], seed: int, clock: int) -> Host:
        return cast(Host, _Tapped(self._open_host(actors, seed, clock), self))

    def sent(self, message: dict[str, Any]) -> None:
        """A message goes to a host."""
        if message["type"] == "call":
            history = self._driver.history
            # The history is kept, so that no other one gets its id.
            self._times.setdefault(id(history), (history, []))[1].append(message["clock"])


class _Tapped:
    """A host whose incoming messages are told to a tap; all else goes to the host itself."""

    def __init__(self, host: Host, tap: Tap) -> None:
        self._host = host
        self._tap = tap

    def send(self, message: dict[str, Any]) -> None:
        self._tap.sent(message)
        self._host.send(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)
