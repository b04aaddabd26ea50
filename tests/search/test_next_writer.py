"""A caller dies in an event, then comes another writer, then the same call again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.crash import command
from conformance.core.gates import Gate
from conformance.core.scenario import Case, Variant
from conformance.core.scenarios import by_id, scenarios
from conformance.drivers.in_process import InProcessDriver
from conformance.levels.next_writer import KINDS, next_writer_variants
from conformance.memory.mutants import MUTANTS
from conformance.memory.numbered import NumberedWorld
from conformance.memory.world import MemoryWorld
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.search.budget import BUDGETS, Limits
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.verdict import Verdict
from conformance.spec.lines import line_of
from conformance.spec.rows import LINES
from conformance.spec.vocabulary import Event


def judged(make: Callable[[], MemoryWorld], kind: str, then: str) -> list[Verdict]:
    [variant] = next_writer_variants((kind,), (then,))
    return _judged(make, variant)


def _judged(make: Callable[[], MemoryWorld], variant: Variant) -> list[Verdict]:
    return NextWriterJudge(InProcessDriver(make)).judge(variant, Limits((Case(),), 0, 0, 0, 3))


@pytest.mark.parametrize("make", [MemoryWorld, NumberedWorld])
@pytest.mark.parametrize("kind", KINDS)
def test_a_right_world_is_clean_whoever_comes_next(make: Callable[[], MemoryWorld], kind: str) -> None:
    for variant in next_writer_variants((kind,)):
        if variant.since > line_of(make().spec_version):
            continue
        for verdict in _judged(make, variant):
            assert (verdict.outcome, verdict.shoulds) == ("pass", []), verdict.reason
            assert verdict.evidence.depth == "pass"
            assert verdict.evidence.places_tried == verdict.evidence.places > 1


def test_an_event_that_a_crash_lost_is_found() -> None:
    found = next(iter(judged(MUTANTS["logs-later"].world, "step_completed", "hook_received")))
    assert found.outcome == "fail"
    assert "log.repeat-needs-event" in found.rules
    assert found.failure is not None
    assert found.failure.reproduced == found.failure.replays == 3


class _FindsLater(MemoryWorld):
    """Keeps a hook, and in a second operation by which token it is found."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        answer = await super().events_create(run_id, event)
        if event["eventType"] == "hook_created":
            token = event["eventData"]["token"]
            hook = self.state.tokens.pop(token)
            await Gate("index token", "write", (f"token {token}",))
            self.state.tokens[token] = hook
        return answer


class _FreesLater(MemoryWorld):
    """Disposes of a hook, and in a second operation frees its token."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        held = {hook: token for token, hook in self.state.tokens.items()}
        answer = await super().events_create(run_id, event)
        if event["eventType"] == "hook_disposed":
            hook = event["correlationId"]
            self.state.tokens[held[hook]] = hook
            await Gate("free token", "write", (f"token {held[hook]}",))
            del self.state.tokens[held[hook]]
        return answer


@pytest.mark.parametrize(
    ("make", "kind", "rule", "sentence"),
    [
        (_FindsLater, "hook_created", "hook.token-unique", "token1 is held by nobody; its owner is run1"),
        (
            _FreesLater,
            "hook_disposed",
            "hook.token-free-at-end",
            "token1 is still held by run1, which gave it up",
        ),
    ],
)
def test_who_holds_a_token_is_asked_after_a_death(
    make: Callable[[], MemoryWorld], kind: str, rule: str, sentence: str
) -> None:
    found = next(iter(judged(make, kind, kind)))
    assert (found.outcome, found.defect, found.rules) == ("fail", "half-done", (rule,))
    assert found.reason.replace("token2", "token1") == sentence


@pytest.mark.parametrize("kind", ["run_completed", "run_failed", "run_cancelled"])
def test_a_token_that_a_dead_caller_did_not_free_is_claimed_afterwards(kind: str) -> None:
    """Who looks the token up finds no hook, and who wants it does not get it."""
    found = next(iter(judged(MUTANTS["tokens-freed-last"].world, kind, "claim")))
    assert (found.outcome, found.defect, found.rules) == ("fail", "half-done", ("hook.token-free-at-end",))
    assert "was told that token1 is taken; run1 had it and gave it up, and nobody has it" in found.reason


def test_a_claim_that_a_crash_left_is_a_hole() -> None:
    found = next(iter(judged(MUTANTS["slot-reserved"].world, "step_completed", "hook_received")))
    assert "log.slots" in found.rules


def test_the_command_says_what_it_tried() -> None:
    done = CliRunner().invoke(command, ["memory", "--event", "step_created", "--next", "wait_created"])
    assert (done.exit_code, done.output.split()) == (
        0,
        ["step_created-then-wait_created", "clean", "(2", "places)"],
    )
    broken = CliRunner().invoke(
        command,
        ["memory", "--option", "mutant=logs-later", "--event", "step_completed", "--next", "step_created"],
    )
    assert broken.exit_code == 1
    assert "log.repeat-needs-event" in broken.output


def test_each_event_has_one_next_writer_by_default_and_every_one_with_more_time() -> None:
    crashes = [one for scenario in scenarios() for one in scenario.faulty("storage", LINES[-1])]
    assert sorted(one.name for one in crashes) == sorted(one.name for one in next_writer_variants())
    usual = [one for one in crashes if not BUDGETS["default"].limits(one, speed=1).none]
    dying = [one.name.partition("-then-")[0] for one in usual]
    claims = [one.name for one in usual if one.name.endswith("-then-claim")]
    assert sorted(claims) == ["hook_disposed-then-claim", "run_completed-then-claim"]
    assert len(dying) - len(claims) == len(set(dying)) == len(KINDS) - 4
    assert not any(BUDGETS["thorough"].limits(one, speed=1).none for one in crashes)
    assert all(BUDGETS["quick"].limits(one, speed=1).none for one in crashes)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "rules"), [("5.0.0-beta.35", ("log.slots",)), ("5.0.0-beta.46", ())])
def test_a_file_that_a_dead_resumption_staged(version: str, rules: tuple[str, ...]) -> None:
    """beta.35 takes it for a position that is taken (vercel/workflow#3492). It is judged by default."""
    [variant] = [
        one
        for one in by_id("step_created").faulty("storage")
        if one.name == "hook_received-then-hook_received"
    ]
    limits = BUDGETS["default"].limits(variant, speed=1)
    assert not limits.none
    opened = open_world(parse(f"local@{version}"), None, f"staged{version[-2:]}")
    try:
        found = NextWriterJudge(opened.driver).judge(variant, replace(limits, replays=1))
    finally:
        opened.close()
    assert found[0].rules == rules
    assert found[0].evidence.places_tried == found[0].evidence.places > 10
