"""What a user types to run tests."""

from __future__ import annotations

import os
from typing import Final

#: Is set in the environment, also of the workers of a run, where ``world-conformance test`` has started it.
STARTED_BY_TEST: Final = "WORLD_CONFORMANCE_TEST"


def program() -> list[str]:
    """pytest, or the command of this suite, beside which there may be no pytest on ``PATH`` (``uvx``,
    ``pipx run``)."""
    return ["world-conformance", "test"] if os.environ.get(STARTED_BY_TEST) else ["pytest"]
