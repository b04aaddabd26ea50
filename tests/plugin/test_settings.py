"""Options in a file: the nearest is read, the command line wins, and a mistake is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.plugin.options import declared
from conformance.plugin.settings import key_of, keys, read_settings, schema, schema_path
from tests.promises.typed import command_line, suite

#: one schedule, which is played in a moment
_REPLAY = "--world-replay=step_completed/storage/complete-complete/aAbB2A"


def _file(folder: Path, text: str, name: str = "world-conformance.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def _header(record: Path) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(record.read_text(encoding="utf-8").splitlines()[0])
    return header


def test_options_come_from_pyproject_and_the_command_line_wins(tmp_path: Path) -> None:
    text = '[tool.world-conformance]\nlevel = "storage"\nseed = 7\nbudget = "quick"\nrecord = "run.jsonl"\n'
    _file(tmp_path, text, "pyproject.toml")
    below = tmp_path / "packages" / "mine"
    below.mkdir(parents=True)
    done = suite("--world=memory", "--world-seed=3", _REPLAY, cwd=below)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "levels storage; budget quick; seed 3" in done.stdout
    assert "options from pyproject.toml: level, budget, record" in done.stdout
    header = _header(tmp_path / "run.jsonl")  # beside the file that names it, not where pytest ran
    assert (header["budget"], header["seed"]) == ("quick", 3)


def test_workers_have_the_options_too(tmp_path: Path) -> None:
    _file(tmp_path, '[option]\nmutant = "late-guard"\n')
    done = suite("--world=memory", _REPLAY, "-n", "1", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "--world-option=mutant=late-guard" in done.stdout


def test_the_file_names_the_world_of_the_command_without_one(tmp_path: Path) -> None:
    _file(tmp_path, 'world = ["memory"]\nlevel = ["storage"]\n')
    done = command_line("test", "--collect-only", "-q", cwd=tmp_path)
    assert "step_started[memory-storage]" in done.stdout, done.stdout + done.stderr
    assert "handlers" not in done.stdout
    plain = suite("--collect-only", "-q", cwd=tmp_path)
    assert "step_started" not in plain.stdout, "a plain pytest runs the tests of the project"


def test_a_world_of_the_command_line_is_not_mixed_with_that_of_the_file(tmp_path: Path) -> None:
    _file(tmp_path, 'path = "./not-there"\n')
    done = suite("--world=memory", "--world-level=storage", "--collect-only", "-q", cwd=tmp_path)
    assert "step_started[memory-storage]" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('budgt = "quick"', "there is no key 'budgt'; did you mean 'budget'?"),
        ("zzz = 1", "there is no key 'zzz'; there are world, level"),
        ('replay = "x"', "'replay' is an option of the command line only"),
        ('faults = "maybe"', "faults: 'maybe' is not one of ['on', 'off']"),
        ("budget = 90", "budget: 90 is not of type 'string'"),
        ("call-limit = 0", "call-limit: 0 is less than or equal to the minimum of 0"),
        ("[option]\nx = [1]", "option.x: [1] is not of type 'string', 'number', 'boolean'"),
        ("budget =", "world-conformance.toml: Invalid value"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    _file(tmp_path, text)
    with pytest.raises(pytest.UsageError) as caught:
        read_settings(tmp_path / "below")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_ends_the_run_and_the_command(tmp_path: Path) -> None:
    _file(tmp_path, 'budgt = "quick"\n')
    for done in (suite("--world=memory", cwd=tmp_path), command_line("test", cwd=tmp_path)):
        assert done.returncode == 4, done.stdout
        assert "did you mean 'budget'?" in done.stderr
        assert "Traceback" not in done.stderr


def test_two_files_in_one_folder_exclude_each_other(tmp_path: Path) -> None:
    _file(tmp_path, "seed = 1")
    _file(tmp_path, "[tool.world-conformance]\nseed = 2", "pyproject.toml")
    with pytest.raises(pytest.UsageError, match="exclude each other"):
        read_settings(tmp_path)


def test_the_published_schema_is_that_of_the_options() -> None:
    published = json.loads(schema_path().read_text(encoding="utf-8"))
    assert published == schema()
    jsonschema.Draft202012Validator.check_schema(published)
    left_out = {key_of(option) for option in declared()} - keys().keys()
    assert left_out == {"replay", "manifest-shell"}
