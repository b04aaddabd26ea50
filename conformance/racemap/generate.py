"""Programs and schedules drawn by Hypothesis, judged by the same oracle, shrunk to what is least."""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from hypothesis import strategies as st

from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import Driver
from conformance.racemap.operations import operations
from conformance.racemap.programs import GENERATED, Word, Written, takes_effect
from conformance.search.budget import BudgetName, Limits
from conformance.search.judging import confirm, do, generate, verdicts
from conformance.search.trials import Progress, Trials
from conformance.search.verdict import Verdict
from conformance.spec.lines import line_of
from conformance.spec.rows import LINES, Line

#: How many programs are generated for a world, by budget.
AMOUNTS: Final[dict[BudgetName, int]] = {"quick": 10, "default": 60, "thorough": 5_000}
#: So many tries to make a failing program smaller.
_SHRINKS: Final = 200


def _words(line: Line, *, resumes: bool) -> st.SearchStrategy[Word]:
    """Words of a spec line. Most are about the same run and entity: there they meet."""
    known = [op for op in operations(line) if resumes or op.move is None or op.move.when != "resumes"]
    writes = [op for op in known if not op.reads]
    return st.one_of(
        st.sampled_from([Word(op) for op in writes]),
        st.sampled_from([Word(op) for op in writes]),
        st.sampled_from([Word(op) for op in known if op.reads]),
        st.sampled_from([Word(op, "other-run") for op in writes]),
        st.sampled_from([Word(op, "other") for op in writes if op.kind != "run"]),
    )


_BEGINNINGS = st.sampled_from(
    [
        tuple(map(Word.parse, words.split()))
        for words in (
            "run_created run_started",
            "run_created",
            "",
            "run_created run_created:other-run run_started",
        )
    ]
)


def cases(line: Line = LINES[0], *, resumes: bool = False) -> st.SearchStrategy[Case]:
    """Cases that carry a program of 2 to 4 actors with 1 to 6 operations each, the simplest first.

    ``resumes``: the World tells one resumption of a hook from another.
    """
    words = _words(line, resumes=resumes)
    given = st.builds(lambda one, more: (*one, *more), _BEGINNINGS, st.lists(words, max_size=4))
    actors = st.lists(st.lists(words, min_size=1, max_size=6).map(tuple), min_size=2, max_size=4).map(tuple)
    return st.builds(_case, given, actors)


def _case(given: tuple[Word, ...], actors: tuple[tuple[Word, ...], ...]) -> Case:
    written = Written(tuple(takes_effect(given)), actors)
    return Case(len(actors), payload_json=json.dumps(written.to_json()))


def judge_programs(
    driver: Driver,
    seed: int,
    amount: int,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """One verdict per check over so many programs; after ``seconds`` no further one is tried."""
    trials = Trials(driver, seed, progress=progress)
    trials.begin(seconds)
    trials.evidence.bound = f"{amount} generated programs"
    limits = Limits((Case(),), searched=0, generated=amount, free=0, shrinks=_SHRINKS, seconds=seconds)

    def search(variant: Variant, limits: Limits) -> None:
        trials.control(variant, Case())
        drawn = cases(line_of(driver.spec_version), resumes="hookResumeDedup" in driver.capabilities)
        generate(trials, variant, limits, drawn, trials.try_one)

    do(trials, (search, partial(confirm, trials)), GENERATED, limits)
    return verdicts(trials)
