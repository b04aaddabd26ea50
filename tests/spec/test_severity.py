"""Each level is what the real runtime does with a log that breaks the rule."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from conformance.provision.catalog.runtimes import runtime_code
from conformance.provision.node import find_node
from conformance.spec.rules import RULES
from conformance.spec.severity import PLAYED, RELEASE, document
from tests.handlers.real import replays

_PAGE = Path(__file__).parents[2] / "docs" / "severity.md"
_HARM = {"diverged": "dies", "completed": "goes on", "suspended": "goes on"}


def test_the_real_runtime_does_with_each_log_what_the_table_says() -> None:
    cases = [{"workflow": one.workflow, "args": one.arguments, "log": one.log} for one in PLAYED]
    core = runtime_code(RELEASE).root / "node_modules" / "@workflow" / "core"
    script = Path(replays.__file__).with_suffix(".mjs")
    answered = subprocess.run(
        [find_node(), str(script), str(core)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    found = [_HARM[each["outcome"]["kind"]] for each in json.loads(answered.stdout)]
    assert found == [one.harm for one in PLAYED]


def test_what_a_run_dies_of_is_a_must_and_what_it_passes_over_is_not() -> None:
    for one in PLAYED:
        assert (RULES[one.rule].severity == "must") == (one.harm == "dies"), one


def test_the_page_is_up_to_date() -> None:
    assert _PAGE.read_text() == document(), "run: python -m conformance.spec.severity > docs/severity.md"
