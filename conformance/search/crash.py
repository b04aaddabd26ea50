"""What to say when the suite itself fails: it is not a verdict on the World, and must not look like one."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from conformance.core.redact import shown

_HOME: Final = Path(__file__).resolve().parents[1]
_LONG: Final = 300


def crashed(error: BaseException) -> str:
    """One sentence that names the suite as the cause: what was raised, and the last line of ours."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    where = _place(error)
    return (
        f"the suite itself failed, which says nothing about the World: {shown(said)[:_LONG]}"
        f"{f' ({where})' if where else ''}. Please report it, with the record of this run"
    )


def _place(error: BaseException) -> str:
    """``checks/observed.py:230 in _call``, or the last line at all when none is of this package."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOME)]
    last = (ours or frames)[-1:]
    return "".join(
        f"{Path(frame.filename).relative_to(_HOME.parent) if ours else Path(frame.filename).name}"
        f":{frame.lineno} in {frame.name}"
        for frame in last
    )
