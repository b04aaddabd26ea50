"""A user runs the README's two commands on a machine that lacks a browser, Docker, Perl or a second Node."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import NEEDS, second_node
from tests.promises.clone import clone
from tests.promises.documents import ROOT, blocks
from tests.user import PYTEST

_TESTS = (
    "tests/report/test_browser.py",
    "tests/services/test_docker.py",
    "tests/python_host/test_check_host.py",
)
_BROWSER = re.compile(r"(\d+) left out, needs browser: no Chromium\. To run them: (.*)")


def project_tests(*words: str, path: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """This project's tests as a user runs them, with that ``PATH`` and no Docker engine."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=cwd,
        env={**os.environ, "PATH": path, "DOCKER_HOST": "unix:///nowhere/docker.sock", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )


def last_lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What stands after the short summary, without the line of counts; that line last."""
    text = done.stdout.strip().splitlines()
    title = max(number for number, line in enumerate(text) if " left out" in line and line.startswith("="))
    return text[title:]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_what_the_machine_lacks_is_left_out_and_the_last_lines_say_so(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    done = project_tests(*_TESTS, *workers, "-k", "not the_python_host", path=str(tmp_path))
    assert done.returncode == 0, done.stdout
    _, *lines, counts = last_lines(done)
    left_out = {NEEDS[name].bring: line for line in lines for name in NEEDS if f"needs {name}: " in line}
    for name in ("browser", "docker", "perl"):
        assert left_out[NEEDS[name].bring].endswith(f"To run them: {NEEDS[name].bring}")
    skipped = re.search(r"(\d+) skipped", counts)
    assert skipped is not None
    needed = [line for line in lines if " left out, needs " in line]  # slow ones are deselected
    assert int(skipped[1]) == sum(int(line.split()[0]) for line in needed)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_ci_fails_when_a_test_was_left_out(tmp_path: Path, workers: tuple[str, ...]) -> None:
    words = ("tests/report/test_browser.py", "-k", "test_keys", "--nothing-left-out", *workers)
    done = project_tests(*words, path=str(tmp_path))
    assert done.returncode == 1
    title, line, _ = last_lines(done)
    assert "left out: a failure" in title
    assert _BROWSER.fullmatch(line)
    assert "--nothing-left-out" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_slow_tests_wait_until_they_are_asked_for(workers: tuple[str, ...]) -> None:
    done = project_tests("tests/worlds/test_interrupt.py", *workers, path=os.environ["PATH"])
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    _, line, _ = last_lines(done)
    assert line == "4 left out, slow. To run them: pytest -n 2 -m 'slow or not slow'"
    assert "-m 'slow or not slow'" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pytest -n 2 -m slow" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.needs("browser")
def test_with_a_browser_its_tests_pass() -> None:
    done = project_tests("tests/report/test_browser.py", "-k", "test_keys", path=os.environ["PATH"])
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "left out" not in done.stdout


@pytest.mark.needs("second-node")
def test_worlds_are_held_on_the_other_node(tmp_path: Path) -> None:
    node = second_node()
    assert node is not None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    words = [
        "--world=starter",
        "-k",
        "run_started and storage",
        "--world-fail-on=never",
        "--world-budget=quick",
        "--world-record=run.jsonl",
    ]
    done = subprocess.run(
        [*PYTEST, *words],
        cwd=tmp_path,
        env={**os.environ, "WORLD_NODE": node},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    header = json.loads((tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert header["node"] == version


@pytest.mark.slow("minutes")
@pytest.mark.needs("servers")
def test_the_tests_run_in_a_folder_with_a_blank_and_an_umlaut(tmp_path: Path) -> None:
    """As the README says it, with a few files. The run of a World there is typed with the README's page."""
    *_, block = (block for block in blocks(ROOT / "README.md") if "venv" in block.text)
    (run_tests,) = block.commands()
    some = "catalog/test_launch hosts/test_redis plugin/test_lines services/test_embedded"
    files = " ".join(f"tests/{name}.py" for name in some.split())
    folder = clone(tmp_path / "Meine Übung")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = f"{run_tests} {files}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    # Said first: it is what the short summary of pytest shows.
    failed = re.findall(r"^(?:FAILED|ERROR) .*", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join([*failed, done.stdout[-4000:], done.stderr[-2000:]])
