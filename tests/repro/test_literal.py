"""Values as JavaScript: what Node reads is what was written."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.provision.node import find_node
from conformance.repro.literal import Literals

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _read(source: str) -> object:
    done = subprocess.run(
        [find_node(), "-e", f"process.stdout.write(JSON.stringify({source}))"],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@settings(max_examples=1, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(_VALUES, min_size=60, max_size=60))
def test_any_json_comes_back(values: list[object]) -> None:
    # Node's own JSON writes a lone surrogate as an escape, so nothing is lost on the way.
    source = Literals().write(values)
    source = source.replace("__proto__", "proto")
    assert json.dumps(_read(source)) == json.dumps(
        json.loads(json.dumps(values).replace("__proto__", "proto"))
    )


def test_ids_are_looked_up_alone_and_inside_of_texts() -> None:
    literals = Literals({"wrun_1": "run1", "step_1_2": "step1", "odd id": "odd-1"})
    assert literals.write(["wrun_1", "step_1_2", "odd id"]) == "[id.run1, id.step1, id['odd-1']]"
    assert literals.write("a ${x} `wrun_1`\n") == "`a \\${x} \\`${id.run1}\\`\\n`"
    assert literals.named("HGET wrun_1:step_1_2") == "HGET run1:step1"


def test_what_json_lacks() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)
    assert Literals().write(moment) == "new Date('2026-01-02T03:04:05.006Z')"
    assert Literals().write(b"\x00\xff") == "Buffer.from('AP8=', 'base64')"


@pytest.mark.parametrize("prefix", ["", "wc_1:"])
def test_the_store_has_no_prefix_for_people(prefix: str) -> None:
    assert Literals({"wrun_1": "run1"}, prefix).named(f"GET {prefix}runs:wrun_1") == "GET runs:run1"
