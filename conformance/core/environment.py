"""The environment of the programs that a run starts: a short list of ours, and what a world asks for.

A host, a set-up and a server get what programs need to run at all. Nothing else of the user's environment
reaches them: it may hold secrets, and a package that reads ``DATABASE_URL`` by itself would find the user's
own database there. A ``world.toml`` that wants a variable says so: ``NAME = "{env.NAME}"`` in ``[env]``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: Where programs, homes and temporary files are; language; certificates of this machine.
INHERITED: Final = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "LANG", "LANGUAGE",
    "LD_LIBRARY_PATH", "SystemRoot", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
    # where Python finds the modules of a world of its own
    "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV",
)  # fmt: skip
_LOCALE: Final = "LC_"
#: The time zone of all programs: a World that stores local times does the same on every machine.
ZONE: Final = "UTC"
#: That of a machine elsewhere: 5:45 h before UTC, all year.
ELSEWHERE: Final = "Asia/Kathmandu"
#: Where this system has its time zones. A program that finds none there takes any zone for UTC.
_ZONES: Final = Path("/usr/share/zoneinfo")


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of :data:`INHERITED` and the locale, as they are here, and :data:`ZONE` as the time zone,
    with ``extra`` over them."""
    kept = {
        name: value for name, value in os.environ.items() if name in INHERITED or name.startswith(_LOCALE)
    }
    return {**kept, "TZ": ZONE, **(extra or {})}


def has_elsewhere() -> bool:
    """Whether this system knows the time zone :data:`ELSEWHERE`. (Node has time zones of its own.)"""
    return (_ZONES / ELSEWHERE).is_file()
