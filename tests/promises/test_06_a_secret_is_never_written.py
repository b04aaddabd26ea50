"""A secret is never written: options, addresses, variables, and what a world or its set-up says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.redact import know_environment, redact, shown
from conformance.provision.catalog.check_code import DoctorLine
from tests.plugin.conftest import Run, run

__all__ = ["run"]

#: A world that says all it knows, in every way in which it can.
_TALKATIVE = r"""
export function createWorld(options = {}) {
  const said = [
    `password=${options.apiKey}`,
    JSON.stringify({ api_key: 'k-hunter2-json', nested: JSON.stringify({ clientSecret: 'k-hunter2-deep' }) }),
    'api_key: k-hunter2-yaml',
    'Authorization: Bearer k-hunter2-bearer',
    'cannot reach postgres://me:k-hunter2/a@b%40c@db.example:5432/x?password=k-hunter2-query',
    'fetch https://me:k-hunter2-web@db.example/@scope/x?token=k-hunter2-token',
    `\u001b]0;owned\u0007\u001b[2Jcleared`,
    'variables: ' + JSON.stringify(process.env),
    `the option is ${options.apiKey}`,
  ].join('\n');
  const failing = async () => {
    console.error(said);
    throw new Error(said);
  };
  if (options.way === 'unmakeable') throw new Error(said);
  return {
    events: { create: failing, list: failing },
    runs: { get: failing },
    steps: { list: failing },
    hooks: { list: failing, getByToken: failing },
  };
}
"""
_OPTION = "k-hunter2 two words"
_VARIABLE = "k-hunter2-of-the-environment"


@pytest.fixture
def talkative(tmp_path: Path) -> Path:
    folder = tmp_path / "talkative"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "talkative", "type": "module", "main": "index.mjs"}')
    (folder / "index.mjs").write_text(_TALKATIVE)
    return folder


@pytest.mark.parametrize("way", ["unmakeable", "refusing"])
def test_a_world_that_says_its_secrets(run: Run, tmp_path: Path, talkative: Path, way: str) -> None:
    done = run(
        f"--world-path={talkative}",
        f"--world-option=apiKey={_OPTION}",
        f"--world-option=way={way}",
        "--world-level=storage",
        "--world-budget=quick",
        "--world-record=run.jsonl",
        "--junitxml=pytest.xml",
        "--world-fail-on=never",  # or a World that cannot be made ends the run, and there is no record
        "-k",
        "run_failed",
        env={"NODE_AUTH_TOKEN": _VARIABLE, "PYTHON_INDEX_PASSWORD": _VARIABLE, "NPM_TOKEN": _VARIABLE},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = [sys.executable, "-m", "conformance", "report", "merge", "run.jsonl"]
    files = ["--html", "page.html", "--junit", "merged.xml", "--markdown", "merged.md"]
    merged = subprocess.run(
        [*report, *files], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert merged.returncode == 0, merged.stdout + merged.stderr
    written = {
        "terminal": done.stdout + done.stderr,
        "report": merged.stdout + merged.stderr,
        **{
            name: (tmp_path / name).read_text()
            for name in ("run.jsonl", "pytest.xml", "page.html", "merged.xml", "merged.md")
        },
    }
    for place, text in written.items():
        assert "hunter2" not in text, f"{place}: {text[max(0, text.find('hunter2') - 200) :][:300]}"
        assert "two words" not in text, place
        assert "\x1b" not in text, place
        assert "owned" not in text, place
        assert "NODE_AUTH_TOKEN" not in text, place
    assert "***" in written["run.jsonl"]
    command = json.loads(written["run.jsonl"].splitlines()[0])["command"]
    assert "--world-option=apiKey=***" in command.replace("'", "")


def test_a_set_up_that_says_its_secrets(run: Run, talkative: Path) -> None:
    (talkative / "world.toml").write_text(
        'title = "Talkative"\n[package]\nname = "talkative"\n[setup]\n'
        'command = ["node", "{root}/setup.mjs"]\nenv = { MY_API_KEY = "{env.MINE}" }\n'
    )
    (talkative / "setup.mjs").write_text(
        "console.log('password=\"k-hunter2 of set-up\"');\n"
        "console.log('key', process.env.MY_API_KEY);\n"
        "console.log('names', Object.keys(process.env).join(' '));\n"
        "process.exit(3);\n"
    )
    done = run(
        f"--world={talkative}",
        "-k",
        "run_failed and storage",
        env={"MINE": _VARIABLE, "DATABASE_URL": "postgres://me:k-hunter2@db/x"},
    )
    said = done.stdout + done.stderr
    assert "The set-up of talkative ended with 3" in said
    assert "MY_API_KEY" in said, "what world.toml names reaches it"
    assert "DATABASE_URL" not in said, "nothing else of the user's does"
    assert "hunter2" not in said


_ODD = ["k-hunter2", "k-hun/ter2", "k-hun@ter2", "k-hun%40ter2", "12/k-hunter2"]


@pytest.mark.parametrize(
    ("kind", "password"), [*(("redis", odd) for odd in _ODD), ("postgres", _ODD[1]), ("mongodb", _ODD[2])]
)
def test_the_address_of_a_server_that_is_silent(tmp_path: Path, kind: str, password: str) -> None:
    url = f"{kind}://me:{password}@127.0.0.1:1/x?password={password}"
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "doctor", kind, "--world-service-url", url],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 7
    assert "hunter2" not in done.stdout + done.stderr
    assert "ter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_exported_script(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *[sys.executable, "-m", "conformance", "export-repro"],
            "step_completed/storage/complete-complete/A2B5A3",
            *["--world", "redis", "--service", "embedded", "--no-check"],
            *["--option", "authToken=k-hunter2-option", "--option", "sentinel=redis://me:k-hunter2@s"],
            *["--out", "repro.mjs", "--issue", "issue.md"],
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    script, issue = (tmp_path / "repro.mjs").read_text(), (tmp_path / "issue.md").read_text()
    assert "hunter2" not in script + issue + done.stdout + done.stderr
    assert "authToken" in script


@pytest.mark.parametrize(
    "text",
    [
        "password=k-hunter2",
        'password="k-hunter2 and more"',
        '{\\"password\\":\\"k-hunter2\\"}',
        "DB_PASSWORD: 'k-hunter2'",
        "api_key: k-hunter2",
        "x-api-key: k-hunter2",
        "apiKey => k-hunter2",
        "--password k-hunter2",
        "--auth-token=k-hunter2",
        "NPM_TOKEN=k-hunter2",
        "_auth=k-hunter2",
        "Authorization: Bearer k-hunter2",
        "authorization: Basic k-hunter2==",
        "Authorization: k-hunter2",
        "ALTER ROLE me PASSWORD 'k-hunter2'",
        "redis://:k-hunter2@h",
        "redis://me:12/k-hunter2@h:6379/0",
        "mongodb://me:a@k-hunter2@h1,h2/x",
        "https://k-hunter2@h/x",
        "https://me:k/hunter2@h/x",
        "/rpc?x=1&access_token=k-hunter2",
        "AccountKey=x;SharedAccessKey=k-hunter2",
        "ghp_hunter2hunter2hunter2hunter2",
        "eyJhunter2hun.eyJhunter2hun.hunter2hunter2",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    assert "hunter2" not in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "the hook token=order-1 is held",
        "Unexpected token: <",
        "http://localhost:8080/@scope/x",
        "idempotencyKey: step-1",
        "keyPrefix=wc_x",
        "password authentication failed",
        "HGETALL runs:run1",
    ],
)
def test_what_does_not_stays(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize("package", ['x"\n[env]\nA = "b', "../../etc", "a b", "@me/x/y", ""])
def test_a_package_name_is_data(run: Run, tmp_path: Path, package: str) -> None:
    new = [sys.executable, "-m", "conformance", "new-world", "mine"]
    if package:
        done = subprocess.run(
            [*new, "--package", package], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 4
        assert "npm package" in done.stderr
        assert not (tmp_path / "mine").exists()
        done = run(f"--world-package={package}")
        assert done.returncode == 4
        assert "npm package" in done.stderr
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "world.toml").write_text(f'title = "Own"\n[package]\nname = {json.dumps(package)}\n')
    done = run(f"--world={folder}")
    assert done.returncode == 4
    assert "world.toml: [package] name" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_folder_of_a_new_world_is_data(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "new-world", "mine", "--in", 'x\n[env]\nA = "b"\n#'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    [file] = tmp_path.rglob("world.toml")
    assert "\n[env]" not in file.read_text()


def test_the_folder_of_the_shell_is_not_a_secret() -> None:
    environment = {"PWD": "/home/ann/shop", "OLDPWD": "/home/ann/other", "DB_PWD": "hunter2hunter2"}
    know_environment(environment)
    assert redact("cd /home/ann/shop && use hunter2hunter2") == "cd /home/ann/shop && use ***"


def test_a_line_of_the_doctor_holds_no_secret() -> None:
    said = DoctorLine("code", "missing", "cannot reach redis://me:hunter2@db", "try password=hunter2\x1b[2J")
    assert "hunter2" not in said.what + said.hint
    assert "\x1b" not in said.hint
