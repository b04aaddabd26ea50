"""A user types the commands of the README and the docs, page by page, each page from an empty folder.

Runs of worlds have a small budget where the page names none. What needs GitHub is linted instead.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conformance.provision.catalog.find import names
from conformance.provision.catalog.target import parse
from conformance.provision.catalog.versions import published
from tests.promises.documents import COMMANDS, LANGUAGES, PAGES, ROOT, Block, blocks, prose_commands
from tests.promises.known import unknown
from tests.promises.reader import Reader

BLOCKS = [block for page in PAGES for block in blocks(page)]


def _here(page: Path) -> list[Block]:
    """What is typed by the tests of this file."""
    return [block for block in blocks(page) if not block.elsewhere]


_QUICK = [page for page in PAGES if any(block.commands() and not block.slow for block in _here(page))]
_SLOW = [page for page in PAGES if any(block.slow for block in _here(page))]


def by_place(block: Block) -> str:
    return block.place


def by_name(page: Path) -> str:
    return page.name


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


@pytest.mark.parametrize("page", _QUICK, ids=by_name)
def test_what_is_quick_can_be_typed(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in _here(page):
        if not block.slow:
            reader.reads(block)


@pytest.mark.slow("minutes")
@pytest.mark.needs("servers")
@pytest.mark.parametrize("page", _SLOW, ids=by_name)
def test_every_command_can_be_typed(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in _here(page):
        reader.reads(block)


def test_what_is_typed_elsewhere_is_typed_there() -> None:
    journeys = "".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "journeys").glob("test_*.py")
    )
    for block in BLOCKS:
        for script in block.said("by"):
            text = (ROOT / script).read_text(encoding="utf-8")
            assert [command for command in block.commands() if command not in text] == [], script
        for name in block.said("journey"):
            assert f"def test_{name}(" in journeys, block.place


def test_every_command_is_in_a_block_that_is_run() -> None:
    assert [block.place for block in BLOCKS if block.language not in LANGUAGES] == []
    assert [block.place for block in of(*COMMANDS) if not block.commands()] == []
    for page in PAGES:
        indented = re.findall(
            r"^ {4,}(?:\$ )?(?:pytest|world-conformance|pip|npm|npx) .*", page.read_text(), re.M
        )
        inside = "".join(block.text for block in blocks(page))
        assert [line for line in indented if line not in inside] == [], page.name


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_nothing_is_a_placeholder_that_a_reader_has_to_guess() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert (
            re.findall(r"\b(?:OWNER|REPO|YOUR[-_]\w+|your-(?:org|name|repo)|example\.com|@me/)", text) == []
        ), page.name


@pytest.mark.parametrize("block", of("toml", "json", "python"), ids=by_place)
def test_what_is_shown_is_sound(block: Block) -> None:
    if block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "json":
        assert json.loads(block.text)
    else:
        tree = ast.parse(block.text)
        compile(block.text, block.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                assert [each.name for each in node.names if not hasattr(module, each.name)] == []


@pytest.mark.parametrize("block", of("yaml"), ids=by_place)
def test_workflows_fit_github_s_schema(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "workflow.yml"
    file.write_text(block.text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ours = re.findall(r"uses: (\./\S+)", block.text)
    for path in ours:
        local = path.removeprefix("./").removeprefix("workflow-world-conformance")
        assert (ROOT / local).exists(), f"{path} is nowhere in this project"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_option_and_every_command_exists(page: Path) -> None:
    typed = [command for block in blocks(page) for command in block.commands()]
    assert {
        command: wrong for command in (*typed, *prose_commands(page)) if (wrong := unknown(command))
    } == {}


def test_an_option_that_does_not_exist_is_found() -> None:
    assert unknown("pytest --world=redis --world-paht=x  # --nothing") == ["--world-paht"]
    assert unknown("world-conformance report merge a --htlm b --gate") == ["--htlm"]
    assert unknown("world-conformance repor merge") == ["world-conformance repor"]


def test_every_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for page in PAGES:
        for extras in re.findall(r"pip install [^\n]*\[([\w,-]+)\]", page.read_text(encoding="utf-8")):
            assert set(extras.split(",")) <= set(project["optional-dependencies"]), page.name


def _named_versions() -> set[tuple[str, str]]:
    """Each package of npm that a page names, and the version; no version is an empty one."""
    worlds = {name: found.name for name in names() if (found := parse(name).descriptor.package) is not None}
    version = r"\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?"
    named: set[tuple[str, str]] = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        there = re.findall(rf"(?<![\w/@])(@[a-z-]+/[a-z-]+)`?(?:[ @]({version}))?", text)
        named |= {(name, each) for name, each in there if not name.startswith("@world-conformance/")}
        named |= {("@workflow/core", each) for each in re.findall(rf"--world-runtime[ =]({version})", text)}
        named |= {
            (worlds[name], each)
            for name, each in re.findall(rf"\b([a-z]+)@({version})", text)
            if name in worlds
        }
        for name, several in re.findall(r"--world (\w+) --versions '([^']+)'", text):
            named |= {(worlds[name], each) for each in several.split(",")}
        for name, several in re.findall(r"world: (\w+)\n +versions: '([^']+)'", text):
            named |= {(worlds[name], each) for each in json.loads(several)}
    return named


@pytest.mark.slow
def test_every_package_and_every_version_exists() -> None:
    named = _named_versions()
    assert {("@workflow/world-postgres", "4.2.0"), ("@workflow/core", "4.8.9")} <= named
    there = {package: published(package) for package in {package for package, _ in named}}
    assert [f"{package} {one}" for package, one in sorted(named) if one and one not in there[package]] == []
