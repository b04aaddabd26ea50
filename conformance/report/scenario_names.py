"""How reports name scenarios: as the files in ``scenarios/`` do; others as the record names them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, get_args

from conformance.core.text import one_line
from conformance.record.lines import Header, ScenarioName

if TYPE_CHECKING:
    from conformance.core.scenario import Scenario


@cache
def of_this_suite() -> dict[int, ScenarioName]:
    """Number -> name, for every file in ``scenarios/``."""
    from conformance.core.scenarios import all_scenarios  # noqa: PLC0415 - with it comes the engine

    return {one.number: _name(one) for one in all_scenarios()}


@cache
def derived() -> dict[int, ScenarioName]:
    """Number -> name, for what no file in ``scenarios/`` holds: a column only where it was judged."""
    from conformance.racemap.find import DERIVED  # noqa: PLC0415 - with it comes the engine

    return {one.number: _name(one) for one in DERIVED}


@cache
def levels_of(number: int) -> frozenset[str] | None:
    """The levels that a scenario has variants at; None for one that this suite does not know."""
    from conformance.core.scenario import Level  # noqa: PLC0415 - with it comes the engine
    from conformance.core.scenarios import all_scenarios  # noqa: PLC0415 - with it comes the engine
    from conformance.racemap.find import DERIVED  # noqa: PLC0415 - with it comes the engine

    known = next((one for one in (*all_scenarios(), *DERIVED) if one.number == number), None)
    if known is None:
        return None
    return frozenset(level for level in get_args(Level) if known.every(level) or known.asked(level))


def _name(scenario: Scenario) -> ScenarioName:
    return ScenarioName(scenario.short or scenario.id, scenario.title[:1].lower() + scenario.title[1:])


def named(headers: Iterable[Header], seen: Iterable[int]) -> dict[int, ScenarioName]:
    """Number -> name, in order: the scenarios of this suite, and those that a record names or has judged.

    A record does not rename a scenario of this suite.
    """
    theirs = {
        number: ScenarioName(one_line(name.name, 40), one_line(name.about, 120))
        for header in headers
        for number, name in header.scenarios.items()
        if number
    }
    found = {number: ScenarioName(f"scenario {number}", f"scenario {number}") for number in seen if number}
    found |= theirs | of_this_suite()
    found |= {number: name for number, name in derived().items() if number in found}
    return dict(sorted(found.items()))


def title(subject: int | str, names: dict[int, ScenarioName]) -> str:
    """``6 step_completed`` for the number of a scenario; the name of a probe as it is."""
    return f"{subject} {names[subject].name}" if isinstance(subject, int) else subject
