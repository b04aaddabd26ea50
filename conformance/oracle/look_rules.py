"""Reads of entities while others write: each shows a state that some order of the calls gives.

A read changes nothing, so it may be placed wherever its answer fits. An order of the calls that create
events is looked for in which every read fits: after the calls that had been answered before it began, and
before those that began after it had its answer. If there is none, a read that fits without real time saw what
was over (``read.current``), and any other a state that never was (``read.run-whole``, ``read.whole``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from conformance.oracle.finding import Finding
from conformance.oracle.looks import SeenLook
from conformance.oracle.mismatches import place
from conformance.oracle.orders import UndecidedError
from conformance.oracle.precedence import Before, own_order, ready
from conformance.oracle.seen import Observed, SeenCall
from conformance.spec.machine import State, Step

#: So many calls a search may place.
_MOST_CALLS: Final = 20_000


def _shown(state: State, look: SeenLook) -> Hashable:
    """What the same read shows of a state."""
    about = look.about
    match look.op:
        case "runs.get":
            run = state.runs.get(about[0])
            return None if run is None else (run.status, run.output if run.status == "completed" else None)
        case "steps.get":
            step = state.steps.get((about[0], about[1]))
            return None if step is None else _step_of(step)
        case "steps.list":
            steps = state.steps.items()
            return tuple(sorted((name, _step_of(step)) for (run, name), step in steps if run == about[0]))
        case "hooks.list":
            hooks = state.hooks.items()
            return tuple(sorted(n for n, one in hooks if one.run_id == about[0] and one.status == "active"))
    name = state.tokens.get(about[0]) if look.op == "hooks.getByToken" else about[0]
    hook = state.hooks.get(name) if name is not None else None
    return (name, hook.run_id) if hook is not None and hook.status == "active" else None


def _step_of(step: Step) -> Hashable:
    return step.status, step.attempt, step.output if step.status == "completed" else None


# -- the search --------------------------------------------------------------------------------------------


def unexplained(observed: Observed) -> Iterator[Finding]:
    """Reads that no order of the calls explains; nothing where no order explains the calls themselves."""
    if not observed.looks or observed.level != "storage":
        return
    race = [call for call in observed.calls if call.phase == "race"]
    given = State(observed.line)
    for call in observed.calls:
        if call.phase == "given" and not _fits(given, call):
            return
    search = _Search(given, race, observed.order or own_order(race, in_order=observed.in_order))
    if search.fits(observed.looks) is not False:
        return
    for look in observed.looks:
        if search.fits([look]) is not False:
            continue
        alone = look._replace(after=0, before=0)
        stale = search.fits([alone]) is not False
        yield _finding(look, stale=stale)


def _finding(look: SeenLook, *, stale: bool) -> Finding:
    what = f"{look.actor}'s {look.op} of {' '.join(look.about)}"
    if stale:
        text = f"{what} showed what was over when it was asked for"
        return Finding("convergence", "read.current", text, wrong=look.op, about=look.about)
    rule = "read.run-whole" if look.op == "runs.get" else "read.whole"
    shown = "nothing" if look.shown is None else "a state"
    text = f"{what} showed {shown} that no order of the calls gives"
    return Finding("convergence", rule, text, wrong=look.op, about=look.about)


def _fits(state: State, call: SeenCall) -> bool:
    """Let a call take effect next; whether no must speaks against that."""
    return all(found.severity == "should" for found in place(state, call))


class _Search:
    """Orders of the racing calls, and where reads fit into them."""

    def __init__(self, given: State, race: Sequence[SeenCall], before: Before) -> None:
        self._given = given
        self._race = race
        self._before = before
        self._all = (1 << len(race)) - 1

    def fits(self, wanted: Sequence[SeenLook]) -> bool | None:
        """Whether every read fits into one order of the calls; None when no order of the calls fits at all.

        Raises :class:`UndecidedError` when the orders are too many.
        """
        self._left = _MOST_CALLS
        self._complete = False
        self._seen: set[object] = set()
        found = self._from(self._given, 0, tuple(wanted))
        return True if found else False if self._complete else None

    def _from(self, state: State, placed: int, wanted: tuple[SeenLook, ...]) -> bool:
        # A read that fits is placed at once: that only lets more come after it.
        rest = tuple([look for look in wanted if look.after & ~placed or _shown(state, look) != look.shown])
        if placed == self._all:
            self._complete = True
            return not rest
        key = placed, rest, state.key()
        if key in self._seen:
            return False
        self._seen.add(key)
        for number in ready(self._before, placed):
            self._left -= 1
            if self._left < 0:
                raise UndecidedError
            branch = state.copy()
            if not _fits(branch, self._race[number]):
                continue
            if self._from(branch, placed | 1 << number, rest):
                return True
        return False
