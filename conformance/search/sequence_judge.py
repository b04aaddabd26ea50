"""The judge of variants in which one actor plays programs: what the table says, with nothing racing.

Programs are values, not the steps of a Hypothesis ``RuleBasedStateMachine``. One that fails has to stand in a
record and to be played again by a token, with every operation held. The first programs are those that reach
every cell of the table, which none drawn by chance is sure to do. Hypothesis draws the rest and
shrinks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from conformance.core.faults import Fault, is_abroad
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.oracle import Finding
from conformance.search.budget import Limits
from conformance.search.failure import Failure
from conformance.search.judging import confirm, do, generate, verdicts
from conformance.search.strategies import Chooser
from conformance.search.strategies.sequential import in_turn
from conformance.search.trials import Key, Progress, Trials, key_of
from conformance.search.verdict import Verdict
from conformance.spec.lines import line_of
from conformance.spec.machine import State
from conformance.spec.payloads import PAYLOADS
from conformance.spec.programs import (
    Item,
    Program,
    Read,
    covering,
    crowded,
    parse,
    rows_played,
    timed,
    wide,
    write,
)
from conformance.spec.reach import Move, take
from conformance.spec.table import Line, table

#: How many programs are played to make failing ones shorter, for each finding.
_MOST_TRIES: Final = 20
_ALONE: Final = in_turn("A")


@dataclass(slots=True)
class Reached:
    """What programs reached of the table."""

    programs: int = 0
    operations: int = 0
    rows: int = 0
    of_rows: int = 0
    drawn: int = 0

    def __str__(self) -> str:
        drawn = f" and {self.drawn} drawn ones" if self.drawn else ""
        return (
            f"{self.rows} of {self.of_rows} rows of the table, each from every state that is reached: "
            f"{self.programs} programs{drawn}, {self.operations} calls"
        )


class SequenceJudge:
    """Judges sequential variants on one driver; parameters as of :class:`Trials`."""

    def __init__(self, driver: Driver, seed: int = 0, progress: Progress | None = None) -> None:
        self.trials = Trials(driver, seed, None, progress)
        #: operations that nobody waits for need not be held, which takes less time
        self._choose = None if driver.can_run_free else _ALONE

    @property
    def _line(self) -> Line:
        """The line of the spec that the World is of."""
        return line_of(self.trials.driver.spec_version)

    @property
    def so_far(self) -> str:
        """As of :attr:`Trials.so_far`."""
        return self.trials.so_far

    def judge(self, variant: Variant, limits: Limits) -> list[Verdict]:
        """One verdict per check; raises as :meth:`Judge.judge`."""
        trials = self.trials
        trials.begin(limits.seconds)
        self.reached = Reached()
        do(trials, (self._cover, self._shorten, self._draw, partial(confirm, trials)), variant, limits)
        self.reached.drawn = trials.evidence.generated
        trials.evidence.bound = str(self.reached)
        return verdicts(trials)

    # -- programs that reach all cells ------------------------------------------------------------

    def _cover(self, variant: Variant, limits: Limits) -> None:
        line = self._line
        short = (*covering(creates=line == 5), *crowded(creates=line == 5))
        played: list[Program] = []
        for number, program in enumerate([*short, *wide()]):
            if limits.one and self._has_must:
                break
            if self._is_cut_short():
                break
            if number == len(short):
                self.trials.empty_store()  # they read long lists, and a World may look at all that it stored
            payload = PAYLOADS[number % len(PAYLOADS)]
            played += self._with_rest(variant, program, payload)
        if limits.stills and self.trials.driver.can_stand_still:
            self._stand_still(variant)
        if limits.zones and self.trials.driver.can_go_abroad:
            self._go_abroad(variant)
        if not played:
            self.trials.evidence.inconclusive = "the time was up before anything was played"
        self.reached.programs = len(played)
        self.reached.rows, self.reached.of_rows = len(rows_played(played, line)), len(table(line))

    def _is_cut_short(self) -> bool:
        """Whether the time is up. What is left is part of every pass, so this one is shallow."""
        self.trials.evidence.cut_short |= self.trials.is_late
        return self.trials.is_late

    def _stand_still(self, variant: Variant) -> None:
        """The programs that read every list once more, all within one millisecond."""
        for number, program in enumerate(wide()):
            if self._is_cut_short() or self.trials.evidence.inconclusive:
                return
            self._play(variant, program, PAYLOADS[number % len(PAYLOADS)], (Fault("still", 0),))
            self.trials.evidence.still += 1

    def _go_abroad(self, variant: Variant) -> None:
        """A program whose reads another caller makes, on a machine in another time zone."""
        if self._is_cut_short() or self.trials.evidence.inconclusive:
            return
        self._play(variant, timed(), PAYLOADS[0], (Fault("zone", 0),))
        self.trials.evidence.abroad += 1

    @property
    def _has_must(self) -> bool:
        return any(failure.is_must for failure in self.trials.failures.values())

    def _chooser(self, case: Case) -> Chooser | None:
        """Of two actors the first one goes first."""
        return self._choose if case.actors == 1 else in_turn("AB")

    def _with_rest(self, variant: Variant, program: Program, payload: object) -> Iterator[Program]:
        """Play a program; after a wrong answer nothing more is known, so then again without that call."""
        while True:
            found = self._play(variant, program, payload)
            yield program
            wrong = next((one.call for one in found if one.call is not None), None)
            if wrong is None:
                return
            at = _place(program, wrong[2])
            if at is None:
                return
            program = (*program[:at], *program[at + 1 :])

    def _play(
        self, variant: Variant, program: Program, payload: object, faults: tuple[Fault, ...] = ()
    ) -> Sequence[Finding]:
        actors = 2 if is_abroad(faults) else 1
        case = Case(actors, payload_json=json.dumps(payload), faults=faults, program=write(program))
        played, findings = self.trials.try_one(variant, case, self._chooser(case), None, "control")
        self.trials.evidence.controls += 1
        self.reached.operations += len(played.history.calls)
        return findings

    # -- drawn programs -----------------------------------------------------------------------------

    def _draw(self, variant: Variant, limits: Limits) -> None:
        from conformance.search.draw_programs import cases  # noqa: PLC0415 - Hypothesis is slow to import

        self.trials.empty_store()
        generate(self.trials, variant, limits, cases(), self.trials.try_one)

    # -- the shortest program of each finding -----------------------------------------------------

    def _shorten(self, variant: Variant, limits: Limits) -> None:
        for key in list(self.trials.failures):
            self._shorten_one(variant, key, min(limits.shrinks, _MOST_TRIES))
        for failure in self.trials.failures.values():
            if not failure.played.steps:
                # What is shown has its operations.
                failure.played = self.trials.play(variant, failure.case, _ALONE)

    def _shorten_one(self, variant: Variant, key: Key, most: int) -> None:
        tries = most * self.trials.driver.speed
        shorter = True
        while shorter:
            shorter = False
            for case in _shorter(self.trials.failures[key], self._line):
                if tries == 0 or self.trials.is_late:
                    return
                tries -= 1
                if self._breaks(variant, case, key):
                    shorter = True
                    break

    def _breaks(self, variant: Variant, case: Case, key: Key) -> bool:
        """Whether a smaller case still shows a finding; it is kept then."""
        _, found = self.trials.try_one(variant, case, self._chooser(case), None, "control")
        return any(key_of(one) == key for one in found)


def _place(program: Sequence[Item], n: int) -> int | None:
    """Where the ``n``-th move of a program stands."""
    places = [at for at, item in enumerate(program) if isinstance(item, Move)]
    return places[n] if n < len(places) else None


def _shorter(failure: Failure, line: Line) -> Iterator[Case]:
    """The same case with less: a plain payload, without what comes after the call that it is about or what
    changes nothing, with half of its items, without one of them."""
    case, finding = failure.case, failure.finding
    program = parse(case.program)
    smaller: list[Sequence[Item]] = []
    at = _place(program, finding.call[2]) if finding.call is not None else None
    if at is not None:
        smaller += [(*_moving(program[:at], line), program[at]), program[: at + 1]]
    else:
        reads = [item for item in program if isinstance(item, Read) and _is_in(item, finding.text)]
        moved = _moving(program, line)
        smaller += [(*moved[:half], read) for read in reads[-1:] for half in (len(moved) // 2, len(moved))]
    size = len(program) // 2
    while size:
        starts = range(len(program) - size, -1, -size)
        smaller += [(*program[:start], *program[start + size :]) for start in starts]
        size //= 2
    if len(case.payload_json) > len(Case().payload_json):
        yield replace(case, payload_json=Case().payload_json)
    for one in smaller:
        if 0 < len(one) < len(program):
            yield replace(case, program=write(one))


def _is_in(read: Read, text: str) -> bool:
    """Whether a sentence says that it is about this read."""
    said = read.op in text and (not read.limit or f"limit {read.limit}" in text)
    return said and (not read.order or f"sortOrder {read.order}" in text)


def _moving(program: Sequence[Item], line: Line) -> list[Item]:
    """The moves of a program that change something, as the table has it."""
    state = State(line)
    moved: list[Item] = []
    for item in program:
        if isinstance(item, Move) and take(state, item).outcomes[0].to is not None:
            moved.append(item)
    return moved
