"""One broken rule, and what broke it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from conformance.core.history import CallId
from conformance.spec.rules import RULES, Severity

CheckName = Literal["convergence", "continuation", "logs"]
#: Who broke a rule: the World, or the runtime over it.
Fault = Literal["world", "runtime"]
CHECKS: Final[tuple[CheckName, ...]] = ("convergence", "continuation", "logs")


#: ``wrong`` of a refusal that asks to wait too long ends so.
WAIT: Final = "wait"
#: Surplus events of these types are shrugged off by every replay.
REPEATABLE: Final = {"run_started": "run.started-event-once", "run_cancelled": "run.cancelled-event-once"}
#: What makes two findings the same one, in whatever schedule: check, rule, and what is wrong.
Identity = tuple[str, str, str]


class Finding(NamedTuple):
    """One broken rule: ``text`` is one sentence for people, ``call`` the offending call, if it is one.

    ``wrong`` is what is wrong, without names: the kind of the call and its answer (``run_started ok``), or
    what is stored (``run.startedAt``). ``about`` are the names of the run and the entity that it is about.
    ``because`` are the calls that make it wrong: those that had moved the same thing before. ``fault`` says
    who broke the rule. ``mild``: a call was refused as it should be, and with another refusal than is right.
    ``token``: the token of a hook that it is about, where who holds that is a part of what is wrong.
    """

    check: CheckName
    rule: str
    text: str
    call: CallId | None = None
    wrong: str = ""
    about: tuple[str, ...] = ()
    because: tuple[CallId, ...] = ()
    fault: Fault = "world"
    mild: bool = False
    token: str = ""

    @property
    def identity(self) -> Identity:
        """The same for the same finding in another schedule."""
        wrong = self.wrong if self.fault == "world" else f"{self.wrong} ({self.fault})".lstrip()
        return self.check, self.rule, wrong

    @property
    def severity(self) -> Severity:
        """What it does to the cell of the World: the runtime's own faults turn nothing red."""
        return "should" if self.fault == "runtime" else RULES[self.rule].severity


def about_of(*names: str) -> tuple[str, ...]:
    """What a finding is about: those of the names that are there."""
    return tuple(filter(None, names))


#: What differs between two schedules in which the same is wrong: letters of actors, numbers, quoted names.
_WHO: Final = re.compile(r"""\b[A-H]\b|\d+|(["'])[^"']*\d[^"']*\1""")
_LONG: Final = 160


@lru_cache(maxsize=4096)
def worded(text: str) -> str:
    """A text of the World or the runtime as ``wrong``: who said it and about which entity is left out."""
    return _WHO.sub("", text.partition("\n")[0])[:_LONG]
