"""The user names a version: in ``world.toml``, on the command line, to ``new-world``. It is what runs."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall
from conformance.provision.catalog.find import load
from conformance.provision.catalog.runtimes import PACKAGE as CORE
from conformance.provision.catalog.versions import published
from tests.promises.registry import Registry, serve
from tests.promises.typed import TOYS, Done, command_line, suite

FAILURE = "step_completed/storage/complete-complete/AB"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with serve(tmp_path_factory.mktemp("registry")) as found:
        for version in ("1.4.0", "1.5.0", "2.0.0"):
            found.put(TOYS / "mine", version)
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a world.toml that names version 1.5.0, and no lock."""
    (tmp_path / "mine").mkdir()
    text = (TOYS / "mine" / "world.toml").read_text()
    asked = text.replace('name = "toy-promises"', 'name = "toy-promises"\nversion = "1.5.0"')
    (tmp_path / "mine" / "world.toml").write_text(asked)
    return tmp_path


def ran(home: Path, *words: str, registry: Registry) -> tuple[Done, str]:
    """The run, and the version that its record says."""
    record = home / "record.jsonl"
    record.unlink(missing_ok=True)
    done = suite(*words, f"--world-replay={FAILURE}", f"--world-record={record}", cwd=home, env=registry.env)
    if not record.exists():
        return done, ""
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    versions = {line["version"] for line in lines if line["kind"] in ("world", "verdict")}
    assert len(versions) == 1
    return done, versions.pop()


def test_the_version_in_world_toml_runs(home: Path, registry: Registry) -> None:
    assert ran(home, "--world=./mine", registry=registry)[1] == "1.5.0"
    said = command_line("doctor", "./mine", cwd=home, env=registry.env)
    assert "toy-promises 1.5.0, installed" in said.stdout


@pytest.mark.slow
def test_another_version_on_the_command_line_beats_it(home: Path, registry: Registry) -> None:
    assert ran(home, "--world=./mine@1.4.0", registry=registry)[1] == "1.4.0"
    assert ran(home, "--world-package=toy-promises@2.0.0", registry=registry)[1] == "2.0.0"
    assert ran(home, "--world-package=toy-promises", registry=registry)[1] == "2.0.0"


def test_a_lock_of_another_version_is_refused(home: Path, registry: Registry) -> None:
    lock = {"lockfileVersion": 3, "packages": {"node_modules/toy-promises": {"version": "1.4.0"}}}
    (home / "mine" / "package-lock.json").write_text(json.dumps(lock))
    done, _ = ran(home, "--world=./mine", registry=registry)
    said = command_line("doctor", "./mine", cwd=home, env=registry.env)
    assert done.returncode == 4
    for text in (done.stderr, said.stdout):
        assert "version 1.5.0 of toy-promises, and its lock pins 1.4.0" in " ".join(text.split())


def test_a_tag_is_not_what_it_was_half_a_day_ago(home: Path, tmp_path: Path) -> None:
    with serve(tmp_path / "tags") as registry:
        registry.put(TOYS / "mine", "1.5.0")
        assert ran(home, "--world=./mine@latest", registry=registry)[1] == "1.5.0"
        registry.put(TOYS / "mine", "2.0.0")
        (cached,) = (tmp_path / "tags" / "cache" / "npm").glob("toy-promises-latest-*[!k]")
        shutil.rmtree(cached)
        assert ran(home, "--world=./mine@latest", registry=registry)[1] == "2.0.0"


def test_new_world_writes_name_and_version_apart(home: Path, registry: Registry) -> None:
    made = command_line("new-world", "other", "--package", "toy-promises@1.4.0", cwd=home)
    assert made.returncode == 0, made.stderr
    package = tomllib.loads((home / "other" / "world.toml").read_text())["package"]
    assert package == {"name": "toy-promises", "version": "1.4.0"}
    said = command_line("doctor", "./other", cwd=home, env=registry.env)
    assert "toy-promises 1.4.0" in said.stdout
    scoped = command_line("new-world", "scoped", "--package", "@me/mine@2.0.0-beta.1", cwd=home)
    assert scoped.returncode == 0
    package = tomllib.loads((home / "scoped" / "world.toml").read_text())["package"]
    assert package == {"name": "@me/mine", "version": "2.0.0-beta.1"}


