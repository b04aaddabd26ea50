"""What the judges share: generated cases, confirmation, and how parts of judging become verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from conformance.core.faults import stands_still
from conformance.core.scenario import Case, Variant
from conformance.oracle import CHECKS, Control, Finding
from conformance.search.budget import Limits
from conformance.search.failure import Failure, FoundBy
from conformance.search.play import Played
from conformance.search.strategies import Chooser, Replay
from conformance.search.trials import Key, Trials, key_of
from conformance.search.verdict import Verdict, decide, first

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
#: The logs of some runs: for each the type and the entity of its events.
Logs = tuple[tuple[tuple[str, str], ...], ...]
#: However little time there is, so many schedules of a variant are run; with faults, so many in each order.
FEWEST: Final = 2
#: One part of judging: what it shows is in the trials.
Part = Callable[[Variant, Limits], None]
#: Plays one schedule; the findings are those that the judge reports.
TryOne = Callable[[Variant, Case, Chooser | None, Control | None, FoundBy], tuple[Played, Sequence[Finding]]]


def do(trials: Trials, parts: Sequence[Part], variant: Variant, limits: Limits) -> None:
    """Do the parts of judging in turn. What they raise is in the evidence, but :class:`NotSupported`."""
    for part in parts:
        if trials.evidence.crash:
            break
        with trials.guarded():
            trials.driver.deadline.check()
            part(variant, limits)


def verdicts(trials: Trials) -> list[Verdict]:
    """One verdict per check, on all that was tried."""
    trials.count()
    return [decide(name, trials.evidence, trials.failures.values()) for name in CHECKS]


def spread(every: Sequence[T], most: int) -> list[T]:
    """``most`` of them, spread evenly, or all."""
    if len(every) <= most:
        return list(every)
    return [every[(2 * number + 1) * len(every) // (2 * most)] for number in range(most)]


def generate(
    trials: Trials, variant: Variant, limits: Limits, cases: SearchStrategy[Case], try_one: TryOne
) -> None:
    """Generated cases and schedules. Each new rule that breaks is shrunk, then the rest go on."""
    from conformance.search.draw import draw  # noqa: PLC0415 - Hypothesis is slow to import

    trials.depend_on_seed()
    left = limits.generated
    while left > 0 and not trials.evidence.inconclusive and not trials.is_late:
        known = set(trials.failures)

        def breaks_anew(case: Case, choose: Chooser, known: set[Key] = known) -> bool:
            control = trials.control(variant, case)
            if control is None:
                return False
            _, findings = try_one(variant, case, choose, control, "drawn")
            return any(key_of(finding) not in known for finding in findings)

        tried = draw(cases, left, trials.seed, max(limits.shrinks, left), breaks_anew)
        trials.evidence.generated += tried
        left -= tried
        if known == set(trials.failures):
            return


def logs_of(played: Played, variant: Variant) -> Logs:
    """The logs of all runs of a schedule, as they list their events."""
    return tuple([run.events for run in played.observe(variant.level).runs])


def vary(logs: Counter[Logs]) -> bool:
    """Whether the random part of ids decides the order of events: more than a quarter of the replays differ
    from most of them. A pair of such ids is either way round in half of them. Two calls that one actor makes
    at once seldom come the other way round on a busy machine, and that alone is no luck of ids."""
    return 4 * max(logs.values(), default=0) < 3 * logs.total()


def confirm(trials: Trials, variant: Variant, limits: Limits) -> None:
    """Play every failing schedule again and count how often the rule breaks."""
    failures = trials.failures
    shown = {(f.case, f.played.token) for name in CHECKS if (f := first(name, failures.values()))}
    groups: dict[tuple[Case, str, bool], list[tuple[Key, Failure]]] = {}
    for key, failure in failures.items():
        if failure.found_by != "free":
            group = (failure.case, failure.played.token, failure.played.sequential)
            groups.setdefault(group, []).append((key, failure))
    for (case, token, alone), group_failures in groups.items():
        # What is shown is proven in full; what only adds a rule to a red cell, or was proven for another
        # variant, a few times. Within one millisecond luck may decide, which few replays do not tell.
        window = group_failures[0][1].window
        fresh = {key for key, _ in group_failures if (key, window) not in trials.proven}
        full = ((case, token) in shown and fresh) or stands_still(case.faults)
        times = limits.replays if full else min(3, limits.replays)
        control = None if alone else trials.control_of(case)
        logs: Counter[Logs] = Counter()
        for number, choose in enumerate(Replay(token, times).choosers()):
            stacks = number == 0 and (case, token) in shown
            played = trials.play(variant, case, choose, stacks=stacks)
            if played.history.broken:
                found = trials.undone(played, variant)
            else:
                found = trials.check(played.observe(variant.level, in_order=alone), control)
                logs[logs_of(played, variant)] += 1
            for key, failure in group_failures:
                again = any(trials.is_again(one, key) for one in found)
                failure.replays += again or not played.history.broken
                failure.reproduced += again
                if stacks and again:
                    # The same schedule, with the line of code behind every gate.
                    failure.played = played
        for _, failure in group_failures:
            failure.varied = vary(logs)
        if times == limits.replays:
            trials.proven |= {(key, window) for key, one in group_failures if one.reproduced == one.replays}
