"""The log lines of hosts, written into the history of a schedule."""

from __future__ import annotations

from collections import Counter
from typing import Final

from conformance.core.history import History, LogLine
from conformance.drivers.hosts import Hosts
from conformance.drivers.messages import HostLog

#: Log lines of one level that are kept of one schedule.
_MOST: Final = 200


class HostLogs:
    """Takes what ``hosts`` have logged."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._history = History()
        #: lines of this schedule, by level
        self._counts: Counter[str] = Counter()

    def begin(self, history: History) -> None:
        """A schedule begins, which records into ``history``. What was logged before is not part of it."""
        self._history = history
        self._counts.clear()
        for host in self._hosts.all():
            host.take_logs()

    def collect(self, actor: str) -> None:
        """Record what all hosts have logged since; ``actor`` acted last."""
        for host in self._hosts.all():
            lines = host.take_logs()
            if lines:
                self._take(lines, actor)

    def collect_of(self, actor: str) -> bool:
        """Record what the host of an actor has logged since. Whether its process itself wrote some of it."""
        lines = self._hosts.of(actor).take_logs()
        self._take(lines, actor)
        return any(line.origin == "process" for line in lines)

    def drop_of(self, actor: str) -> None:
        """Forget what the host of an actor has logged since."""
        self._hosts.of(actor).take_logs()

    def _take(self, lines: list[HostLog], actor: str) -> None:
        history = self._history
        for line in lines:
            # A world that floods its log keeps its first lines, errors apart, so none is missed.
            self._counts[line.level] += 1
            if self._counts[line.level] > _MOST:
                continue
            history.logs.append(
                LogLine(
                    line.actor if self._hosts.shared and line.actor else actor,
                    history.phase,
                    line.level,
                    line.origin,
                    line.text,
                    history.tick(),
                    line.by_design,
                )
            )