@pytest.mark.slow
def test_a_dependency_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    with serve(tmp_path / "broken") as registry:
        registry.put(TOYS / "mine", "1.5.0", {"nowhere-to-be-found": "^3.0.0"})
        registry.put(TOYS / "mine", "1.6.0", {"toy-promises": "9.9.9"})
        missing, _ = ran(home, "--world=./mine", registry=registry)
        no_version, _ = ran(home, "--world=./mine@1.6.0", registry=registry)
        itself, _ = ran(home, "--world=./mine@7.0.0", registry=registry)
        nothing, _ = ran(home, "--world-package=not-there@1.0.0", registry=registry)
    assert "toy-promises@1.5.0 needs nowhere-to-be-found@^3.0.0" in missing.stderr
    assert "toy-promises@1.6.0 needs toy-promises@9.9.9" in no_version.stderr
    assert "does not have toy-promises@7.0.0" in itself.stderr
    assert "does not have not-there@1.0.0" in nothing.stderr
    assert {done.returncode for done in (missing, no_version, itself, nothing)} == {4}


@pytest.mark.slow
def test_a_class_of_a_distribution_says_its_version(tmp_path: Path, registry: Registry) -> None:
    """The class comes from an installed distribution: its version is that of the record."""
    site = tmp_path / "site"
    (site / "toy_dist-3.2.1.dist-info").mkdir(parents=True)
    (site / "toy_dist-3.2.1.dist-info" / "METADATA").write_text("Name: toy-dist\nVersion: 3.2.1\n")
    (site / "toy_dist-3.2.1.dist-info" / "top_level.txt").write_text("toy_dist\n")
    (site / "toy_dist-3.2.1.dist-info" / "RECORD").write_text("toy_dist.py,,\n")
    shutil.copy(TOYS / "unguarded.py", site / "toy_dist.py")
    registry.env["PYTHONPATH"] = str(site)
    words = ("--world-class=toy_dist:Unguarded", "--world-option=folder={directory}")
    assert ran(tmp_path, *words, registry=registry)[1] == "3.2.1"
    toml = (
        'title = "Dist"\nengine = "python"\n[package]\nname = "toy-dist"\nversion = "3.0.0"\n'
        '[reference]\nclass = "toy_dist:Unguarded"\noptions = { folder = "{directory}" }\n'
    )
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "world.toml").write_text(toml)
    refused, _ = ran(tmp_path, "--world=./dist", registry=registry)
    assert refused.returncode == 4
    assert "version 3.0.0 of toy-dist, and 3.2.1 is installed" in refused.stderr
    (tmp_path / "dist" / "world.toml").write_text(toml.replace("3.0.0", "3.2.1"))
    assert ran(tmp_path, "--world=./dist", registry=registry)[1] == "3.2.1"
    del registry.env["PYTHONPATH"]


def test_every_version_that_the_documents_name_is_published() -> None:
    """A world or runtime with a version in README, docs or help is asked for at the registry."""
    texts = [ROOT / "README.md", ROOT / "action.yml", *sorted((ROOT / "docs").glob("*.md"))]
    wanted: dict[str, set[str]] = {}
    for text in (path.read_text() for path in texts):
        for name, version in re.findall(
            r"\b(local|postgres|redis|mongodb|starter)[@ ](\d+\.\d+\.\d+(?:-[\w.]*\w)?)", text
        ):
            wanted.setdefault(_package(name), set()).add(version)
        for name, versions in re.findall(r"world: (\w+)\n\s+versions: '(\[.*?\])'", text):
            wanted.setdefault(_package(name), set()).update(json.loads(versions))
        for version in re.findall(r"--world-runtime[= ](\d+\.\d+\.\d+(?:-[\w.]*\w)?)", text):
            wanted.setdefault(CORE, set()).add(version)
    assert {"@workflow-worlds/redis", "@workflow/world-postgres", CORE} <= wanted.keys()
    for package, named in wanted.items():
        try:
            known = published(package)
        except CannotInstall as error:
            pytest.skip(f"NO NPM REGISTRY: {error.what}")
        assert sorted(named - set(known)) == [], package


def _package(world: str) -> str:
    described = load(world).package
    assert described is not None
    return described.name
