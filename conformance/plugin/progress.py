"""What a run is doing: one line at the bottom of a terminal, or a line now and then in a CI log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest

from conformance.core.redact import shown
from conformance.core.text import one_line
from conformance.record.lines import Verdict

#: seconds between two drawings on a terminal
_REDRAWN: Final = 0.2
#: A log has a line at least so often (seconds): CI services end a job that says nothing.
SAID_EVERY: Final = 15.0
#: What stands before the first verdicts of a run, and how long a run may take before they are said (seconds).
FIRST: Final = "first verdicts"
FIRST_AFTER: Final = 1.0
#: Before so many variants are done nobody can say how long the others take.
_FEWEST: Final = 3


class LiveLine:
    """Shows how far the tests of this process are. A worker of xdist shows nothing: see :class:`WorkersLine`.

    On a terminal it is the line below what pytest prints, drawn anew and removed at the end of a test.
    Elsewhere a line is printed when none was for :data:`SAID_EVERY` seconds. ``-q`` turns it off.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._drawn = False
        self._at = self._began = self._made = time.monotonic()
        self._planned = self._begun = 0
        self._test = self._variant = ""
        self._state: Callable[[], str] = str
        self._first_said = False

    def plan(self, variants: int) -> None:
        """So many variants are to be judged."""
        self._planned = variants

    def begin(self, test: str, variant: str, state: Callable[[], str]) -> None:
        """A variant of a test begins; ``state`` says how far it is, such as ``12 schedules``."""
        if not self._begun:
            self._began = self._at = time.monotonic()
        self._test, self._variant, self._state = test, variant, state
        self._begun += 1

    def tick(self) -> None:
        """A schedule ended: show it, if it is time to."""
        now = time.monotonic()
        if now - self._at < _REDRAWN:
            return
        reporter = _reporter(self._config)
        if reporter is None or reporter.verbosity < 0:
            return
        on_terminal = _on_terminal(reporter)
        if not on_terminal and now - self._at < SAID_EVERY:
            return
        self._at = now
        if on_terminal:
            self._drawn = True
            self._below(reporter, self._text(now)[: reporter._tw.fullwidth - 1])
        else:
            say(self._config, f"{self._test} {self._text(now)}")

    def judged(self, verdicts: Sequence[Verdict]) -> None:
        """The variant was judged. The first verdicts of a run are said at once, unless the run is quick: its
        test, which may have dozens of variants, ends much later. The line of a terminal counts failures."""
        reporter = _reporter(self._config)
        if self._first_said or not verdicts or reporter is None:
            return
        self._first_said = True
        quick = time.monotonic() - self._made < FIRST_AFTER
        if quick or reporter.verbosity < 0 or _on_terminal(reporter):
            return
        got = ", ".join(f"{verdict.check} {verdict.verdict}" for verdict in verdicts)
        say(self._config, f"{self._test} {FIRST}: {self._variant}: {got}")

    def clear(self) -> None:
        """Remove the line from the terminal."""
        reporter = _reporter(self._config)
        if self._drawn and reporter is not None:
            self._below(reporter, "")
        self._drawn = False

    def _text(self, now: float) -> str:
        """``7/96 in 12 s, about 2 min 5 s left: suspend-twice, 12 schedules``."""
        done, planned, passed = self._begun - 1, max(self._planned, self._begun), now - self._began
        text = f"{self._begun}/{planned} in {_time(passed)}"
        if done >= _FEWEST:
            text += f", about {_time(passed / done * (planned - done))} left"
        return one_line(shown(f"{text}: {self._variant}, {self._state()}"))

    def _below(self, reporter: Any, text: str) -> None:
        """Write into the line below that of the cursor, and go back to where the cursor was."""
        column = reporter._tw.width_of_current_line
        back = "\x1b[1A\r" + (f"\x1b[{column}C" if column else "")
        with uncaptured(self._config):
            reporter._tw._file.write(f"\n\r\x1b[2K{text}{back}")
            reporter._tw._file.flush()


class WorkersLine:
    """The same for the tests of all workers of xdist, in the process that has the terminal: it only knows
    which tests began and ended."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        #: how many tests there are, once the workers have collected them
        self.tests = 0
        self._running: dict[str, float] = {}
        self._done = self._failed = 0
        self._began = self._at = time.monotonic()
        self._ended = threading.Event()

    def started(self, test: str) -> None:
        self._running[test] = time.monotonic()

    def finished(self, test: str, *, failed: bool) -> None:
        self._running.pop(test, None)
        self._done += 1
        self._failed += failed
        self._at = time.monotonic()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Meanwhile a line is printed when no test ended for :data:`SAID_EVERY` seconds."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(1.0):
            now = time.monotonic()
            reporter = _reporter(self._config)
            if now - self._at >= SAID_EVERY and reporter is not None and reporter.verbosity >= 0:
                self._at = now
                say(self._config, self.text(now))

    def text(self, now: float) -> str:
        """``3 of 16 tests done, 1 failed, 1 min 20 s; running: a (12 s), b (3 s)``.

        Before any test is known: ``the workers are starting, 20 s``.
        """
        if not self.tests:
            return f"the workers are starting, {_time(now - self._began)}"
        running = ", ".join(f"{test} ({_time(now - since)})" for test, since in self._running.copy().items())
        failed = f", {self._failed} failed" if self._failed else ""
        return one_line(
            f"{self._done} of {self.tests} tests done{failed}, {_time(now - self._began)}"
            + (f"; running: {running}" if running else "")
        )


def say(config: pytest.Config, text: str) -> None:
    """One line for the user, also from within a test, where pytest keeps what is printed."""
    reporter = _reporter(config)
    if reporter is not None:
        with uncaptured(config):
            reporter.ensure_newline()
            reporter.write_line(shown(text))
            reporter.flush()  # into a pipe, it is read only when some kilobytes are full


@contextmanager
def uncaptured(config: pytest.Config) -> Iterator[None]:
    """Meanwhile what is written reaches the terminal."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    if capture is None:
        yield
        return
    with capture.global_and_fixture_disabled():
        yield


def _reporter(config: pytest.Config) -> Any:
    return config.pluginmanager.get_plugin("terminalreporter")


def _on_terminal(reporter: Any) -> bool:
    return bool(reporter._tw.hasmarkup and reporter.isatty)


def _time(seconds: float) -> str:
    """``50 s``, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
