"""A checkout of one's own, behind HTTP: judged, seen again, told, gated, fixed, compared.

Each step is what the documents say to type: worlds-behind-http.md, read-a-verdict.md, reports.md.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.journeys.conftest import SHORT
from tests.promises.typed import command_line, pasted, printed, suite

#: what the client of the example hands on, and what the page says that it owes
STATUS = ", status: error.status"
_KNOWN = """
[[known]]
world = "mine"
reason = "https://example.test/issues/1"
until = {until}
"""


@pytest.mark.slow
def test_a_world_is_made_right_by_what_the_suite_says(home: Path, mine: Path) -> None:
    client = mine / "client.mjs"
    right = client.read_text()
    client.write_text(right.replace(STATUS, ""))

    red = suite("--world=./mine", *SHORT, "--world-record=old.jsonl", cwd=home)
    assert red.returncode == 1, red.stdout
    assert "raw-error" in red.stdout, "the status of a refusal is lost on the way"

    again = printed(red)[0]
    assert pasted(again, home).returncode == 1

    issue = command_line("report", "issue", "old.jsonl", "--world", "mine", "--scenario", "6", cwd=home)
    assert issue.returncode == 0, issue.stderr
    assert "step_completed" in issue.stdout

    until = date.today() + timedelta(days=30)
    (home / "known.toml").write_text(_KNOWN.format(until=until.isoformat()))
    gated = command_line("report", "merge", "old.jsonl", "--baseline", "known.toml", "--gate", cwd=home)
    assert gated.returncode == 0, gated.stdout + gated.stderr

    client.write_text(right)
    assert pasted(again, home).returncode == 0, "the very schedule does no harm any more"
    green = suite("--world=./mine", *SHORT, "--world-record=new.jsonl", cwd=home)
    assert green.returncode == 0, green.stdout

    compared = command_line("report", "diff", "old.jsonl", "new.jsonl", cwd=home)
    assert compared.returncode == 0
    assert "fixed" in compared.stdout
    stale = command_line("report", "merge", "new.jsonl", "--baseline", "known.toml", "--gate", cwd=home)
    assert "passes now" in " ".join((stale.stdout + stale.stderr).split())
