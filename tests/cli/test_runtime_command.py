"""``world-conformance runtime``: over which Worlds, and what it says of a release that it cannot run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.cli.runtime import _replay, command, judge_release
from conformance.core.errors import ConformanceError
from conformance.provision.catalog import plan
from conformance.provision.catalog.runtimes import PACKAGE, RuntimeCode, runtime_code


def test_a_world_that_may_be_at_fault_is_not_taken() -> None:
    with pytest.raises(ConformanceError, match="--world=redis: not known to be right"):
        command.callback(("4.8.9",), 1, (), "redis", 0, 0, None, None, None)  # type: ignore[misc] # it is set


@pytest.mark.slow
def test_an_old_release_gets_refusals_in_the_words_that_it_knows() -> None:
    """Up to 4.2.0-beta.71 by their status, which the World in memory does not say by itself."""
    [even, uneven] = judge_release("4.2.0-beta.71", ["even-branches", "uneven-branches"], 1)
    assert even.word == "clean"
    assert uneven.word == "wrong output"
    assert uneven.worst is not None
    assert "--world-translate-errors --world-level=runtime" in _replay(uneven, uneven.worst)


def _release(folder: Path, monkeypatch: pytest.MonkeyPatch, *, replaced: str) -> Path:
    """4.8.9 is run with one of its packages replaced. Returns the folder of that package, which is empty."""
    real, copy = runtime_code("4.8.9").root / "node_modules", folder / "node_modules"
    (copy / replaced).mkdir(parents=True)
    for entry in (*real.iterdir(), *(real / "@workflow").iterdir()):
        if entry.name not in ("@workflow", ".bin") and not (copy / entry.relative_to(real)).exists():
            (copy / entry.relative_to(real)).symlink_to(entry)
    monkeypatch.setattr(plan, "runtime_code", lambda version, **_: RuntimeCode(version, folder))
    return copy / replaced


def test_a_release_that_lacks_what_the_suite_runs_it_by_is_unsupported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = _release(tmp_path, monkeypatch, replaced=PACKAGE)
    (core / "dist").mkdir()
    shutil.copy(runtime_code("4.8.9").root / "node_modules" / PACKAGE / "package.json", core)
    (core / "dist" / "runtime.js").write_text("export const workflowEntrypoint = () => {};")
    (core / "dist" / "private.js").write_text("export const registerStepFunction = () => {};")
    [cell] = judge_release("4.8.9", ["even-branches"], 1)
    assert cell.word == "unsupported"
    assert cell.why.endswith("the suite cannot run @workflow/core 4.8.9: it has no dist/telemetry.js")


def test_a_release_whose_worlds_are_not_changed_by_events_is_unsupported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.0.x: ``runs.create`` and ``steps.update`` move entities, and the log is written beside them."""
    interface = _release(tmp_path, monkeypatch, replaced="@workflow/world")
    (interface / "package.json").write_text(
        '{"name": "@workflow/world", "type": "module", "main": "index.js"}'
    )
    (interface / "index.js").write_text(
        "export const EventTypeSchema = { options: ['workflow_started', 'step_started'] };"
    )
    [cell] = judge_release("4.8.9", ["even-branches"], 1)
    assert cell.word == "unsupported"
    assert "4.8.9: its interface of a World has no run_created event" in cell.why
