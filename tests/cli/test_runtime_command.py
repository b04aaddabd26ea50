"""``world-conformance runtime``: over which Worlds, and what it says of a release that it cannot run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.cli.runtime import command, judge_release
from conformance.core.errors import ConformanceError
from conformance.provision.catalog import plan
from conformance.provision.catalog.runtimes import PACKAGE, RuntimeCode, runtime_code


def test_a_world_that_may_be_at_fault_is_not_taken() -> None:
    with pytest.raises(ConformanceError, match="--world=redis: not known to be right"):
        command.callback(("4.8.9",), 1, (), "redis", 0, 0, None, None, None)  # type: ignore[misc] # it is set


def test_a_release_that_lacks_what_the_suite_runs_it_by_is_unsupported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runtime_code("4.8.9").root / "node_modules"
    core = tmp_path / "node_modules" / PACKAGE
    core.parent.mkdir(parents=True)
    for entry in real.iterdir():
        if entry.name not in ("@workflow", ".bin"):
            (tmp_path / "node_modules" / entry.name).symlink_to(entry)
    for entry in (real / "@workflow").iterdir():
        if entry.name != "core":
            (core.parent / entry.name).symlink_to(entry)
    (core / "dist").mkdir(parents=True)
    shutil.copy(real / PACKAGE / "package.json", core)
    (core / "dist" / "runtime.js").write_text("export const workflowEntrypoint = () => {};")
    (core / "dist" / "private.js").write_text("export const registerStepFunction = () => {};")
    monkeypatch.setattr(plan, "runtime_code", lambda version, **_: RuntimeCode(version, tmp_path))
    [cell] = judge_release("4.8.9", ["even-branches"], 1)
    assert cell.word == "unsupported"
    assert cell.why.endswith("the suite cannot run @workflow/core 4.8.9: it has no dist/telemetry.js")
