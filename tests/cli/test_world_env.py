"""``--world-env`` of commands that open a World, and the file of options that ``doctor`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.crash import command as crash
from conformance.cli.sweep import command as sweep
from conformance.core.errors import ConformanceError
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld

from .test_cli import run

#: It says which variable it was given, and can be nothing else.
_CODE = "export const createWorld = () => { throw new Error(`the mode is ${process.env.TOY_MODE}`); };\n"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "package.json").write_text(
        '{"name": "toy", "version": "1.0.0", "type": "module", "main": "i.js"}'
    )
    (folder / "i.js").write_text(_CODE)
    return folder


def test_a_variable_reaches_the_hosts_of_an_exported_failure(toy: Path) -> None:
    words = ("export-repro", "step_created/storage/wait-wait/AB", "--path", str(toy))
    done = run(*words, "--world-env=TOY_MODE=sunny", cwd=toy.parent)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the mode is sunny" in done.stdout + done.stderr


def test_a_variable_reaches_the_world_whose_callers_are_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    def opens(target: Target, *_: Any) -> OpenWorld:
        raise ConformanceError(f"opened with {target.env} and {target.options}")

    monkeypatch.setattr("conformance.cli.crash.open_world", opens)
    words = ["memory", "--world-env=TOY_MODE=sunny", "--option=spec=6"]
    done = CliRunner().invoke(crash, words)
    assert str(done.exception) == "opened with {'TOY_MODE': 'sunny'} and {'spec': 6}"


def test_a_sweep_passes_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def runs(arguments: list[str], *_: Any, **__: Any) -> str:
        given.extend(arguments)
        return "it is not run"

    monkeypatch.setattr("conformance.cli.sweep.run_suite", runs)
    monkeypatch.setattr("conformance.cli.sweep.choose", lambda *_: ["0.2.2"])
    CliRunner().invoke(sweep, ["--world=redis", "--versions=0.2.2", "--world-env=TOY_MODE=sunny"])
    assert "--world-env=TOY_MODE=sunny" in given


def test_doctor_reads_the_file_of_options(tmp_path: Path) -> None:
    file = tmp_path / "world-conformance.toml"
    file.write_text('world = "memory"\nservice = "embedded"\n[option]\nspec = 6\n')
    done = run("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[0] == "from world-conformance.toml: world, option, service"
    assert "launch plan" in done.stdout
    assert "spec" in done.stdout
    named = run("doctor", "starter", "--world-option=spec=4", cwd=tmp_path)
    assert named.stdout.splitlines()[0] == "from world-conformance.toml: service"
    file.write_text('wrold = "memory"\n')
    wrong = run("doctor", cwd=tmp_path)
    assert (wrong.returncode, "did you mean 'world'?" in wrong.stderr) == (4, True)
