"""Whatever a World answers, a server does, or a disk has room for: every verdict is told, and why."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.core.scenarios import by_id
from conformance.provision.catalog.target import parse
from conformance.provision.services.start import start_service
from conformance.search.draw import cases, draw
from tests.plugin.conftest import Run, counts, run
from tests.user import PYTEST

__all__ = ["run"]

_TOY = Path(__file__).parent / "toy"
_ROOT = Path(__file__).parents[2]


def _verdicts(record: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return [line for line in lines if line["kind"] == "verdict"]


def _no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    said = done.stdout + done.stderr
    # A JavaScript TypeError is what the real runtime says of such an answer: it stands in a message.
    for word in ("Traceback", "INTERNALERROR", "KeyError", "\nTypeError", "E   TypeError"):
        assert word not in said, said


# -- answers of a wrong shape ---------------------------------------------------------------------


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A user's folder with a World in it, ``./toy``."""
    shutil.copytree(_TOY, tmp_path / "toy")
    return tmp_path


def _judge_toy(run: Run, toy: Path, at: str, answer: str, level: str = "storage") -> list[dict[str, Any]]:
    record = toy / "record.jsonl"
    record.unlink(missing_ok=True)
    done = run(
        "--world=./toy",
        f"--world-option=at={at}",
        f"--world-option=answer={answer}",
        f"--world-level={level}",
        "--world-budget=quick",
        f"--world-record={record}",
        "-k",
        "step_completed",
    )
    _no_traceback(done)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return _verdicts(record)


@pytest.mark.parametrize(
    ("at", "answer", "says"),
    [
        ("events.create/run_created", "undefined", "run_created was answered with nothing"),
        (
            "events.create/step_started",
            "5",
            "step_started was answered with a number; due is an object with step",
        ),
        ("events.create/run_started", "[]", "run_started was answered with a list of 0"),
        ("runs.get", "null", "runs.get was answered with nothing (null or undefined); due is a run"),
        ("runs.get", '{"runId": "wrun_1"}', "a run whose status is nothing"),
        ("events.list", "[]", "events.list was answered with a list of 0; due is a page"),
        ("events.list", '{"data": [{"eventId": "evnt_1"}]}', "an event whose eventType is nothing"),
        ("steps.list", '{"data": [7]}', "number 1 is a number; due is a step"),
        ("hooks.list", "true", "hooks.list was answered with a boolean; due is a page"),
    ],
)
def test_an_answer_of_a_wrong_shape_breaks_a_rule_and_is_named(
    run: Run, toy: Path, at: str, answer: str, says: str
) -> None:
    found = [one for one in _judge_toy(run, toy, at, answer) if one["check"] == "convergence"]
    assert len(found) == 3
    for verdict in found:
        assert verdict["verdict"] == "fail"
        assert verdict["rules"] == ["answer.shape"]
        assert verdict["defect"] == "wrong-shape"
        assert says in verdict["reason"]
        assert verdict["replayed"] in ("20/20", "3/3")  # in full for one of the same rule and window


def test_what_the_runtime_never_looks_at_is_a_note(run: Run, toy: Path) -> None:
    found = [one for one in _judge_toy(run, toy, "events.create/step_completed", "[]")]
    assert {one["verdict"] for one in found} == {"pass"}
    notes = {should["rules"][0] for one in found for should in one["shoulds"]}
    assert notes == {"answer.type"}


def test_the_same_world_with_right_answers_passes(run: Run, toy: Path) -> None:
    found = _judge_toy(run, toy, "nothing", "undefined", "storage,handlers")
    assert {one["verdict"] for one in found} == {"pass"}
    assert not any(one["shoulds"] for one in found)


def test_a_world_of_line_4_0_is_unsupported_with_what_is_missing(run: Run, toy: Path) -> None:
    found = _judge_toy(run, toy, "events.create/run_created", "event", "storage,handlers")
    assert {one["verdict"] for one in found} == {"unsupported"}
    assert all("line 4.0" in one["reason"] and "{event, run}" in one["reason"] for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "answer", "verdict"),
    [
        ("events.create/run_created", "undefined", "fail"),
        ("events.create/step_started", "5", "fail"),
        ("events.create/run_created", "event", "unsupported"),
        ("nothing", "undefined", "pass"),
    ],
)
def test_at_level_runtime_the_same_holds(run: Run, toy: Path, at: str, answer: str, verdict: str) -> None:
    found = _judge_toy(run, toy, at, answer, "runtime")
    assert {one["verdict"] for one in found if one["check"] == "convergence"} == {verdict}
    if verdict == "fail":
        assert any("answer.shape" in one["rules"] for one in found)


