"""Names for operations that hold in every schedule, so that operations of different schedules compare.

Ids are new in each schedule. Those made before the race are named by order of creation (``run1``): the same
thing has the same name whatever is raced. Those made in the race are named by kind and by the order in
which their actor came by them (``hook*1``); as a key each stands for all of its kind (``hook*``), for in
another schedule it may be the id of the other actor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from string import ascii_letters
from typing import Any, Final, Protocol

from conformance.core.gates import Access, Gate, Key, Operation, Rows
from conformance.core.history import Call, History
from conformance.drivers.driver import RacingActor

#: A gate as an actor has it: actor, label, access, keys.
_Which = tuple[str, str, Access, tuple[Key, ...]]


class Choose(Protocol):
    """Picks one of the held actors; ``last`` is the one released before."""

    def __call__(self, held: list[RacingActor], last: str | None) -> RacingActor: ...


#: An id, and the character before it: a ULID, a UUID, a long hexadecimal number, a moment in ms; or the
#: number of something in memory, which always says its kind. Few characters can be the first of a match.
_ID: Final = re.compile(
    r"[^0-9A-Za-z](?:[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9a-f]{24,64}|\d{13}"
    r"|(\d{8}))(?![0-9A-Za-z])"
)
#: Kinds of values that hold no text.
_NO_TEXT: Final = frozenset({int, float, bool, type(None), bytes, datetime})
#: What may be an id of another form, or a time: letters and digits in one, or many digits.
_DRAWN: Final = re.compile(r"(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{8}|(?:\d\D*){6}")
#: A name of the suite's own, but for its ending; and what no name ends before.
_OWN: Final = re.compile(r"(?<![a-z])[a-z]+_\d+\Z")
_GOES_ON: Final = re.compile(r"[0-9A-Za-z]")
#: The connection itself, which no other actor touches unless they share it.
_SESSION: Final = "@session"
_SHORT: Final = {"wrun": "run"}
#: Fields of an answer that hold an id of the World's own, whatever its form.
_OWN_IDS: Final = {"runId": "run", "eventId": "event"}


class Names:
    """The names of one schedule. ``history`` is that of its prefix, ``unique`` the ending that the suite
    gives to names of its own, ``apart`` whether each actor has connections of its own.
    """

    def __init__(self, history: History | None = None, unique: str = "", *, apart: bool = False) -> None:
        self._known = dict(_made_before(history)) if history is not None else {}
        self._odd = _Odd(history, self._known) if history is not None else None
        self._ending = f"_{unique}" if unique else ""
        self._apart = apart
        #: raw text -> the same with names, as far as they are the same for all actors, and what is left
        self._parsed: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
        self._lasting: dict[str, bool] = {}
        self._minted: dict[str, dict[str, str]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        #: gate of an actor -> its keys, and the operations that it was, by label and number
        self._made: dict[_Which, tuple[frozenset[Key], dict[tuple[str, int], Operation]]] = {}

    def begin(self) -> None:
        """A further schedule over the same prefix begins: what was made in the last one is forgotten."""
        self._minted.clear()
        self._counts.clear()

    def naming(self, choose: Choose) -> Choose:
        """The same chooser; every gate that it sees has its operation."""

        def named(held: list[RacingActor], last: str | None) -> RacingActor:
            for actor in held:
                gate = actor.gate
                if gate is not None and gate.operation is None:
                    gate.operation = self.operation(actor.name, gate)
            return choose(held, last)

        return named

    def operation(self, actor: str, gate: Gate) -> Operation:
        """What a gate is. Each gate of an actor is asked about once, in order."""
        label = self._label(actor, gate.label)
        nth = self._counts.get((actor, label), 0)
        self._counts[actor, label] = nth + 1
        which = actor, gate.label, gate.access, gate.keys
        made = self._made.get(which)
        if made is None:
            keys = frozenset([self._key(actor, key) for key in gate.keys])
            made = self._made[which] = keys, {}
        keys, operations = made
        operation = operations.get((label, nth))
        if operation is None:
            operation = operations[label, nth] = Operation(actor, label, nth, gate.access, keys)
        return operation

    def _label(self, actor: str, text: str) -> str:
        shape, minted = self._parse(text)
        if not minted:
            return shape
        mine = self._minted.setdefault(actor, {})
        names = []
        for identifier, kind in minted:
            name = mine.get(identifier)
            if name is None:
                number = 1 + sum(other.startswith(f"{kind}*") for other in mine.values())
                name = mine[identifier] = f"{kind}*{number}"
            names.append(name)
        return shape.format(*names)

    def _key(self, actor: str, key: Key) -> Key:
        if isinstance(key, Rows):
            where = [(column, self._value(value)) for column, value in key.where if self._lasts(value)]
            return Rows(key.table, tuple(where))
        return f"{_SESSION} {actor}" if key == _SESSION and self._apart else self._value(key)

    def _lasts(self, text: str) -> bool:
        """Whether a value is the same in every schedule once its ids are named: it does not look drawn."""
        lasts = self._lasting.get(text)
        if lasts is None:
            rest = "".join([plain for plain, _, _ in self._parts(text)])
            lasts = self._lasting[text] = _DRAWN.search(rest) is None
        return lasts

    def _value(self, text: str) -> str:
        shape, minted = self._parse(text)
        return shape.format(*[f"{kind}*" for _, kind in minted]) if minted else shape

    def _parse(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A text with the names of what was made before the race, and the ids that were not, as holes."""
        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = self._parsed_anew(text)
        return found

    def _parts(self, text: str) -> tuple[tuple[str, str, str], ...]:
        """A text in parts, as :func:`_parts` has them."""
        text = self._without_ending(text)
        return self._odd.parts(text) if self._odd else _parts(text)

    def _without_ending(self, text: str) -> str:
        """A text in which the suite's own names stand without their ending: ``step_2_7f3a`` is ``step_2``."""
        ending = self._ending
        at = text.find(ending) if ending else -1
        if at < 0:
            return text
        kept: list[str] = []
        start = 0
        while at >= 0:
            after = at + len(ending)
            if _GOES_ON.match(text, after) is None and _OWN.search(text, start, at) is not None:
                kept.append(text[start:at])
                start = after
            at = text.find(ending, after)
        return "".join([*kept, text[start:]])

    def _parsed_anew(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        shape: list[str] = []
        minted: list[tuple[str, str]] = []
        for plain, identifier, kind in self._parts(text):
            shape.append(plain)
            if not identifier:
                break
            name = self._known.get(identifier)
            if name is None:
                minted.append((identifier, kind))
            shape.append("\0" if name is None else name)
        whole = "".join(shape)
        if minted:
            whole = whole.replace("{", "{{").replace("}", "}}").replace("\0", "{}")
        return whole, tuple(minted)


@lru_cache(maxsize=512)
def _parts(text: str) -> tuple[tuple[str, str, str], ...]:
    """A text in parts: what is before an id, the id, and its kind. The last has no id.

    Most texts hold none, and come in every schedule.
    """
    found: list[tuple[str, str, str]] = []
    spaced, start = f" {text}", 1
    for one in _ID.finditer(spaced):
        at = one.start() + 1
        kind = ""
        if spaced[at - 1] == "_":
            before = spaced[start : at - 1]
            kind = before[len(before.rstrip(ascii_letters)) :]
        if kind:
            at -= len(kind) + 1
        elif one[1] is not None:
            continue
        found.append((spaced[start:at], spaced[at : one.end()], _SHORT.get(kind, kind) or "id"))
        start = one.end()
    return (*found, (spaced[start:], "", ""))


class _Odd:
    """Ids of runs and events whose form is not known, from before the race: answers say that they are ids.

    One that ends otherwise is the id of a run that the suite made up. The ids get names in ``known``.
    """

    def __init__(self, history: History, known: dict[str, str]) -> None:
        counts: dict[str, int] = {}
        for field, identifier in _ids_of_answers(history):
            has_form = _parts(identifier)[0][1] == identifier
            if has_form or identifier in known or _DRAWN.search(identifier) is None:
                continue
            kind = _OWN_IDS[field]
            counts[kind] = counts.get(kind, 0) + 1
            # Ids of known forms have the names without a sign.
            known[identifier] = f"{kind}'{counts[kind]}"
        self._kinds = {text[:-1]: name.partition("'")[0] for text, name in known.items() if "'" in name}
        texts = "|".join(re.escape(text) for text in sorted(self._kinds, key=len, reverse=True))
        self._pattern = re.compile(f"(?<![0-9A-Za-z])({texts})[0-9A-Za-z_-](?![0-9A-Za-z])")

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def parts(self, text: str) -> tuple[tuple[str, str, str], ...]:
        """A text in parts, as :func:`_parts` has them."""
        found: list[tuple[str, str, str]] = []
        start = 0
        for one in self._pattern.finditer(text):
            *before, (plain, _, _) = _parts(text[start : one.start()])
            found += [*before, (plain, one[0], self._kinds[one[1]])]
            start = one.end()
        return (*found, *_parts(text[start:]))


def _ids_of_answers(history: History) -> Iterator[tuple[str, str]]:
    """The ids of runs and events that were answered, as (field, id)."""
    for call in history.calls:
        for part in call.value.values() if isinstance(call.value, dict) else ():
            for field in _OWN_IDS if isinstance(part, dict) else ():
                if isinstance(part.get(field), str):
                    yield field, part[field]


def _made_before(history: History) -> Iterator[tuple[str, str]]:
    """Every id that was seen before the race, in the order in which it came up, and its name."""
    counts: dict[str, int] = {}
    known: set[str] = set()
    for call in history.calls:
        texts: list[str] = []
        _take_texts(_shown(call), texts)
        for text in texts:
            for _, identifier, kind in _parts(text):
                if identifier and identifier not in known:
                    known.add(identifier)
                    counts[kind] = counts.get(kind, 0) + 1
                    yield identifier, f"{kind}{counts[kind]}"


def _shown(call: Call) -> tuple[Any, ...]:
    return (call.args, call.value)


def _take_texts(value: Any, into: list[str]) -> None:
    """Append the texts in a value, outermost first, in order."""
    kind = type(value)
    if kind is str:
        into.append(value)
        return
    if kind is dict or isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        if type(item) is str:
            into.append(item)
        elif type(item) not in _NO_TEXT:
            _take_texts(item, into)
