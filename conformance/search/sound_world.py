"""The same race over a World that is sound: what breaks there, too, is no doing of the World under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

from conformance.core.errors import ConformanceError
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.search.strategies.stale_reads import StaleReads
from conformance.search.trials import Trials
from conformance.search.verdict import Verdict

#: Two replays that part show in so many schedules, preemptions after a read or a creation first.
_SCHEDULES: Final = 40
#: What a run breaks when its replays part.
_PARTED: Final = frozenset({"id.one-thing", "run.no-divergence", "run.output-agrees"})


def share_blame(verdicts: Iterable[Verdict], variant: Variant, sound: Callable[[], Driver]) -> list[Verdict]:
    """The verdicts. Where a run parted from its log over a World that broke a rule, ``fault`` is ``both``
    when it does so over a sound World, too. ``sound`` opens that one, and is asked only then; if it cannot be
    opened, nothing is known of the runtime, and the verdicts stay as they are.
    """
    found = list(verdicts)
    known: dict[Case, bool] = {}
    for verdict in found:
        if verdict.fault != "world" or verdict.failure is None or not _has_parted(verdict):
            continue
        case = verdict.failure.case.faultless
        if case not in known:
            with suppress(ConformanceError):
                known[case] = _parts(sound(), variant, case)
        verdict.runtime_too = known.get(case, False)
    return found


def _has_parted(verdict: Verdict) -> bool:
    failure = verdict.failure
    rules = {finding.rule for finding in failure.findings} if failure is not None else set()
    return not _PARTED.isdisjoint(rules | set(verdict.rules))


def _parts(driver: Driver, variant: Variant, case: Case) -> bool:
    """Whether the runtime is at fault for what some schedule of the race comes to over this World."""
    trials = Trials(driver, 0)
    with trials.guarded():
        control = trials.control(variant, case)
        for preemption in islice(StaleReads().choosers(), _SCHEDULES if control is not None else 0):
            _, findings = trials.try_one(variant, case, preemption, control, "search")
            if any(finding.fault == "runtime" for finding in findings):
                return True
    return False
