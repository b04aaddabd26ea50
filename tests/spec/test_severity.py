"""Each level is what the real runtime does with a log that breaks the rule."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from conformance.provision.catalog.runtimes import runtime_code
from conformance.provision.node import find_node
from conformance.spec.rules import RULES
from conformance.spec.severity import HALF_DONE, PLAYED, RELEASE, HalfDone, Played, document
from tests.handlers.real import replays

_PAGE = Path(__file__).parents[2] / "docs" / "severity.md"


def _replayed(logs: Sequence[Played | HalfDone]) -> list[str]:
    """How the replay of each log ends."""
    cases = [{"workflow": one.workflow, "args": one.arguments, "log": one.log} for one in logs]
    core = runtime_code(RELEASE).root / "node_modules" / "@workflow" / "core"
    script = Path(replays.__file__).with_suffix(".mjs")
    answered = subprocess.run(
        [find_node(), str(script), str(core)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return [each["outcome"]["kind"] for each in json.loads(answered.stdout)]


def test_the_real_runtime_does_with_each_log_what_the_table_says() -> None:
    harm = {"diverged": "dies", "completed": "goes on"}
    found = [harm[kind] for kind in _replayed([*PLAYED])]
    assert found == [one.harm for one in PLAYED]


def test_and_with_each_log_that_lacks_an_event() -> None:
    left = {"diverged": "dies", "completed": "goes on", "suspended": "asks again"}
    found = [left[kind] for kind in _replayed([*HALF_DONE])]
    assert found == [one.left for one in HALF_DONE]


def test_what_a_run_dies_of_is_a_must_and_what_it_passes_over_is_not() -> None:
    for one in PLAYED:
        assert (RULES[one.rule].severity == "must") == (one.harm == "dies"), one


def test_the_page_is_up_to_date() -> None:
    assert _PAGE.read_text() == document(), "run: python -m conformance.spec.severity > docs/severity.md"
