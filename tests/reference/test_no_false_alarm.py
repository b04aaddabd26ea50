"""The suite finds nothing wrong with the reference worlds, on real databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.core.scenario import Level
from conformance.provision.catalog.find import load
from conformance.provision.services.service import Service
from tests.needs import stores

from .judged import judge_of, judged, variants
from .stores import ALL, STORES

#: schedules for each variant: what is exhaustive with two gates, and a look at the handlers
_SEARCHED: dict[Level, int] = {"storage": 20, "handlers": 4}


@pytest.mark.parametrize("level", list(_SEARCHED))
@pytest.mark.parametrize("name", stores(sorted(STORES)))
def test_all_scenarios_pass(name: str, level: Level, service: Callable[[str], Service]) -> None:
    _all_pass(name, level, service)


@pytest.mark.parametrize("name", stores(sorted(ALL), slow=("local", "mongodb", "postgres")))
def test_all_scenarios_pass_on_line_5(name: str, service: Callable[[str], Service]) -> None:
    _all_pass(name, "storage", service, spec="6")


def _all_pass(name: str, level: Level, service: Callable[[str], Service], spec: str = "") -> None:
    server = service(name) if load(name).service is not None else None
    with judge_of(name, server, spec=spec) as judge:
        for variant in variants(level, line=5 if spec else 4):
            # On files a call has five gates or more.
            for verdict in judged(judge, variant, _SEARCHED[level] if name != "local" else 3):
                assert verdict.outcome == "pass", f"{variant.name} {verdict.check}: {verdict.reason}"
                assert not verdict.shoulds, f"{variant.name}: {verdict.shoulds[0].finding.text}"
                assert verdict.evidence.schedules > 1
