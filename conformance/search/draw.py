"""Hypothesis generates cases and schedules: it varies what the fixed cases do not, and shrinks failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky, HypothesisException
from platformdirs import user_cache_dir

from conformance.core.faults import Fault, FaultKind
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import ACTORS
from conformance.search.strategies import Chooser, Generated

# What Hypothesis keeps between runs belongs in a cache, not in the directory of a user's project.
set_hypothesis_home_dir(user_cache_dir("workflow-world-conformance") + "/hypothesis")

#: Runs one generated case; true when it broke a rule that nothing had broken before.
TryOne = Callable[[Case, Chooser], bool]

_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**31), 2**31), st.text(max_size=8))
PAYLOADS = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)

#: What the runtime hands to a World is the text or bytes of a value, never a bare null, false, 0 or "".
_SERIALIZED = PAYLOADS.filter(lambda value: isinstance(value, list | dict) or bool(value))

#: number of choices -> a number below it
_CHOICES = [st.integers(0, max(0, choices - 1)) for choices in range(len(ACTORS) + 1)]


class _Broken(Exception):
    """A generated case broke a rule: tells Hypothesis to shrink it."""


class _Ended(BaseException):
    """Nothing more can be tried. Hypothesis shrinks an ``Exception``, and would play it many times over."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def cases(variant: Variant, alike: Sequence[Case] = ()) -> st.SearchStrategy[Case]:
    """Cases of a variant, the simplest first. If ``alike`` names any, each is as one of them but for the
    payload."""
    if alike:
        payloads = _SERIALIZED.map(json.dumps)
        return st.builds(_with_payload, st.sampled_from(alike), payloads)
    return st.builds(
        Case,
        actors=st.integers(2, variant.most),
        siblings=st.integers(0, 3),
        payload_json=_SERIALIZED.map(json.dumps),
    )


def _with_payload(case: Case, payload_json: str) -> Case:
    return replace(case, payload_json=payload_json)


def faulty_cases(places: Mapping[FaultKind, int]) -> st.SearchStrategy[Case]:
    """Cases in which one or two things go wrong. ``places`` says how many places there are for each kind.

    More than two, and a step may use up its attempts, which is not a fault of the world.
    """
    one = st.sampled_from([kind for kind, count in places.items() if count]).flatmap(
        lambda kind: st.builds(Fault, st.just(kind), st.integers(0, places[kind] - 1))
    )
    some = st.lists(one, min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(Case, siblings=st.integers(0, 1), faults=some)


def draw(cases: st.SearchStrategy[Case], examples: int, seed: int, most: int, try_one: TryOne) -> int:
    """Draw up to ``examples`` cases, each under a generated schedule; how many were tried.

    When a case breaks something new, Hypothesis shrinks it, in case and schedule, with at most ``most``
    tries. ``try_one`` keeps the smallest failure it sees, so what
    Hypothesis ends with needs no hand-over. What ``try_one`` raises ends the drawing at once.
    """
    tried = 0
    shrinks = most
    broken = False

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    @given(cases, st.data())
    def one(case: Case, data: st.DataObject) -> None:
        nonlocal tried, shrinks, broken
        tried += 1
        [choose] = Generated(lambda choices: data.draw(_CHOICES[choices])).choosers()
        if shrinks <= 0:
            return
        if broken:
            shrinks -= 1
        try:
            breaks = try_one(case, choose)
        except HypothesisException:
            raise  # its own way to end a schedule
        except Exception as error:
            # A host that died, or a mistake of ours: nothing to shrink, and not to be taken for flaky.
            raise _Ended(error) from error
        if breaks:
            broken = True
            raise _Broken

    # Flaky: a failing example passed when it was tried again. The judge replays it and says n/N.
    try:
        with suppress(_Broken, Flaky):
            one()
    except _Ended as ended:
        raise ended.error from None
    return tried
