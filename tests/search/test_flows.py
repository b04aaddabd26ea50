"""Flows as data: what is one, and what is told of it."""

from __future__ import annotations

import json

import pytest

from conformance.core.flows import SHAPES, flow
from conformance.core.scenario import Case


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_a_flow(name: str) -> None:
    assert flow(flow(name).text) == SHAPES[name]
    assert Case.from_json(Case(flow=name).to_json()) == Case(flow=name)


def test_what_a_flow_begins_with() -> None:
    blocked = flow("blocked-branch")
    assert (blocked.first_steps, blocked.hooks, blocked.begins_with_a_sleep) == (2, 2, False)
    unread = flow("unread-payload")
    assert (unread.first_steps, unread.hooks, unread.begins_with_a_sleep) == (1, 1, True)
    assert (unread.settled, blocked.settled) == (True, False)
    deep = flow(
        '{"branches":[[{"turns":2},{"all":[["work"],[{"loop":2,"do":["last"]}]]}]],"payloads":{"C":[3]}}'
    )
    assert (deep.first_steps, deep.hooks, deep.actors) == (2, 4, 3)


@pytest.mark.parametrize(
    "text",
    [
        "no-such-shape",
        "[]",
        '{"branches":[]}',
        '{"branches":[["rm"]]}',
        '{"branches":[[{"digest":"x"}]]}',
        '{"branches":[[{"sleep":-1}]]}',
        '{"branches":[[{"sleep":true}]]}',
        '{"branches":[[{"hook":99}]]}',
        '{"branches":[[{"loop":1000000,"do":["work"]}]]}',
        '{"branches":[["work"]],"payloads":{"Z":[0]}}',
        '{"branches":[["work"]],"more":1}',
        json.dumps({"branches": [["work"] * 40, ["work"] * 40]}),
        '{"branches":[[{"race":[[{"race":[[{"race":[[{"race":[[{"race":[["work"]]}]]}]]}]]}]]}]]}',
    ],
)
def test_what_is_no_flow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Case.from_json({"flow": text})
