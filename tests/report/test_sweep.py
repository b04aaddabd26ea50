"""Since when a rule holds: what is known of a version, and what is not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from conformance.provision.catalog.versions import order
from conformance.record.file import FindingLine, Planned, Record
from conformance.record.lines import Verdict
from conformance.report.sweep import Sweep, sweep
from conformance.report.sweep_view import print_sweep
from tests.report.factory import failed, header, passed, run, world

VERSIONS = ["1.0.0", "1.1.0", "2.0.0", "2.1.0"]
RULE = "step.terminal-once"


def _six(version: str, what: str, **changes: Any) -> Verdict:
    """Convergence of scenario 6 at one version."""
    if what == "pass":
        return passed(6, version=version, variant="v", **changes)
    if what == "fail":
        return failed(6, version=version, variant="v", **({"rules": [RULE], "shoulds": []} | changes))
    return passed(6, version=version, verdict=what, **({"reason": "no such thing", "variant": ""} | changes))


def _swept(*verdicts: Verdict) -> Sweep:
    return sweep(Record([run(verdicts=list(verdicts), worlds=[])]), "redis", VERSIONS)


def _standings(*verdicts: Verdict) -> str:
    [rule] = [one for one in _swept(*verdicts).rules if one.rule == RULE]
    return " ".join(rule.standings.values())


def test_since_when_a_rule_holds() -> None:
    found = _swept(*(_six(v, w) for v, w in zip(VERSIONS, ("fail", "fail", "pass", "pass"), strict=True)))
    assert [(one.rule, one.sentence) for one in found.rules] == [
        (RULE, "broken in 1.0.0 .. 1.1.0, holds since 2.0.0")
    ]
    assert found.exit == 0


def test_since_when_it_is_broken() -> None:
    found = _swept(*(_six(v, w) for v, w in zip(VERSIONS, ("pass", "fail", "pass", "fail"), strict=True)))
    assert found.rules[0].sentence == "held in 1.0.0, broken in 1.1.0, held in 2.0.0, broken since 2.1.0"


@pytest.mark.parametrize("what", ["inconclusive", "unsupported"])
def test_what_could_not_be_judged_never_holds(what: str) -> None:
    verdicts = [_six("1.0.0", "fail"), _six("1.1.0", what), _six("2.0.0", "pass"), _six("2.1.0", "pass")]
    assert _standings(*verdicts) == "broken unknown holds holds"
    found = _swept(*verdicts)
    assert found.inconclusive == {"1.1.0": [f"{what}: no such thing (storage 6)"]}
    assert found.exit == 6


def test_what_was_not_reached_never_holds() -> None:
    assert _standings(_six("1.0.0", "fail"), _six("2.0.0", "pass")) == "broken unknown holds unknown"
    planned = world(version="1.1.0", planned=[Planned(level="storage", scenario=6, variant="v")])
    killed = run(verdicts=[_six("1.0.0", "fail")], worlds=[planned])
    found = sweep(Record([killed]), "redis", ["1.0.0", "1.1.0"])
    assert found.inconclusive == {"1.1.0": ["the run did not get there (storage 6)"]}


def test_a_failure_that_did_not_come_back_is_no_break() -> None:
    seen_once = _six("1.1.0", "inconclusive", rules=[RULE], variant="v")
    assert _standings(_six("1.0.0", "fail"), seen_once, _six("2.0.0", "pass"), _six("2.1.0", "pass")) == (
        "broken unknown holds holds"
    )


def test_a_check_that_fails_in_another_way_hides_the_rule() -> None:
    other = _six("1.1.0", "fail", rules=["log.folds"])
    assert _standings(_six("1.0.0", "fail"), other, _six("2.0.0", "pass"), _six("2.1.0", "pass")) == (
        "broken masked holds holds"
    )


def test_a_should_is_followed_too_and_hides_nothing() -> None:
    should = passed(
        6, version="1.0.0", variant="v", shoulds=[FindingLine(rules=["log.order"], reason="late")]
    )
    found = _swept(should, *(_six(version, "pass") for version in VERSIONS[1:]))
    assert [(one.rule, one.severity, one.sentence) for one in found.rules] == [
        ("log.order", "should", "broken in 1.0.0, holds since 1.1.0")
    ]


def test_the_newest_run_of_a_version_speaks() -> None:
    old = run(verdicts=[_six("1.0.0", "fail")], worlds=[])
    new = run(
        header=header(run="b", started="2026-11-21T10:00:00Z"), verdicts=[_six("1.0.0", "pass")], worlds=[]
    )
    assert sweep(Record([old, new]), "redis", ["1.0.0"]).rules == []


@pytest.mark.parametrize("width", [60, 200])
def test_the_table_shows_every_version_at_any_width(width: int) -> None:
    found = _swept(_six("1.0.0", "fail"), _six("1.1.0", "inconclusive"), _six("2.0.0", "pass"))
    console = Console(file=io.StringIO(), width=width, legacy_windows=False)
    console._environ = {}
    print_sweep(found, console)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert all(version in said for version in VERSIONS)
    assert f"{RULE}: broken in 1.0.0, unknown in 1.1.0, held in 2.0.0, unknown since 2.1.0" in said
    assert "1.1.0: inconclusive: no such thing" in said


def test_versions_in_their_order() -> None:
    versions = ["4.1.0-beta.9", "4.1.0-beta.46", "4.1.0", "4.1.4", "4.10.0", "5.0.0-alpha", "5.0.0-beta.1"]
    assert sorted(reversed(versions), key=order) == versions
