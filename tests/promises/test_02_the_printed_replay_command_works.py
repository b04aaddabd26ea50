"""The user has a World of their own, named in any of the ways there are, and copies the replay command."""

from __future__ import annotations

import json
import re
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.promises.registry import Registry, serve
from tests.promises.typed import TOYS, command_line, pasted, printed, suite

FAILURE = "step_completed/storage/complete-complete/AB"
OPTIONS = ("--world-option=strict=true",)
FILES = ("--world-option=folder={directory}",)

#: how the user names the World, and what is in their environment
WAYS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "a folder": (("--world=./my world", *OPTIONS), {}),
    "a folder with the name of a version": (("--world=./mine@2", *OPTIONS), {}),
    "a checkout": (("--world-path=./mine", *OPTIONS), {}),
    "a checkout of a named world": (
        ("--world=mine", "--world-path=./mine", *OPTIONS),
        {"WORLD_CONFORMANCE_PATH": "."},
    ),
    "a folder of worlds": (("--world=mine", *OPTIONS), {"WORLD_CONFORMANCE_PATH": "."}),
    "a version of it": (("--world=mine@1.0.0", *OPTIONS), {"WORLD_CONFORMANCE_PATH": "."}),
    "a package": (("--world-package=toy-promises",), {"WORLD_CONFORMANCE_PATH": "."}),
    "a package in a version": (
        ("--world-package=toy-promises@1.0.0", *OPTIONS),
        {"WORLD_CONFORMANCE_PATH": "."},
    ),
    "an entry of a manifest": (
        ("--world-manifest=worlds.json", "--world=listed", *OPTIONS),
        {"WORLD_CONFORMANCE_PATH": "."},
    ),
    "a class": (("--world-class=unguarded:Unguarded", "--world-option=odd=\"1\" and 'two'", *FILES), {}),
    "the reference": (("--world=memory:reference", "--world-option=mutant=no_guard"), {}),
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with serve(tmp_path_factory.mktemp("registry")) as found:
        for version in ("1.0.0", "1.1.0"):
            found.put(TOYS / "mine", version)
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's folder."""
    for name in ("mine", "my world", "mine@2"):
        shutil.copytree(TOYS / "mine", tmp_path / name)
    shutil.copy(TOYS / "unguarded.py", tmp_path)
    listed = {"id": "listed", "package": "toy-promises", "version": "1.0.0"}
    (tmp_path / "worlds.json").write_text(json.dumps({"worlds": [listed]}))
    return tmp_path


def lines(record: Path, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in record.read_text().splitlines()]
    return [line for line in found if line["kind"] == kind]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_line_is_pasted_and_the_record_is_replayed(way: str, home: Path, registry: Registry) -> None:
    words, further = WAYS[way]
    env = {**registry.env, **further}
    first = suite(
        *words, "--world-seed=3", f"--world-replay={FAILURE}", "--world-record=first.jsonl", cwd=home, env=env
    )
    assert first.returncode == 1, first.stdout + first.stderr
    (command,) = printed(first)
    assert "--world-seed=3" in command
    # In a new shell there is nothing but what npm and the cache need.
    again = pasted(f"{command} --world-record=second.jsonl", home, registry.env)
    assert again.returncode == 1, again.stdout + again.stderr
    assert "replayed 20 of 20 times; again with: " in again.stdout
    assert printed(again) == [command]
    from_record = suite("--world-replay=first.jsonl", cwd=home, env=env)
    assert from_record.returncode == 1, from_record.stdout + from_record.stderr
    assert "replayed 20 of 20" in from_record.stdout
    assert printed(from_record) == [command]
    one, other = (lines(home / name, "world")[0] for name in ("first.jsonl", "second.jsonl"))
    assert (one["package"], one["version"], one["asked"]) == (
        other["package"],
        other["version"],
        other["asked"],
    )


@pytest.mark.slow
def test_what_a_search_finds_is_replayed(home: Path) -> None:
    searched = suite(
        "--world=./mine", "--world-level=storage", "--world-budget=quick", "-k", "step_completed",
        "--world-record=run.jsonl", cwd=home,
    )  # fmt: skip
    assert searched.returncode == 1
    assert "found in" in searched.stdout
    for command in printed(searched)[:2]:
        again = pasted(command, home)
        assert "replayed 20 of 20" in again.stdout
        assert "found in" not in again.stdout


@pytest.mark.slow
def test_a_package_that_moves_on_is_replayed_as_it_was(home: Path, tmp_path: Path) -> None:
    with serve(tmp_path / "moving") as registry:
        registry.put(TOYS / "mine", "1.0.0")
        words = ("--world-package=toy-promises", f"--world-replay={FAILURE}", "--world-record=r.jsonl")
        env = {**registry.env, "WORLD_CONFORMANCE_PATH": "."}
        (command,) = printed(suite(*words, cwd=home, env=env))
        registry.put(TOYS / "mine", "1.1.0")
        shutil.rmtree(registry.env["WORLD_CONFORMANCE_CACHE"])
        pasted(f"{command} --world-record=r.jsonl", home, registry.env)
    assert [world["version"] for world in lines(home / "r.jsonl", "world")] == ["1.0.0", "1.0.0"]


def test_a_replay_says_replayed_everywhere(home: Path) -> None:
    suite("--world=./mine", f"--world-replay={FAILURE}", "--world-record=r.jsonl", cwd=home)
    made = command_line(
        "report", "merge", "r.jsonl", "--html", "m.html", "--markdown", "m.md", "--junit", "m.xml", cwd=home
    )
    assert made.returncode == 0, made.stderr
    shown = command_line("report", "show", "-v", "r.jsonl", cwd=home).stdout
    for text in (shown, (home / "m.html").read_text(), (home / "m.xml").read_text()):
        assert "replayed 20 of 20" in text
        assert "found in" not in text
        assert "20 schedules" not in text


