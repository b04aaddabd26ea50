"""The user's CI looks at the exit status; the user asks the doctor before a long run."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.core import exits
from tests.promises.registry import serve
from tests.promises.typed import TOYS, command_line, suite

ROOT = Path(__file__).resolve().parents[2]
FAILURE = "step_completed/storage/complete-complete/AB"
MUTANT = "--world-option=mutant=no_guard"
ONE = ("--world-level=storage", "--world-budget=quick", "-k", "step_completed")
#: a World that throws at once: its control cannot run
THROWS = (
    "export const createWorld = () => ({ events: { create: async () => { throw new TypeError('no'); } } });\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(TOYS / "mine", tmp_path / "mine")
    shutil.copytree(TOYS / "mine", tmp_path / "throws")
    (tmp_path / "throws" / "index.mjs").write_text(THROWS)
    shutil.copy(TOYS / "unguarded.py", tmp_path)
    return tmp_path


KNOWN = '[[known]]\nworld = "{}"\nreason = "tracked"\nuntil = 2999-01-01\n'


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--world=memory", *ONE), 0),
        (("--world=memory", MUTANT, *ONE), 1),
        (("--world=./throws", *ONE), 6),
        (("--world=./throws", "--world-baseline=known.toml", *ONE), 6),
        (("--world=./throws", "--world-fail-on=never", *ONE), 0),
        (("--world=./throws", "--world=memory", *ONE), 6),
        (("--world=./throws", "--world=./mine", *ONE), 1),
        (("--world=./throws", "--world=./mine", "--world-baseline=known.toml", *ONE), 6),
        (("--world=memory", MUTANT, "--world-baseline=known.toml", *ONE), 0),
        (("--world=memory", "--world-fail-on=nonsense", *ONE), 4),
        (("--world=memry", *ONE), 4),
        (("--world=memory", "-k", "no_such_scenario"), 5),
    ],
)
def test_of_a_run(home: Path, words: tuple[str, ...], status: int) -> None:
    names = ("memory", "mine", "throws")
    (home / "known.toml").write_text("".join(KNOWN.format(name) for name in names))
    done = suite(*words, "--world-record=r.jsonl", cwd=home)
    assert done.returncode == status, done.stdout + done.stderr
    if status == 6:
        assert "exit status 6: no rule was seen broken, but something could not be judged" in done.stdout
    if status in (0, 1, 6):
        footer = json.loads((home / "r.jsonl").read_text().splitlines()[-1])
        assert footer["exit"] == status


def test_of_a_run_with_workers(home: Path) -> None:
    assert suite("--world=./throws", "-n", "2", *ONE, cwd=home).returncode == 6


def test_of_a_defect_of_the_suite(home: Path) -> None:
    """A test that ends without a verdict is no failure of the World."""
    (home / "broken.py").write_text(
        "from conformance.plugin.items import ScenarioItem\n\n\n"
        "def broken(self):\n    raise RuntimeError('a defect')\n\n\nScenarioItem.runtest = broken\n"
    )
    done = suite("-p", "broken", "--world=memory", *ONE, cwd=home, env={"PYTHONPATH": str(home)})
    assert done.returncode == 3, done.stdout
    assert "a defect of the suite" in done.stdout


@pytest.mark.parametrize(
    ("verdicts", "status"), [((), 0), (("inconclusive",), 6), (("fail",), 1), (("fail", "inconclusive"), 1)]
)
def test_of_the_gate(home: Path, verdicts: tuple[str, ...], status: int) -> None:
    suite("--world=memory", *ONE, "--world-record=r.jsonl", cwd=home)
    lines = [json.loads(line) for line in (home / "r.jsonl").read_text().splitlines()]
    judged = [line for line in lines if line["kind"] == "verdict"]
    for line, verdict in zip(judged, verdicts, strict=False):
        line["verdict"] = verdict
    (home / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert command_line("report", "merge", "--gate", "r.jsonl", cwd=home).returncode == status


@pytest.mark.parametrize(
    "words",
    [
        ("dokter",),
        ("doctor", "--nonsense"),
        ("doctor", "redys"),
        ("report", "merge", "not-there.jsonl", "--gate"),
        ("report", "merge", "mine/world.toml", "--gate"),
        ("export-repro", "nonsense", "--world", "redis"),
        ("sweep", "--world=memory", "--versions=all"),
    ],
)
def test_of_a_mistake_on_the_command_line(home: Path, words: tuple[str, ...]) -> None:
    done = command_line(*words, cwd=home)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_of_a_defect_and_of_ctrl_c_on_the_command_line(home: Path) -> None:
    def run(body: str) -> subprocess.CompletedProcess[str]:
        code = (
            f"from conformance.cli import _app\ndef cli(**_):\n    {body}\n_app.cli.main = cli\n_app.main()"
        )
        return subprocess.run(
            [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=False
        )

    broken = run("raise RuntimeError('a defect')")
    assert (broken.returncode, "internal error" in broken.stderr) == (3, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "sweep", "--world=local", "--versions=4.4.1", "--scenario=1"],
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (2, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--world-path", "./needs"), "needs not-installed-anywhere, and no node_modules has it"),
        (("--world-class", "nowhere:World"), "No module named 'nowhere'"),
        (("--world-class", "unguarded:Absent"), "has no 'Absent'"),
        (("--world-class", "crooked:World"), "SyntaxError"),
        (("mine@1.0.0",), "nothing can be written to"),
        (("./locked",), "does not pin toy-promises"),
    ],
)
def test_the_doctor_and_a_run_find_it_first(home: Path, words: tuple[str, ...], said: str) -> None:
    shutil.copytree(TOYS / "mine", home / "needs")
    (home / "needs" / "package.json").write_text(
        json.dumps({"name": "n", "main": "index.mjs", "dependencies": {"not-installed-anywhere": "^1.0.0"}})
    )
    (home / "crooked.py").write_text("class World(:\n")
    (home / "locked").mkdir()
    shutil.copy(TOYS / "mine" / "world.toml", home / "locked")
    (home / "locked" / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}')
    (home / "a file").write_text("")
    env = {"WORLD_CONFORMANCE_PATH": ".", "WORLD_CONFORMANCE_CACHE": str(home / "a file" / "cache")}
    done = command_line("doctor", *words, cwd=home, env=env)
    assert done.returncode == 7, done.stdout + done.stderr
    assert said in " ".join(done.stdout.split())
    spoken = words if words[0].startswith("--") else (f"--world={words[0]}",)
    run = suite(*spoken, *ONE, cwd=home, env=env)
    assert run.returncode == 4, run.stdout
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert len(run.stderr.strip().splitlines()) <= 5


def test_the_doctor_asks_for_a_version_that_is_not_installed(home: Path, tmp_path: Path) -> None:
    with serve(tmp_path / "registry") as registry:
        registry.put(TOYS / "mine", "1.0.0")
        there = command_line("doctor", "--world-package", "toy-promises@1.0.0", cwd=home, env=registry.env)
        gone = command_line("doctor", "--world-package", "toy-promises@9.0.0", cwd=home, env=registry.env)
    assert (there.returncode, gone.returncode) == (0, 7)
    assert "does not have toy-promises 9.0.0" in gone.stdout
    assert "The newest is 1.0.0." in gone.stdout


@pytest.mark.parametrize(
    ("runtime", "said"),
    [
        ("4.999.1", "does not have @workflow/core"),
        ("4.8.9", "nothing can be written to"),
        ("python@0.11.2", "nothing can be written to"),
    ],
)
def test_the_doctor_and_a_run_find_a_runtime_that_cannot_be_had_first(
    home: Path, tmp_path: Path, runtime: str, said: str
) -> None:
    asked = ("--world-runtime", runtime)
    with serve(tmp_path / "registry") as registry:
        core = tmp_path / "core"
        core.mkdir()
        (core / "package.json").write_text('{"name": "@workflow/core"}')
        registry.put(core, "4.8.9")
        env = registry.env
        if "written" in said:
            (home / "a file").write_text("")
            env |= {"WORLD_CONFORMANCE_CACHE": str(home / "a file" / "cache")}
        done = command_line("doctor", "memory", *asked, cwd=home, env=env)
        run = suite("--world=memory", "--world-level=runtime", *asked, "-k", "run_failed", cwd=home, env=env)
    assert done.returncode == 7, done.stdout + done.stderr
    assert said in " ".join(done.stdout.split())
    assert done.stdout.index("runtime") < done.stdout.index("code")
    assert run.returncode == 4, run.stdout
    assert said.lower() in run.stderr.lower()
    assert "Traceback" not in run.stderr


def test_the_doctor_says_which_runtimes_a_world_takes(home: Path) -> None:
    over = command_line("doctor", "local", "--world-runtime", "python", cwd=home)
    assert (over.returncode, "takes Worlds written in Python" in " ".join(over.stdout.split())) == (7, True)
    no_version = command_line("doctor", "memory", "--world-runtime", "4.8", cwd=home)
    assert (no_version.returncode, "--world-runtime=4.8: not a version" in no_version.stderr) == (4, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--world-class", "unguarded:Unguarded"),
        ("--world-path", "./mine"),
        ("./mine",),
        ("redis:reference", "--world-service", "embedded"),
    ],
)
def test_the_doctor_finds_nothing_wrong(home: Path, words: tuple[str, ...]) -> None:
    done = command_line("doctor", *words, cwd=home)
    assert done.returncode == 0, done.stdout


def test_every_status_is_in_the_table() -> None:
    table = (ROOT / "docs" / "exit-status.md").read_text()
    for name, status in vars(exits).items():
        if name.isupper():
            assert f"\n| {status} | " in table
