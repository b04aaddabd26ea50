"""Mistakes a person can fix: one sentence of what is wrong, one of what to do next.

The command line and the plugin print these without a traceback. The classes walk the life
cycle of a world: choose it, get it, serve it, host it.
"""

from __future__ import annotations

from conformance.core.redact import shown


class ConformanceError(Exception):
    """Something the user can put right.

    ``what`` says what is wrong and ``hint`` what to do about it. Both may quote what a world or a server
    said: they are redacted and made printable here, so they are shown as they are.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        what, hint = shown(what), shown(hint)
        super().__init__(what if not hint else f"{what}\n  {hint}")
        self.what = what
        self.hint = hint


class UnknownWorld(ConformanceError):
    """No world of that name, or its descriptor cannot be read."""


class CannotInstall(ConformanceError):
    """Node, npm or the world's package could not be had."""


class NoService(ConformanceError):
    """The database the world needs could not be reached or started."""


class HostFailed(ConformanceError):
    """A host process died, hung or spoke nonsense. Verdicts it was part of are inconclusive."""


class ConnectionRefused(ConformanceError):
    """A world wanted to connect to what it was not given. Its host was ended before anything was sent."""


class NotSupported(ConformanceError):
    """Something that cannot be judged on this world at all; the verdicts are ``unsupported``, not red."""
