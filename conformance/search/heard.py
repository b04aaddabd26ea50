"""What was logged in all schedules together: each line once, without its ids, with how often it was heard.

The check of the logs judges one history; a report that compares two releases of the runtime wants to know at
which level each of them says what, in cells that pass as well.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Final, NamedTuple

from conformance.core.history import History, Level

#: more different lines than this are not told apart: a world may log something new in every schedule
_MOST: Final = 200
_LONG: Final = 160

_PREFIX: Final = re.compile(r"^(?:\[Workflow\] |workflow:\S+ )")
#: what the runtime says about a line, as an object after it
_DATA: Final = re.compile(r"\s+\{(?: .*)?$")
_ID: Final = re.compile(r"\b[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b")
_QUOTED: Final = re.compile(r"""(["'])[^"']*\d[^"']*\1""")
_NUMBER: Final = re.compile(r"\d+")


class Said(NamedTuple):
    """A line as it is told apart from others. ``by_design``: it reports the user's own exception."""

    level: Level
    origin: str
    text: str
    by_design: bool = False


@lru_cache(maxsize=512)
def wording(text: str) -> str:
    """A line without what differs from one schedule to the next: ids, numbers, and the data after it."""
    text = _DATA.sub("", _PREFIX.sub("", text.partition("\n")[0][:2000]))
    text = _QUOTED.sub(r"\1…\1", _ID.sub("…", text))
    return _NUMBER.sub("N", text)[:_LONG].strip()


def listen(heard: Counter[Said], history: History) -> None:
    """Count the lines of one history, each once. The suite's own preparations are not listened to."""
    lines = {
        Said(line.level, line.origin, wording(line.text), line.by_design)
        for line in history.logs
        if line.phase != "given"
    }
    heard.update(line for line in lines if line in heard or len(heard) < _MOST)
