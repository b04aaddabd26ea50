"""One variant, one schedule, one history."""

from __future__ import annotations

from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.levels.prefix import Prefixes
from conformance.provision.open import OpenWorld
from conformance.search.play import Played, play
from conformance.search.strategies import Chooser, Replay, Sequential

SMALLEST = Case()


def variants(level: Level) -> list[tuple[str, Variant]]:
    """Every variant of a level, under an id such as ``6/step-message-twice``."""
    return [(f"{one.number}/{each.name}", each) for one in scenarios() for each in one.at(level)]


def variant(name: str, level: Level = "runtime") -> Variant:
    """The variant with that id."""
    scenario, _, wanted = name.partition("/")
    return next(each for each in by_id(scenario).at(level) if each.name == wanted)


def flow_variant() -> Variant:
    """The variant that runs the flow of its case."""
    return by_id("8").asked("runtime")[0]


def once(
    opened: OpenWorld, wanted: Variant, token: str = "", *, seed: int = 1, case: Case = SMALLEST
) -> Played:
    """One schedule of the smallest case; without a token nothing races."""
    choose: Chooser = next(iter((Replay(token, 1) if token else Sequential()).choosers()))
    return play(Prefixes(opened.driver), wanted, case, choose, seed)