def test_a_replay_that_does_not_fail_makes_nothing_green(home: Path) -> None:
    words = ("--world=memory", f"--world-replay={FAILURE}", "--world-record=r.jsonl")
    done = suite(*words, cwd=home)
    assert done.returncode == 0
    assert "replayed 0 of 20: nothing breaks under this schedule" in done.stdout
    made = command_line("report", "merge", "r.jsonl", "--json", "m.json", "--gate", cwd=home)
    (row,) = json.loads((home / "m.json").read_text())["rows"]
    assert (row["state"], row["counts"]["pass"]) == ("not_judged", 0)
    assert made.returncode == 6, made.stderr


@pytest.mark.parametrize("token", ["A999999999999", "A9" * 2_000, "A" * 30_000, "A" + "9" * 6_000])
def test_a_token_that_would_eat_all_memory(home: Path, token: str) -> None:
    where = "step_completed/storage/complete-complete"
    typed = suite("--world=memory", f"--world-replay={where}/{token}", cwd=home)
    record = home / "hostile.jsonl"
    suite("--world=./mine", f"--world-replay={FAILURE}", f"--world-record={record}", cwd=home)
    record.write_text(re.sub(r'"schedule":"\w+"', f'"schedule":"{token}"', record.read_text()))
    read = suite("--world=memory", f"--world-replay={record}", cwd=home)
    read_own = suite(f"--world-replay={record}", cwd=home)
    for done in (typed, read, read_own):
        assert done.returncode == 4
        assert "too long a schedule" in done.stderr
        assert len(done.stderr) < 2_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_000_000


@pytest.mark.parametrize(
    "words",
    [
        ["--world-class=os:system", "--world-option=command=touch owned"],
        ["--world-path=./mine"],
        ["--world=./mine"],
        ["--world-package=toy-promises"],
        ["--world=memory", "--world-option=mutant=no_guard"],
        ["--world=redis", "--world-service-url=redis://127.0.0.1:1"],
        ["--rootdir=/"],
    ],
)
def test_a_strangers_record_runs_no_code_of_its_own_choice(home: Path, words: list[str]) -> None:
    record = home / "r.jsonl"
    suite("--world=./mine", f"--world-replay={FAILURE}", f"--world-record={record}", cwd=home)
    text = record.read_text().replace('["--world=./mine"]', json.dumps(words))
    assert text != record.read_text() or words == ["--world=./mine"]
    record.write_text(text)
    # On another machine there is another cache, and so another key.
    done = suite(f"--world-replay={record}", cwd=home, env={"WORLD_CONFORMANCE_CACHE": str(home / "other")})
    assert done.returncode == 4, done.stdout
    assert "Traceback" not in done.stderr
    assert not (home / "owned").exists()
    if words[0] != "--rootdir=/":
        assert words[0] in done.stderr


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    """The address of a Redis that wants a password."""
    from conformance.provision.services.spec import ServiceSpec  # noqa: PLC0415

    service: Service = start_service(ServiceSpec(kind="redis"), force="embedded")
    client: Any = __import__("redis").Redis.from_url(service.url)
    client.config_set("requirepass", "hunter2")
    client.close()
    yield service.url.replace("redis://", "redis://:hunter2@")
    service.stop()


@pytest.mark.slow
def test_a_secret_is_left_out_and_asked_for(home: Path, locked: str) -> None:
    words = ("--world-class=unguarded:Unguarded", *FILES)
    secrets = ("--world-option=password=tr0ub4dor", f"--world-service-url={locked}")
    run = suite(*words, *secrets, f"--world-replay={FAILURE}", "--world-record=r.jsonl", cwd=home)
    assert run.returncode == 1, run.stdout + run.stderr
    (command,) = printed(run)
    for secret in ("hunter2", "tr0ub4dor"):
        assert secret not in command
        assert secret not in (home / "r.jsonl").read_text()
    refused = pasted(command, home)
    assert refused.returncode == 4
    assert "***@" in refused.stderr
    assert "a secret was left out here" in refused.stderr
    from_record = suite("--world-replay=r.jsonl", secrets[0], cwd=home)
    assert from_record.returncode == 4
    assert "Give --world-service-url with the secret" in from_record.stderr
    filled = command.replace("password=***", "password=tr0ub4dor").replace("***@", ":hunter2@")
    for again in (pasted(filled, home), suite("--world-replay=r.jsonl", *secrets, cwd=home)):
        assert again.returncode == 1, again.stdout + again.stderr
        assert "replayed 20 of 20" in again.stdout


def test_a_release_of_the_runtime_and_a_translation(home: Path) -> None:
    """The mutant breaks this schedule with every runtime; the command names the one that ran."""
    found = "step_completed/runtime/step-message-twice/AB"
    words = ("--world=memory", "--world-option=mutant=no_guard", "--world-runtime=4.2.0-beta.71")
    replayed = suite(
        *words, "--world-translate-errors", f"--world-replay={found}", "--world-record=r.jsonl", cwd=home
    )
    (command,) = printed(replayed)
    assert "--world-runtime=4.2.0-beta.71 --world-translate-errors" in command
    again = suite("--world-replay=r.jsonl", cwd=home)
    assert (again.returncode, printed(again)) == (1, [command]), again.stdout