_PYTHON_WORLD = """
class World:
    def __init__(self, way):
        self.way = way

    async def events_create(self, run_id, event):
        loop = {}
        loop["self"] = loop
        return {"nothing": None, "number": 7, "loop": loop, "nan": {"run": float("nan")}}[self.way]
"""


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("nothing", "nothing (null or undefined)"),
        ("number", "a number"),
        ("loop", "Circular"),
        ("nan", "no JSON"),
    ],
)
def test_a_world_in_python_that_answers_so(run: Run, tmp_path: Path, way: str, says: str) -> None:
    (tmp_path / "mine.py").write_text(_PYTHON_WORLD)
    record = tmp_path / "record.jsonl"
    done = run(
        "--world-class=mine:World",
        f"--world-option=way={way}",
        "--world-level=storage",
        "--world-budget=quick",
        f"--world-record={record}",
        "-k",
        "run_started",
    )
    assert "Traceback" not in done.stdout + done.stderr
    found = [one for one in _verdicts(record) if one["check"] == "convergence"]
    assert found
    assert all(one["rules"] == ["answer.shape"] and says in one["reason"] for one in found)


# -- mistakes of the suite ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "raised"),
    [("check", "KeyError: 'run'"), ("draw", "the draw went wrong"), ("convert", "cannot be written down")],
)
def test_a_mistake_of_the_suite_is_inconclusive_and_named_as_one(
    run: Run, tmp_path: Path, where: str, raised: str
) -> None:
    record = tmp_path / "record.jsonl"
    done = run(
        "-p",
        "tests.promises.sabotage",
        "--world=memory",
        "--world-level=storage",
        "--world-budget=default" if where == "draw" else "--world-budget=quick",
        f"--world-record={record}",
        "-k",
        "step_completed or run_failed",
        env={"SABOTAGE": where, "PYTHONPATH": str(_ROOT)},
    )
    assert done.returncode == 6, done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout
    hit = [one for one in _verdicts(record) if one["scenario"] == 6]
    assert {one["check"] for one in hit} == {"convergence", "continuation", "logs"}
    for verdict in hit:
        assert verdict["verdict"] == "inconclusive"
        assert verdict["reason"].startswith("the suite itself failed, which says nothing about the World")
        assert raised in verdict["reason"]
        assert ".py:" in verdict["reason"]
    if where == "check":
        rest = [one for one in _verdicts(record) if one["scenario"] == 3]
        assert {one["verdict"] for one in rest} == {"pass"}


def test_an_error_in_one_drawn_case_is_not_taken_for_flaky() -> None:
    variant = by_id("step_completed").at("storage")[0]
    tries = 0

    def once(*_: Any) -> bool:
        nonlocal tries
        tries += 1
        if tries == 3:
            raise KeyError("run")
        return False

    with pytest.raises(KeyError):
        draw(cases(variant), 20, 0, 20, once)
    assert tries == 3


