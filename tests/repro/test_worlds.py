"""Scripts of the other published Worlds, on real servers and files: each shows its failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.provision.catalog.target import parse
from conformance.provision.services.start import Force
from conformance.record.replays import read_replays
from conformance.repro.export import export


@pytest.mark.slow
@pytest.mark.needs("servers")
@pytest.mark.parametrize(
    ("world", "failure"),
    [
        ("local", "run_started/storage/start-start/AB8A7"),
        ("mongodb", "run_started/storage/start-end/AB3A6"),
        ("postgres", "step_created/storage/one-token-two-runs/A2B4A2"),
        ("postgres", "run_completed/handlers/last-message-twice+faults?faults=die@4/A5B"),
        ("mongodb", "run_started/handlers/late-first-message+faults?faults=lose@18/A24B8A3"),
    ],
)
def test_its_script_shows_the_failure(world: str, failure: str, tmp_path: Path) -> None:
    target = parse(world)
    force: Force | None = None if target.descriptor.service is None else "embedded"
    exported = export(read_replays(failure)[0], target, force=force, check=tmp_path / "repro.mjs")
    assert exported.status == 1, exported.said
    assert exported.said.splitlines()[-1].startswith("WRONG: ")
    assert "does not fit" not in exported.said
