"""The story of a hook that is wrong begins with what made it wrong, and not with who met it."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.core.scenario import Variant
from conformance.core.scenarios import by_id
from conformance.memory.mutants import MUTANTS
from conformance.racemap.find import variant_of
from conformance.racemap.variants import RACE_MAP
from conformance.search.verdict import Verdict
from tests.mutants.judged import judged

_OVER_RUNS: Final = (
    "run_completed~hook_created:other-run@running+hook-active+other-hook-missing+other-run-running"
)


def _scenario(scenario: str, name: str) -> Variant:
    return next(one for one in by_id(scenario).at("storage") if one.name == name)


def _mapped(name: str) -> Variant:
    variant = variant_of(RACE_MAP, "storage", name)
    assert variant is not None
    return variant


def _red(mutant: str, variant: Variant) -> Verdict:
    return next(one for one in judged(MUTANTS[mutant], variant) if one.check == "convergence")


def test_a_hook_that_another_disposal_deleted_is_lost_and_the_disposal_is_named() -> None:
    verdict = _red("disposal-removes-all", _scenario("state_machine", "programs"))
    assert verdict.defect == "lost"
    assert verdict.broken
    told = [one.finding.text for one in verdict.broken]
    by = "A's hook_disposed hook2 came since hook1 was there"
    assert [text for text in told if not text.endswith(f"; {by}")] == []
    assert any(text.startswith("A's hook_created hook1 got success") for text in told)


@pytest.mark.parametrize("mutant", ["token-shared", "token-kept"])
def test_no_removal_is_named_where_the_same_goes_wrong_without_one(mutant: str) -> None:
    verdict = _red(mutant, _scenario("state_machine", "programs"))
    assert verdict.broken
    assert [one.finding.text for one in verdict.broken if " came since " in one.finding.text] == []


def test_a_token_that_is_freed_twice_names_the_run_that_had_it_and_the_end_of_that_run() -> None:
    verdict = _red("tokens-freed-early", _mapped(_OVER_RUNS))
    [told] = verdict.broken
    assert told.finding.text == (
        "token1 is held by nobody; its owner is run2, which took it over from run1, "
        "and no call of run2 gave it up"
    )
    assert verdict.defect == "not-atomic"
    assert verdict.failure is not None
    kinds = {name: call.event["eventType"] for name, call in verdict.failure.played.history.creations()}
    assert {kinds[name] for name in verdict.failure.finding.because} == {"run_completed", "hook_created"}


@pytest.mark.parametrize(
    ("mutant", "variant", "cause", "met"),
    [
        ("hooks-kept", "complete-hook", "hook.released-at-end", "hook.token-unique"),
        ("hooks-kept", "receive-end", "hook.released-at-end", "hook.received-alive"),
        ("release-not-atomic", "complete-hook", "hook.released-at-end", "hook.token-unique"),
        ("tokens-kept", "complete-dispose", "hook.token-free-at-end", "hook.token-unique"),
    ],
)
def test_what_is_not_released_is_the_cause_of_what_meets_it(
    mutant: str, variant: str, cause: str, met: str
) -> None:
    verdict = _red(mutant, _scenario("end_against_suspension", variant))
    first, *others = verdict.broken
    assert (first.finding.rule, first.cause) == (cause, None)
    assert {one.cause.rule for one in others if one.cause is not None} == {cause}
    assert met in {one.finding.rule for one in others}
    assert all(one.cause is not None for one in others)


def test_a_hook_that_was_created_after_the_end_is_the_cause_of_all() -> None:
    variant = next(
        one for one in by_id("end_against_suspension").at("handlers") if one.name == "hooks-left-behind"
    )
    verdict = _red("token-not-atomic", variant)
    causes = {one.finding.rule: one.cause.rule for one in verdict.broken if one.cause is not None}
    assert causes["hook.released-at-end"] == "run.no-creation-after-end"
    assert causes["hook.token-unique"] == "hook.released-at-end"


def test_a_run_that_fails_over_its_own_half_done_hook_names_the_claim_that_was_refused() -> None:
    variants = by_id("end_against_suspension").faulty("handlers")
    verdict = _red("meets-own-token", next(one for one in variants if one.name == "hooks-left-behind+faults"))
    first, *others = verdict.broken
    assert first.finding.text == (
        "B's hook_created hook1 was told that token1 is taken, "
        "and no event in a log says that a hook ever had it"
    )
    assert verdict.defect == "half-done"
    assert [(one.finding.rule, one.cause and one.cause.rule) for one in others] == [
        ("run.ends-as-control", "log.repeat-needs-event")
    ]


def test_a_hook_that_is_logged_after_the_end_of_its_run_holds_no_token() -> None:
    """Its caller died before it had logged it, so the log has it late: the token is free, and rightly so."""
    names = "hook_created-then-run_completed"
    variants = by_id("end_against_suspension").faulty("storage")
    variants += by_id("run_completed").faulty("storage") + by_id("step_created").faulty("storage")
    verdict = _red("meets-own-token", next(one for one in variants if one.name == names))
    assert verdict.outcome == "pass", verdict.reason
