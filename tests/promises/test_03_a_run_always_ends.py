"""A World that never ends, a user who does not wait: the run ends by itself, and nothing of it is left."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from conformance.provision.catalog.target import parse
from conformance.provision.services.start import start_service
from conformance.record.file import read
from conformance.report.matrix import build
from tests.user import PYTEST

_TOY = Path(__file__).parent / "toys" / "endless"
#: Far more than any of these runs needs, and far less than one takes that waits where it should not.
_WALL = 100.0


class User:
    """A user in an empty directory. Whatever their runs start has their ``TMPDIR`` in its environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        shutil.copytree(_TOY, folder / "endless")

    def start(self, *words: str) -> subprocess.Popen[str]:
        """pytest, with the output kept in ``output``."""
        command = [*PYTEST, *words]
        with (self.folder / "output").open("w") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "TMPDIR": str(self.scratch), "COLUMNS": "120"},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def run(self, *words: str) -> int:
        """The exit status of pytest, which has to end in time and leave nothing."""
        process = self.start(*words)
        try:
            status = process.wait(_WALL)
        finally:
            self.end(process)
        assert self.left() == ([], [])
        return status

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def end(self, process: subprocess.Popen[str]) -> None:
        """Leave no run of a test that fails."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            for each in self.processes():
                each.kill()
            process.wait()

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("TMPDIR") == str(self.scratch)
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def left(self, seconds: float = 0.0) -> tuple[list[str], list[str]]:
        """Processes and files that are there still, after at most so many seconds; pytest keeps its own."""
        until = time.monotonic() + seconds
        while True:
            found = (
                [_line(each) for each in self.processes()],
                [each.name for each in self.scratch.iterdir() if not each.name.startswith("pytest-of-")],
            )
            if found == ([], []) or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def verdicts(self, record: str = "record.jsonl") -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.folder / record).read_text().splitlines()]
        return [line for line in lines if line["kind"] == "verdict"]

    def until(self, ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        until = time.monotonic() + _WALL
        while not ready():
            assert process.poll() is None, self.output
            assert time.monotonic() < until, self.output
            time.sleep(0.1)

    def hosts(self, besides: int = 0) -> list[psutil.Process]:
        """Hosts that run, but for those that the process ``besides`` has started."""
        found = [each for each in self.processes() if "conformance/hosts" in _line(each)]
        return [each for each in found if _parent(each) not in (None, besides)]


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


_QUICK = ("--world=./endless", "--world-budget=quick", "--world-call-limit=2", "--world-record=record.jsonl")
_ONE = (*_QUICK, "--world-level=storage", "-k", "step_completed")
_LONG = ("--world=./endless", "--world-budget=thorough", "--world-option=way=drags", "--world-level=storage")


# -- a World that cannot be made, read or closed ------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "doing"),
    [
        ("hangs", "making its world"),
        ("spins", "making its world"),
        ("warms for ever", "its first read, of a run that is not there"),
    ],
)
def test_a_world_that_is_never_made_is_paid_for_once(user: User, way: str, doing: str) -> None:
    log = user.folder / "log"
    options = (*_QUICK, f"--world-option=way={way}", f"--world-option=log={log}")
    assert user.run(*options) == 4
    assert log.read_text() == "made\n"
    assert user.output.count(f"no answer in 2 s to {doing}") == 1
    assert not (user.folder / "record.jsonl").exists()
    assert user.run(*options, "--world-fail-on=never") == 0
    assert log.read_text() == "made\nmade\n"
    verdicts = user.verdicts()
    assert {each["verdict"] for each in verdicts} == {"inconclusive"}
    assert all(f"no answer in 2 s to {doing}" in each["reason"] for each in verdicts)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["throws when asked", "closes with a value", "closes for ever"])
def test_a_world_that_is_odd_in_what_nobody_needs_is_judged(user: User, way: str) -> None:
    user.run(*_ONE, f"--world-option=way={way}")
    assert {each["verdict"] for each in user.verdicts() if each["check"] == "convergence"} == {"pass"}
    assert "Traceback" not in user.output


@pytest.mark.parametrize("way", ["repeats a cursor", "empty pages"])
def test_pages_that_never_end_are_a_wrong_answer(user: User, way: str) -> None:
    assert user.run(*_ONE, f"--world-option=way={way}") == 1
    reasons = {each["reason"] for each in user.verdicts() if each["check"] == "convergence"}
    assert all("can no longer be read" in reason and "Pagination" in reason for reason in reasons), reasons


@pytest.mark.slow
def test_a_call_that_is_never_answered(user: User) -> None:
    assert user.run(*_ONE, "--world-option=way=silent") == 6
    [reason] = {each["reason"] for each in user.verdicts() if each["variant"] == "complete-complete"}
    assert "no sign for 2 s" in reason


def test_a_call_that_does_one_operation_after_the_other_for_ever(user: User) -> None:
    manifest, log = user.folder / "endless" / "world.toml", user.folder / "log"
    manifest.write_text(manifest.read_text().replace('"call"', '"fs"'))
    words = ("--world-option=way=reads for ever", f"--world-option=log={log}", "--world-record=record.jsonl")
    replay = "--world-replay=step_completed/storage/complete-complete/AB"
    assert user.run("--world=./endless", *words, replay) == 6
    assert log.read_text() == "made\n" * 2  # a host that reads for ever is not kept
    for each in user.verdicts():
        assert re.search(r"did not end within 3000 operations: [AB] was still at", each["reason"]), each


# -- the time limit -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_time_limit_replaces_what_an_older_run_had(user: User) -> None:
    user.run(*_ONE)
    late_words = ("--world-time-limit=4", "--world-record=late.jsonl", "-k", "step_completed")
    assert user.run(*_LONG, *late_words) == 6
    older, late = user.verdicts(), user.verdicts("late.jsonl")
    assert {each["verdict"] for each in late} == {"inconclusive"}
    assert all("longer than 4 s (--world-time-limit)" in each["reason"] for each in late)
    about = ("world", "implementation", "version", "level", "variant", "check")
    assert {tuple(each[name] for name in about) for each in older} <= {
        tuple(each[name] for name in about) for each in late
    }
    assert {each["version"] for each in late} == {"1.2.3"}
    record = read(user.folder / "record.jsonl")
    record.runs += read(user.folder / "late.jsonl").runs
    [row] = build(record).rows
    assert row.cells[6].state == "inconclusive"
    assert {mark.state for mark in row.cells[6].marks.values()} == {"inconclusive"}


def test_a_time_limit_ends_the_world_in_this_process(user: User) -> None:
    words = ("--world=memory", "--world-budget=thorough", "--world-time-limit=0.2", "-k", "step_started")
    assert user.run(*words, "--world-record=record.jsonl") == 6
    undecided = [each for each in user.verdicts() if each["verdict"] == "inconclusive"]
    assert undecided
    assert all("longer than 0.2 s" in each["reason"] for each in undecided)


@pytest.mark.slow
def test_the_next_test_gets_a_world_of_its_own(user: User) -> None:
    log = user.folder / "log"
    words = ("--world-time-limit=3", f"--world-option=log={log}", "-k", "step_completed or step_started")
    assert user.run(*_LONG, *words) == 6
    assert log.read_text() == "made\nmade\n"
    assert "2 failed" in user.output


# -- a set-up -----------------------------------------------------------------------------------------

_SET_UP = """
[setup]
command = ["sh", "-c", "sleep 1001 & setsid sleep 1002 & echo $$ > {directory}/there; %s"]
"""


@pytest.mark.slow
@pytest.mark.parametrize(("then", "status"), [("sleep 1003", 0), ("exit 0", None)])
def test_children_of_a_set_up_end_with_it(user: User, then: str, status: int | None) -> None:
    with (user.folder / "endless" / "world.toml").open("a") as file:
        file.write(_SET_UP % then)
    words = (*_QUICK, "--world-level=storage", "--world-time-limit=3")
    if status is not None:
        assert user.run(*words) == 4
        assert user.output.count("longer than 3 s") == 1
    found = user.run(*words, "--world-fail-on=never")
    if status is not None:
        assert found == status
        verdicts = user.verdicts()
        assert all("longer than 3 s" in each["reason"] for each in verdicts)
        assert {each["version"] for each in verdicts} == {"1.2.3"}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_children_of_a_set_up_end_with_the_run(user: User, how: signal.Signals) -> None:
    with (user.folder / "endless" / "world.toml").open("a") as file:
        file.write(_SET_UP % "sleep 1003")
    process = user.start(*_QUICK)
    try:
        user.until(lambda: any("sleep 1003" in _line(each) for each in user.processes()), process)
        process.send_signal(how)
        process.wait(_WALL)
        assert user.left(15.0) == ([], [])
    finally:
        user.end(process)


# -- a user who does not wait -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_everything(user: User, how: signal.Signals, workers: tuple[str, ...]) -> None:
    process = user.start(*_LONG, *workers)
    try:
        user.until(lambda: len(user.hosts()) >= (2 if workers else 1), process)
        if how is signal.SIGINT:
            os.killpg(process.pid, how)  # as a terminal does
        else:
            process.send_signal(how)
        status = process.wait(_WALL)
        assert status == (-how if how is signal.SIGKILL else pytest.ExitCode.INTERRUPTED), user.output
        if workers and how is not signal.SIGKILL:  # alone it is stopped when its World is tried
            assert "stopped before the end: 0 tests were judged" in user.output
        # Workers of a killed run notice a moment later.
        assert user.left(0.0 if how is not signal.SIGKILL else 40.0) == ([], [])
    finally:
        user.end(process)


def test_a_spinning_world_ends_with_a_run_that_is_killed(user: User) -> None:
    process = user.start(*_QUICK, "--world-call-limit=60", "--world-option=way=spins")
    try:
        user.until(lambda: bool(user.hosts()), process)
        time.sleep(1.0)
        process.kill()
        process.wait()
        assert user.left(15.0) == ([], [])
    finally:
        user.end(process)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["worker", "run"])
def test_a_server_of_the_users_own_is_left_as_it_was(user: User, what: str) -> None:
    spec = parse("redis").descriptor.service
    assert spec is not None
    server = start_service(spec, force="embedded")
    words = ("--world=redis:reference", f"--world-service-url={server.url}", "-n", "2")
    process = user.start(*words, "--world-level=storage", "--world-budget=quick")
    try:
        # The World is made once before the workers begin.
        user.until(lambda: len(user.hosts(besides=process.pid)) >= 2, process)
        time.sleep(1.0)
        if what == "worker":
            worker = user.hosts(besides=process.pid)[0].parent()
            assert worker is not None
            worker.kill()
        else:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(_WALL)
        assert user.left(10.0) == ([], [])
        assert _keys(server.url) == 0
    finally:
        user.end(process)
        server.stop()


def _keys(url: str) -> int:
    import redis  # noqa: PLC0415 - of the extra [embedded]

    with redis.Redis.from_url(url) as client:
        return sum(int(each["keys"]) for each in client.info("keyspace").values())
