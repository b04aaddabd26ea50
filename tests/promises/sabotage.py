"""A plugin (``-p tests.promises.sabotage``) that puts a mistake into the suite, where ``SABOTAGE`` says."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from hypothesis.errors import InvalidArgument

from conformance import oracle as checks
from conformance.plugin import items
from conformance.record.convert import convert
from conformance.search import draw
from conformance.search.verdict import Verdict


def _check(observed: Any, _control: Any) -> list[Any]:
    """A check that cannot take how a step is completed."""
    if any(call.kind == "step_completed" for call in observed.calls):
        raise KeyError("run")
    return []


def _draw(*_: Any) -> NoReturn:
    raise InvalidArgument("the draw went wrong")


_right = convert


def _convert(verdict: Verdict, context: Any) -> Any:
    """What cannot write down a verdict that says something."""
    if verdict.outcome != "inconclusive":
        raise ZeroDivisionError("a verdict cannot be written down")
    return _right(verdict, context)


match os.environ.get("SABOTAGE"):
    case "check":
        checks._CHECKS["continuation"] = _check
    case "draw":
        vars(draw)["draw"] = _draw
    case "convert":
        vars(items)["convert"] = _convert
