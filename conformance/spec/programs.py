"""Programs of one actor: moves and reads, one after another, and those that reach all that the table says.

A program is written as text, so that it can stand in a replay command: its items are joined by ``~``, each is
a word and what differs from 0: ``run_created~hook_created-e1-t1~events.list-l2-desc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Final, NamedTuple

from conformance.spec.machine import State
from conformance.spec.reach import Cell, Kind, Move, cells, moves, row_of, take
from conformance.spec.rows import LINES
from conformance.spec.table import Line, Row, event_types

#: What reads there are: of which kind of entity, and whether they give a list.
READS: Final[dict[str, tuple[Kind | None, bool]]] = {
    "runs.get": ("run", False),
    "steps.get": ("step", False),
    "hooks.get": ("hook", False),
    "hooks.getByToken": (None, False),
    "events.get": (None, False),
    "events.list": (None, True),
    "events.listByCorrelationId": (None, True),
    "steps.list": ("step", True),
    "hooks.list": ("hook", True),
    "runs.list": ("run", True),
}
#: A list of runs may be one of those in a status.
STATUSES: Final = frozenset({"pending", "running", "completed", "failed", "cancelled"})
_KINDS: Final = frozenset({"run", "step", "wait", "hook"})
#: The most items of a program that is read from text, and the largest number in one.
MOST_ITEMS: Final = 400
_LARGEST: Final = 1000
#: Page sizes: one, some, all but one or so, and more than there is.
LIMITS: Final = (1, 2, 3, 1000)
#: The same for a log, which is longer.
_LOG_LIMITS: Final = (2, 7, 1000)

_EVENTS: Final = frozenset[str]().union(*map(event_types, LINES))
_ITEM: Final = re.compile(r"([a-zA-Z_.]+)((?:-[a-z]+\d*)*)")
_MARK: Final = re.compile(r"-([a-z]+)(\d*)")
_WHEN: Final = {"later": "retry-later", "creates": "creates"}


class Read(NamedTuple):
    """One read. ``limit``: 0 for none given; a list is read to its end, page by page. ``order``: ``asc``,
    ``desc`` or not given. ``bare``: asked for without data (``resolveData: none``). ``kind``: of the entity
    that a correlation id or an event is of; of a list of runs the status that is asked for.
    """

    op: str
    run: int = 0
    entity: int = 0
    token: int = 0
    limit: int = 0
    order: str = ""
    bare: bool = False
    kind: str = ""


Item = Move | Read
Program = tuple[Item, ...]


def write(program: Sequence[Item]) -> str:
    """A program as text."""
    return "~".join(map(_word, program))


def parse(text: str) -> Program:
    """The inverse of :func:`write`. ``ValueError`` when it is not a program, or longer than
    :data:`MOST_ITEMS`."""
    words = text.split("~") if text else []
    if len(words) > MOST_ITEMS:
        raise ValueError(f"too long a program: {len(words)} items, at most {MOST_ITEMS}")
    return tuple(map(_item, words))


def _word(item: Item) -> str:
    marks = [("r", item.run), ("e", item.entity), ("t", item.token)]
    flags: list[str] = []
    if isinstance(item, Read):
        marks.append(("l", item.limit))
        flags = [item.order, "bare" if item.bare else "", item.kind]
        word = item.op
    else:
        flags = [next((short for short, when in _WHEN.items() if when == item.when), "")]
        word = item.event
    return "-".join([word, *(f"{mark}{number}" for mark, number in marks if number), *filter(None, flags)])


def _item(word: str) -> Item:
    found = _ITEM.fullmatch(word)
    if found is None:
        raise ValueError(f"not an item of a program: {word[:60]!r}")
    name, rest = found.groups()
    numbers = dict.fromkeys("retl", 0)
    flags: set[str] = set()
    for mark, number in _MARK.findall(rest):
        if number and mark in numbers and int(number[:9]) <= _LARGEST:
            numbers[mark] = int(number)
        elif number:
            raise ValueError(f"not an item of a program: {word[:60]!r}")
        else:
            flags.add(mark)
    run, entity, token, limit = (numbers[mark] for mark in "retl")
    if name in _EVENTS and len(flags) <= 1 and flags <= _WHEN.keys():
        return Move(name, run, entity, token, _WHEN[flags.pop()] if flags else "")
    if name in READS:
        order = next(iter(flags & {"asc", "desc"}), "")
        kind = next(iter(flags & (STATUSES if name == "runs.list" else _KINDS)), "")
        if flags <= {order, kind, "bare"}:
            return Read(name, run, entity, token, limit, order, "bare" in flags, kind)
    raise ValueError(f"not an item of a program: {word[:60]!r}")


# -- programs that reach every cell ---------------------------------------------------------------


@cache
def covering(*, creates: bool = False) -> tuple[Program, ...]:
    """Programs that together play every cell of the table, and read what there is after each.

    What is refused changes nothing, so all moves that are refused from one situation stand in one program.
    """
    found: dict[Program, None] = {}
    for prefix, group in groupby(sorted(cells(creates=creates), key=_prefix), key=_prefix):
        refused: list[Move] = []
        for cell in group:
            if cell.row.outcomes[0].to is None:
                refused.append(cell.move)
            else:
                found[_read_after((*prefix, cell.move))] = None
        if refused:
            found[_read_after((*prefix, *refused))] = None
    return tuple(found)


def _prefix(cell: Cell) -> tuple[Move, ...]:
    return cell.prefix


def _read_after(moves: tuple[Move, ...]) -> Program:
    """The moves, then every read of what they are about."""
    return (*moves, *reads_of(moves))


def reads_of(moves: Sequence[Move]) -> Iterator[Read]:
    """Every read of one entity or of a whole list that these moves are about."""
    for run in sorted({move.run for move in moves}):
        yield Read("runs.get", run)
        yield Read("runs.get", run, bare=True)
        yield Read("events.list", run, order="asc")
    for kind, run, entity in sorted({(move.kind, move.run, move.entity) for move in moves}):
        if kind == "step":
            yield Read("steps.get", run, entity)
            yield Read("steps.list", run)
        elif kind == "hook":
            yield Read("hooks.get", run, entity)
            yield Read("hooks.list", run)
        if kind != "run":
            yield Read("events.listByCorrelationId", run, entity, kind=kind)
    for token in sorted({move.token for move in moves if move.event == "hook_created"}):
        yield Read("hooks.getByToken", token=token)


@cache
def wide() -> tuple[Program, ...]:
    """Programs over several entities and runs: every way to read a list of them, and every read of each
    before things move and after, and before runs end and after."""
    runs = [Move("run_created"), Move("run_created", 1), Move("run_started"), Move("run_started", 1)]
    made: list[Move] = []
    for number in range(4):
        made += [
            Move("step_created", entity=number),
            Move("wait_created", entity=number),
            Move("hook_created", entity=number, token=number),
        ]
    made += [Move("step_created", 1, 9), Move("hook_created", 1, 9, 9)]
    # Of each kind there is one that stays as it is.
    moved = [
        Move("step_started"),
        Move("step_started", entity=1),
        Move("step_started", entity=2),
        Move("step_retrying"),
        Move("step_started"),
        Move("step_completed"),
        Move("step_failed", entity=1),
        Move("wait_completed", entity=2),
        Move("wait_completed", entity=3),
        Move("hook_received", entity=1),
        Move("hook_received", entity=1),
        Move("hook_disposed", entity=3),
        Move("hook_created", 1, 10, 2),
    ]
    events = (*runs, *made, *moved)
    reads = tuple(reads_of((*runs, *made)))
    programs: list[Program] = [(*events, *lists) for lists in _lists()]
    return (*programs, (*runs, *made, *reads, *moved, *reads), _ending())


def _ending() -> Program:
    """Five runs with a hook each, of which one is not started and three end, each in its own way: every read
    before and after."""
    runs = range(5)
    moves = [
        *(Move("run_created", run) for run in runs),
        *(Move("run_started", run) for run in runs[:-1]),
        *(Move("hook_created", run, run, run) for run in runs),
    ]
    ends = [Move(f"run_{end}", run) for run, end in enumerate(("completed", "failed", "cancelled"))]
    reads = (*reads_of(moves), *(Read("runs.list", kind=status) for status in sorted(STATUSES)))
    return (*moves, *reads, *ends, *reads)


@cache
def timed() -> Program:
    """Everything that holds a time, in a run that goes on and in one that has ended, and every read of it."""
    moves = (
        *(Move(f"run_{what}", run) for run in range(2) for what in ("created", "started")),
        Move("wait_created"),
        Move("wait_created", entity=1),
        Move("wait_completed", entity=1),
        Move("hook_created"),
        Move("hook_received"),
        *(Move(f"step_{what}") for what in ("created", "started", "completed")),
        *(Move(f"step_{what}", entity=1) for what in ("created", "started")),
        Move("step_retrying", entity=1, when="retry-later"),
        Move("run_completed", 1),
    )
    return (*moves, *reads_of(moves))


@cache
def crowded(*, creates: bool = False) -> tuple[Program, ...]:
    """Programs over a run that has steps, waits and hooks in every state, for each state of that run: all
    that is refused, and every read after it.

    Who looks at another entity of the run than the one that was asked about takes what has to be refused.
    """
    states: dict[Kind, tuple[tuple[str, ...], ...]] = {
        "step": ((), ("started",), ("started", "completed"), ("started", "failed"), ("retrying",)),
        "wait": ((), ("completed",)),
        "hook": ((), ("disposed",)),
    }
    made = [Move("run_created"), Move("run_started")]
    for kind, ways in states.items():
        for entity, way in enumerate(ways):
            token = entity if kind == "hook" else 0
            made.append(Move(f"{kind}_created", entity=entity, token=token))
            for what in way:
                when = "retry-later" if what == "retrying" else ""
                made.append(Move(f"{kind}_{what}", entity=entity, when=when))
    asked = [
        move._replace(entity=entity)
        for kind, ways in states.items()
        for entity in range(len(ways) + 1)  # the last one is not there
        for move in moves(kind, creates=creates)
    ]
    found: list[Program] = []
    for end in ("", "completed", "failed", "cancelled"):
        begun = [*made, *([Move(f"run_{end}")] if end else [])]
        state = State(5 if creates else 4)
        for move in begun:
            take(state, move)
        refused = [move for move in asked if row_of(state, move).outcomes[0].to is None]
        found.append((*begun, *refused, *reads_of(begun)))
    return tuple(found)


def _lists() -> Iterator[tuple[Read, ...]]:
    for order in ("asc", "desc", ""):
        lists = [
            Read(op, limit=limit, order=order)
            for op in ("events.list", "steps.list", "hooks.list", "runs.list")
            for limit in (0, *(LIMITS if op != "events.list" else _LOG_LIMITS))
        ]
        by_id = [
            Read("events.listByCorrelationId", entity=entity, limit=limit, order=order, kind=kind)
            for kind, entity in (("step", 0), ("hook", 1))
            for limit in (0, 1, 2)
        ]
        yield (*lists, *by_id)
    yield tuple(
        Read(op, kind=kind, bare=True, order="asc" if op.endswith("list") else "")
        for op, kind in (("steps.get", ""), ("steps.list", ""), ("events.list", ""), ("events.get", "step"))
    )


def rows_played(programs: Sequence[Program], line: Line = 4) -> frozenset[Row]:
    """The rows of a line that programs come by when every answer is the first right one."""
    rows = set()
    for program in programs:
        state = State(line)
        for item in program:
            if isinstance(item, Move):
                rows.add(take(state, item))
    return frozenset(rows)