# -- a server that is gone ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "world",
    [
        pytest.param("redis", marks=pytest.mark.slow),
        pytest.param("postgres", marks=pytest.mark.slow),
        pytest.param("mongodb", marks=pytest.mark.slow),
    ],
)
def test_a_server_that_is_killed_costs_no_verdict_and_one_line(world: str, tmp_path: Path) -> None:
    spec = parse(world).descriptor.service
    assert spec is not None
    service = start_service(spec, force="embedded")
    record, scratch = tmp_path / "record.jsonl", tmp_path / "scratch"
    scratch.mkdir()
    words = ["-p", "no:cacheprovider", f"--world={world}", f"--world-service-url={service.url}"]
    words += ["--world-level=storage", "--world-budget=quick", "--world-call-limit=3"]
    words += ["-k", "run_started or step_completed", f"--world-record={record}"]
    process = subprocess.Popen(
        [*PYTEST, *words],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 240
        while process.poll() is None and '"verdict"' not in (record.read_text() if record.exists() else ""):
            assert time.monotonic() < until
            time.sleep(0.05)
        os.kill(int(service.ref), signal.SIGKILL)
        said = process.communicate(timeout=240)[0]
    finally:
        process.kill()
        service.stop()
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert said.count("could not be removed") == 1
    assert said.rstrip().splitlines()[-1].endswith("the server fails or is gone")
    assert {one["scenario"] for one in _verdicts(record)} == {1, 6}
    after = [one for one in _verdicts(record) if one["scenario"] == 6]
    assert [(one["verdict"], one["reason"]) for one in after if one["verdict"] != "inconclusive"] == []
    assert list(scratch.iterdir()) == []


# -- a disk, a home, a server, a limit, a command that cannot be used -----------------------------


def _with_room(size: int, tmp_path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest where no file may get larger than ``size``: what a full disk does, without one."""
    words = [*PYTEST, "--world=memory"]
    words += ["--world-level=storage", "--world-budget=quick", *args]
    return subprocess.run(
        words,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_disk_that_gets_full_under_the_record(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    some = "run_started or run_completed or run_failed"
    done = _with_room(5000, tmp_path, f"--world-record={record}", "-k", some)
    assert done.returncode == 4, done.stdout + done.stderr
    _no_traceback(done)
    assert "3 passed" in counts(done)
    assert "cut short, File too large: the lines before that can be read" in done.stdout
    assert 0 < record.stat().st_size <= 5000
    assert _verdicts(record)  # every line is whole
    merged = _report(record)
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert "it did not come to its end" in merged.stdout + merged.stderr


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    done = _with_room(10, tmp_path, f"--world-record={tmp_path / 'record.jsonl'}", "-k", "run_started")
    assert done.returncode == 4, done.stdout + done.stderr
    _no_traceback(done)
    assert "record.jsonl: File too large" in done.stderr


def test_a_record_whose_last_line_is_cut_is_read_and_said_so(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    run("--world=memory", "--world-budget=quick", "-k", "run_started and storage", f"--world-record={record}")
    whole = record.read_bytes()
    record.write_bytes(whole[: whole.rindex(b'"footer"')])
    merged = _report(record)
    assert merged.returncode == 0
    assert "the last line is cut short" in merged.stdout + merged.stderr


def _report(record: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", "report", "merge", str(record)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "300"},
        check=False,
    )


@contextmanager
def _zeros() -> Iterator[int]:
    """A server that sends nothing but zeros, for as long as somebody reads; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    try:
                        while True:
                            client.sendall(bytes(4096))
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgres", "redis", "mongodb"])
def test_a_server_that_answers_zeros(run: Run, kind: str) -> None:
    with _zeros() as port:
        done = run(f"--world={kind}", f"--world-service-url={kind}://127.0.0.1:{port}", timeout=60)
    assert done.returncode == 4, done.stdout
    _no_traceback(done)
    assert f"{kind}://127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("option", ["--world-call-limit", "--world-time-limit"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0", "1e308", "soon"])
def test_a_limit_that_is_no_time(run: Run, option: str, value: str) -> None:
    done = run("--world=memory", f"{option}={value}")
    assert done.returncode == 4, done.stdout
    _no_traceback(done)
    assert f"{option}: '{value}' is no limit" in done.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("[]", "setup.command"),
        ('[""]', "begins with an empty word"),
        ('["node", "a\\u0000b"]', "setup.command holds a NUL character"),
    ],
)
def test_a_set_up_command_that_is_none(run: Run, toy: Path, command: str, says: str) -> None:
    descriptor = toy / "toy" / "world.toml"
    descriptor.write_text(descriptor.read_text() + f"\n[setup]\ncommand = {command}\n")
    done = run("--world=./toy")
    assert done.returncode == 4, done.stdout + done.stderr
    _no_traceback(done)
    assert "world.toml" in done.stderr
    assert says in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "WORLD_CONFORMANCE_CACHE"])
def test_a_home_that_cannot_be_written(run: Run, tmp_path: Path, variable: str) -> None:
    """A file stands where the folder should be: not even root can write there."""
    there = tmp_path / "file"
    there.touch()
    env = {"HOME": str(tmp_path), variable: str(there)}
    needs_none = run("--world=memory", "--world-budget=quick", "-k", "run_started and storage", env=env)
    assert needs_none.returncode == 0, needs_none.stdout + needs_none.stderr
    done = run("--world=starter", env=env)
    assert done.returncode == 4, done.stdout + done.stderr
    _no_traceback(done)
    assert f"nothing can be written to {there}" in done.stderr
    assert "WORLD_CONFORMANCE_CACHE" in done.stderr
