"""The environment of the programs that a run starts: a short list of ours, and what a world asks for.

A host, a set-up and a server get what programs need to run at all. Nothing else of the user's environment
reaches them: it may hold secrets, and a package that reads ``DATABASE_URL`` by itself would find the user's
own database there. A ``world.toml`` that wants a variable says so: ``NAME = "{env.NAME}"`` in ``[env]``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

#: Where programs, homes and temporary files are; language and time zone; certificates of this machine.
INHERITED: Final = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "LANG", "LANGUAGE", "TZ",
    "LD_LIBRARY_PATH", "SystemRoot", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
    # where Python finds the modules of a world of its own
    "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV",
)  # fmt: skip
_LOCALE: Final = "LC_"


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of :data:`INHERITED` and the locale, as they are here, with ``extra`` over them."""
    kept = {
        name: value for name, value in os.environ.items() if name in INHERITED or name.startswith(_LOCALE)
    }
    return {**kept, **(extra or {})}
