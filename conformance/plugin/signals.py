"""Signals that end a run: it ends in order, and nothing interrupts the putting away."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

#: End the process by default. A run has things to put away, so they do what Ctrl-C does.
_ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


def end_in_order() -> Callable[[], None]:
    """From now on the signals that end a process raise ``KeyboardInterrupt``; what is given back undoes that.

    A signal that somebody else handles or ignores (``nohup``) is left alone. Does nothing outside the main
    thread.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    changed = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, _interrupt)

    def undo() -> None:
        for number in changed:
            if signal.getsignal(number) is _interrupt:
                signal.signal(number, signal.SIG_DFL)

    return undo


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"ended by {signal.Signals(number).name}")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and the signals above are ignored here. What is done here has to be bounded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
