"""Packages are installed once, whole, and shared. npm is played by a script, except in one test."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall
from conformance.core.redact import redact
from conformance.provision import node
from conformance.provision.catalog import install
from conformance.provision.catalog.find import find_world_dir
from conformance.provision.catalog.install import NotPublished, installed


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the place of npm; writing to it says what it does. ``calls`` beside it counts."""
    script = tmp_path / "npm.py"
    monkeypatch.setattr(install, "npm_command", lambda: (sys.executable, str(script)))
    monkeypatch.setenv("WORLD_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    play(script, "install('tiny')")
    return script


def play(script: Path, what: str) -> None:
    script.write_text(
        textwrap.dedent(
            """
            import json, pathlib, sys, time
            with open(pathlib.Path(__file__).with_name("calls"), "a") as calls:
                calls.write(" ".join(sys.argv[1:]) + "\\n")
            def install(name, built=True):
                folder = pathlib.Path("node_modules", name)
                folder.mkdir(parents=True)
                (folder / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}))
            """
        )
        + textwrap.dedent(what)
    )


def calls(script: Path) -> list[str]:
    return script.with_name("calls").read_text().splitlines()


@pytest.fixture
def world(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny-world"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"dependencies": {"tiny": "1.0.0"}}))
    lock = {"lockfileVersion": 3, "packages": {"node_modules/tiny": {"version": "1.0.0"}}}
    (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


def test_from_the_lock_once(npm: Path, world: Path) -> None:
    said: list[str] = []
    home = installed(world, "tiny", progress=said.append)
    assert (home / "node_modules/tiny/package.json").is_file()
    assert installed(world, "tiny", progress=said.append) == home
    assert said == ["installing tiny 1.0.0 …"]
    (call,) = calls(npm)
    assert call.startswith("ci ")
    assert "--ignore-scripts" in call


def test_a_changed_lock_is_another_installation(npm: Path, world: Path) -> None:
    home = installed(world, "tiny")
    lock = world / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert installed(world, "tiny") != home
    assert len(calls(npm)) == 2


def test_another_version(npm: Path, world: Path) -> None:
    home = installed(world, "tiny", version="2.0.0")
    assert home != installed(world, "tiny")
    assert calls(npm)[0].endswith(" tiny@2.0.0")


def test_a_failure_leaves_nothing_and_tells(npm: Path, world: Path) -> None:
    play(npm, "install('tiny'); print('npm error code ENOTFOUND\\nnpm error no host'); sys.exit(1)")
    with pytest.raises(CannotInstall, match="npm error no host") as caught:
        installed(world, "tiny")
    assert "no network" in caught.value.hint
    left = [path.name for path in (install.cache_dir() / "npm").iterdir() if path.is_dir()]
    assert left == []
    play(npm, "install('tiny')")
    assert installed(world, "tiny").is_dir()


def test_not_published(npm: Path, world: Path) -> None:
    play(npm, "print('npm error code E404'); sys.exit(1)")
    with pytest.raises(NotPublished, match=r"does not have tiny@9"):
        installed(world, "tiny", version="9")


def test_npm_that_lies(npm: Path, world: Path) -> None:
    play(npm, "install('other')")
    with pytest.raises(CannotInstall, match="tiny is not there"):
        installed(world, "tiny")


def test_a_lock_of_something_else(npm: Path, world: Path) -> None:
    with pytest.raises(CannotInstall, match="does not pin other"):
        installed(world, "other")
    assert not npm.with_name("calls").exists()


def test_workers_share_one_installation(npm: Path, world: Path) -> None:
    play(npm, "time.sleep(0.5); install('tiny')")
    code = f"""
import sys
from pathlib import Path
from conformance.provision.catalog import install
install.npm_command = lambda: (sys.executable, {str(npm)!r})
print(install.installed(Path({str(world)!r}), "tiny"))
"""
    workers = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    homes = {worker.communicate(timeout=60)[0] for worker in workers}
    assert len(homes) == 1
    assert len(calls(npm)) == 1


def test_passwords_are_not_repeated() -> None:
    assert redact("GET https://me:secret@host/x _authToken=abc") == "GET https://***@host/x _authToken=***"


def test_no_node_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(node, "_wheel", lambda: None)
    monkeypatch.delenv("WORLD_NODE", raising=False)
    for find in (node.find_node, node.npm_command):
        with pytest.raises(CannotInstall, match=r"no (Node|npm) on this machine") as caught:
            find.__wrapped__()
        assert "pip install" in caught.value.hint


@pytest.mark.slow
def test_the_real_npm_and_then_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The committed lock of a small world installs; a warm cache needs no registry."""
    monkeypatch.setenv("WORLD_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    world = find_world_dir("starter")
    package = "@workflow-worlds/starter"
    home = installed(world, package)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    assert installed(world, package) == home
    with pytest.raises(CannotInstall, match="could not install"):
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        installed(world, package, version="0.2.0")
