"""What a soft and a hard death of the same handlers leave: gates, answers, stored state, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import zip_longest

from conformance.core.gates import operation_of
from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import by_id
from conformance.provision.open import OpenWorld
from conformance.search.play import Played
from conformance.search.strategies import Replay
from conformance.search.trials import Trials
from tests.worlds.published import failures

#: Deaths at these places are tried where the record has too few: early, in the middle, late.
_FURTHER = ("kill@1", "die@4", "kill@6", "die@8", "kill@9", "die@10", "kill@3", "die@6")
_ALTERNATING = "AB" * 100
#: What differs between two schedules in the name of a file.
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}")


def _deaths(world: str, level: Level) -> Iterator[tuple[Variant, Case, str]]:
    """Published schedules in which a handler dies, each once; then others."""
    for one, found in failures(world, level):
        case = Case.from_json(found.case)
        if any(fault.kind in ("kill", "die") for fault in case.faults):
            yield _variant(one.scenario, one.variant, level), case, found.schedule
    for nth, faults in enumerate(_FURTHER):
        variants = [each for number in range(1, 9) for each in by_id(str(number)).faulty(level)]
        yield variants[nth * 5 % len(variants)], Case.from_json({"faults": faults}), _ALTERNATING


def _variant(scenario: int, name: str, level: Level) -> Variant:
    return next(each for each in by_id(str(scenario)).faulty(level) if each.name == name)


def _seen(played: Played, level: Level) -> tuple[object, ...]:
    """What there is to compare, without the ids and times of one schedule.

    Who else is held meanwhile is not compared: a lock of the dead is let go when the server notices that the
    connection is closed, and until then whoever waits for it is blocked.
    """
    gates = [
        (step.chosen, next(operation_of(gate) for name, gate in step.held if name == step.chosen))
        for step in played.steps
    ]
    calls = [(each.phase, each.actor, each.op, each.answer) for each in played.history.calls]
    return played.token, gates, calls, played.observe(level)._replace(order=(), winners=())


def _files(opened: OpenWorld) -> list[str]:
    """The files and folders of a World on files, with locks and temporary files, without the ids in their
    names."""
    launched = opened.launch
    if launched is None or "fs" not in launched.world.get("gates", ()):
        return []
    found = (path.relative_to(launched.directory) for path in launched.directory.rglob("*"))
    return sorted(_ID.sub("*", str(path)) for path in found)


def _difference(soft: tuple[object, ...], hard: tuple[object, ...], what: str) -> str:
    """The first part that differs, and the first place in it."""
    one, other = next((a, b) for a, b in zip(soft, hard, strict=True) if a != b)
    if isinstance(one, list) and isinstance(other, list):
        pairs = enumerate(zip_longest(one, other))
        at, (one, other) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
        what = f"{what}, step {at}"
    return f"{what}:\n  soft: {one}\n  hard: {other}"


def compare(opened: OpenWorld, world: str, first: int, last: int, level: Level = "handlers") -> None:
    """Play the deaths of a World from the ``first`` to before the ``last`` softly and hard, and compare."""
    trials = Trials(opened.driver, policy=opened.policy)
    died = 0
    for variant, case, token in list(_deaths(world, level))[first:last]:
        found = []
        for how in (opened.driver.soft_deaths(), nullcontext()):
            # What takes the place of the last one that died has played before the next one dies.
            trials.play(variant, case.faultless, next(Replay(token).choosers()))
            before = opened.driver.died_softly
            with how:
                played = trials.play(variant, case, next(Replay(token).choosers()))
            assert not played.history.broken
            found.append((*_seen(played, level), _files(opened)))
            died += opened.driver.died_softly - before
        assert found[0] == found[1], _difference(found[0], found[1], f"{variant.name} {case.faults}")
    assert died, "some of them died softly"
