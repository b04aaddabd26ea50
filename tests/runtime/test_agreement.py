"""The model of the handlers and the real ones come to the same verdicts (``docs/agreement.md``).

Errors are translated: a world of the other dialect is not what is compared here.
"""

from __future__ import annotations

import pytest

from conformance.core.scenario import Case, Level
from conformance.provision.catalog import runtimes
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.open import OpenWorld
from conformance.search.budget import Limits
from conformance.search.judge import Judge

from .conftest import Open
from .play import variant, variants

NAMES = [name for name, _ in variants("handlers")]
NEWEST = RuntimeWanted(runtimes.default(), translate=True)
LIMITS = Limits((Case(),), searched=16, generated=0, free=0, replays=1)


def _verdicts(opened: OpenWorld, name: str, level: Level) -> dict[str, str]:
    """What each check comes to: ``fail not-atomic``."""
    verdicts = Judge(opened.driver).judge(variant(name, level), LIMITS)
    return {each.check: f"{each.outcome} {each.defect}".strip() for each in verdicts}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("world", ["memory", "redis:reference"])
def test_a_correct_world_passes_with_the_real_handlers_too(opened: Open, world: str, name: str) -> None:
    passes = dict.fromkeys(("convergence", "continuation", "logs"), "pass")
    assert _verdicts(opened(world, NEWEST), name, "runtime") == passes


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("world", ["redis", "local"])
def test_a_published_world_gets_the_same_verdicts(opened: Open, world: str, name: str) -> None:
    assert _verdicts(opened(world, NEWEST), name, "runtime") == _verdicts(opened(world), name, "handlers")
