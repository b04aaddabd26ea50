"""Refusals of our protocol as the classes that the Python runtime catches, and back as names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

import pytest

from conformance.core.content import HOSTS
from conformance.spec.vocabulary import WorldError, conflict, gone, not_found, too_early

pytest.importorskip("vercel.workflow")

from vercel.workflow._internal import world as models


@pytest.fixture(scope="module")
def errors() -> Any:
    """The module as the host has it: part of a package with a name of its own."""
    folder = HOSTS / "python"
    spec = importlib.util.spec_from_file_location(
        "_tested_host", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    sys.modules["_tested_host"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("_tested_host.runtime.errors")


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        (conflict("no"), models.EntityConflictError),
        (gone("no"), models.RunExpiredError),
        (too_early("no", 2.5), models.TooEarlyError),
        (WorldError("WorkflowAPIError", "no", status=409), models.EntityConflictError),
        (WorldError("WorkflowAPIError", "no", status=429), models.ThrottleError),
        (not_found("no step"), models.WorkflowWorldError),
    ],
)
def test_a_refusal_has_the_class_that_the_runtime_catches(
    errors: Any, refusal: WorldError, wanted: type[Exception]
) -> None:
    assert type(errors.as_vercel(refusal)) is wanted


def test_a_hook_that_is_not_there_is_told_from_all_else(errors: Any) -> None:
    event = {"eventType": "hook_disposed", "correlationId": "hook_1"}
    assert errors.as_vercel(not_found("no"), event).hook_id == "hook_1"
    assert errors.as_vercel(not_found("no"), token="t").token == "t"
    created = {"eventType": "step_started", "correlationId": "step_1"}
    assert not isinstance(errors.as_vercel(not_found("no"), created), models.HookNotFoundError)


def test_seconds_are_whole_and_not_too_few(errors: Any) -> None:
    assert errors.as_vercel(too_early("no", 2.5)).retry_after == 3


def test_any_other_error_stays_what_it_is(errors: Any) -> None:
    raw = RuntimeError("the connection was lost")
    assert errors.as_vercel(raw) is raw
    assert errors.said(raw) is raw


def test_a_subclass_is_said_by_the_name_that_is_caught(errors: Any) -> None:
    said = errors.said(models.HookResumeConflictError("no"))
    assert (said.name, said.message) == ("EntityConflictError", "no")


def test_one_error_in_a_group_is_that_error(errors: Any) -> None:
    one = models.EntityConflictError("no")
    assert errors.alone(ExceptionGroup("tasks", [ExceptionGroup("tasks", [one])])) is one
    both = ExceptionGroup("tasks", [one, ValueError()])
    assert errors.alone(both) is both
