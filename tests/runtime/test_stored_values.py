"""Values in the runtime's form, there and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.stored_values import as_stored, plain, stored

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _through(value: Any) -> Any:
    stored = as_stored({"eventType": "run_completed", "eventData": {"output": value}})
    assert isinstance(stored["eventData"]["output"], bytes)
    return plain(stored)["eventData"]["output"]


@given(VALUES)
def test_there_and_back(value: Any) -> None:
    assert _through(value) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('[{"step":1,"args":2,"u":-1},"work",[3,4,5,6,7],1,null,"x",true,{"a":8},[9,3],1.5]',
         {"step": "work", "args": [1, None, "x", True, {"a": [1.5, 1]}]}),
        ("-1", None),
        ("[null]", None),
        ('[[1,2],2,"x"]', [2, "x"]),
    ],
)  # fmt: skip
def test_what_the_runtime_wrote(text: str, value: Any) -> None:
    assert plain([{"deep": b"devl" + text.encode()}]) == [{"deep": value}]


@pytest.mark.parametrize("text", ['[["Date",1],"2026"]', "[[7]]", "{", "", "-9"])
def test_what_cannot_be_read_is_left_as_it_is(text: str) -> None:
    assert plain(b"devl" + text.encode()) == b"devl" + text.encode()


@pytest.mark.parametrize(
    ("version", "payload", "read"),
    [
        (3, [{"k": 1}, [2, 3], 1, None], {"k": [1, None]}),
        (3, [[1, 2], 3, "a"], [3, "a"]),
        (3, [["Date", 1], "2026"], [["Date", 1], "2026"]),
        (3, b'devl[[1,2],3,"a"]', [3, "a"]),
        # Before version 2 a payload is a plain value.
        (1, [[1, 2], 3, "a"], [[1, 2], 3, "a"]),
    ],
)
def test_a_payload_for_a_hook_that_says_no_version_has_no_bytes(
    version: int, payload: Any, read: Any
) -> None:
    event = {"eventType": "hook_received", "specVersion": version, "eventData": {"payload": payload}}
    assert plain({"data": [event]})["data"][0]["eventData"] == {"payload": read}


def test_other_bytes_and_other_events_are_left_alone() -> None:
    assert plain(b"encr\x00") == b"encr\x00"
    event = {"eventType": "step_created", "eventData": {"stepName": "work", "input": b"devl[1]"}}
    assert as_stored(event) == event
    assert as_stored({"eventType": "run_started"}) == {"eventType": "run_started"}
    assert json.loads(as_stored({"eventData": {"result": 1}})["eventData"]["result"][4:]) == [1]


@pytest.mark.parametrize(("version", "fields"), [(1, ""), (2, "result"), (3, "result"), (5, "result error")])
def test_what_is_stored_as_bytes_depends_on_the_spec_version(version: int, fields: str) -> None:
    data = {"stepName": "work", "result": 1, "error": "no"}
    found = as_stored({"specVersion": version, "eventData": data})["eventData"]
    assert " ".join(key for key, item in found.items() if isinstance(item, bytes)) == fields
    assert plain(found) == data


def test_a_value_that_was_stored_before_is_told_from_others_like_it() -> None:
    alike = [1, "1", True, 1.0, [1], {"a": 1}, {"a": True}, None, "None"]
    assert [stored(value) for value in alike] == [stored(value) for value in alike]
    assert len({stored(value) for value in alike}) == len(alike)


def test_stored_values_that_are_kept_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}
    monkeypatch.setattr("conformance.core.stored_values._stored", kept)
    for number in range(1000):
        assert stored(number) == f"devl[{number}]".encode()
    assert len(kept) <= 256
