"""Whatever a server does, or a disk has room for: every verdict is told, and why."""

from __future__ import annotations

import os
import resource
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
from tests.promises.told import no_traceback, toy, verdicts
from tests.user import PYTEST

__all__ = ["run", "toy"]

_ROOT = Path(__file__).parents[2]


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
    # Where a caller dies and another one follows, nothing is drawn.
    undrawn = [one.name for one in by_id("step_completed").crashes] if where == "draw" else []
    hit = [one for one in verdicts(record) if one["scenario"] == 6 and one["variant"] not in undrawn]
    assert {one["check"] for one in hit} == {"convergence", "continuation", "logs"}
    for verdict in hit:
        assert verdict["verdict"] == "inconclusive"
        assert verdict["reason"].startswith("the suite itself failed, which says nothing about the World")
        assert raised in verdict["reason"]
        assert ".py:" in verdict["reason"]
    if where == "check":
        rest = [one for one in verdicts(record) if one["scenario"] == 3]
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
    assert {one["scenario"] for one in verdicts(record)} == {1, 6}
    after = [one for one in verdicts(record) if one["scenario"] == 6]
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
    no_traceback(done)
    assert "3 passed" in counts(done)
    assert "cut short, File too large: the lines before that can be read" in done.stdout
    assert 0 < record.stat().st_size <= 5000
    assert verdicts(record)  # every line is whole
    merged = _report(record)
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert "it did not come to its end" in merged.stdout + merged.stderr


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    done = _with_room(10, tmp_path, f"--world-record={tmp_path / 'record.jsonl'}", "-k", "run_started")
    assert done.returncode == 4, done.stdout + done.stderr
    no_traceback(done)
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
    no_traceback(done)
    assert f"{kind}://127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("option", ["--world-call-limit", "--world-time-limit"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0", "1e308", "soon"])
def test_a_limit_that_is_no_time(run: Run, option: str, value: str) -> None:
    done = run("--world=memory", f"{option}={value}")
    assert done.returncode == 4, done.stdout
    no_traceback(done)
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
    no_traceback(done)
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
    no_traceback(done)
    assert f"nothing can be written to {there}" in done.stderr
    assert "WORLD_CONFORMANCE_CACHE" in done.stderr
