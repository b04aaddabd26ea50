"""Tokens that a database takes for one: the sentence says in what they differ."""

from __future__ import annotations

import pytest

from conformance.core import events
from conformance.core.history import Call, History
from conformance.oracle.alike import alike
from conformance.oracle.finding import Finding
from conformance.oracle.sequence import sequence
from conformance.spec.vocabulary import Event

_NAMES = {"token_é": "token1", "token_É": "token2"}


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("tok", "TOK", "case"),
        ("é", "e", "accents"),
        ("é ", "é", "blanks at the end"),
        ("É", "e ", "blanks at the end and accents and case"),
        ("tok", "tok", ""),
        ("tok", "other", ""),
    ],
)
def test_in_what_they_differ(one: str, other: str, differ: str) -> None:
    assert alike(one, other) == alike(other, one) == differ


def test_what_is_found_by_another_token_is_told_by_what_differs() -> None:
    asked = Call("A", "race", "hooks.getByToken", ("token_É",), 0, 1, {"token": "token_é"})
    [finding] = _sequence(asked)
    assert finding.text == (
        "hooks.getByToken token2 gave something, and there is no such hook; right is not found; "
        "token2 and token1 differ in case only, from character 7 on"
    )


def test_what_holds_a_token_is_told_by_what_differs() -> None:
    event = {"eventType": "hook_conflict", "correlationId": "hook2", "eventData": {"token": "token_É"}}
    asked = Call("A", "race", "events.create", ("run1", _hook("hook2", "token_É")), 6, 7, {"event": event})
    [finding] = [one for one in _sequence(*_made(), asked) if one.rule == "hook.token-unique"]
    assert finding.text == (
        "A's hook_created hook2 got a hook_conflict event; right is success; "
        "token2 and token1 differ in case only, from character 7 on"
    )


def _hook(hook: str, token: str) -> Event:
    return events.hook_created(hook, token)


def _made() -> list[Call]:
    """A run that has a hook."""
    run = {"runId": "run1"}
    made: list[tuple[str | None, Event]] = [
        (None, events.run_created("w")),
        ("run1", _hook("hook1", "token_é")),
    ]
    return [
        Call(
            "-",
            "given",
            "events.create",
            (given, event),
            2 * at,
            2 * at + 1,
            {"event": {**event, **run}, "run": run},
        )
        for at, (given, event) in enumerate(made)
    ]


def _sequence(*calls: Call) -> tuple[Finding, ...]:
    history = History()
    history.calls += calls
    return sequence(history, lambda ident: _NAMES.get(ident or "", ident or ""))
