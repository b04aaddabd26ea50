"""What world.toml can say of variables and set-up, said on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli._trial import attempt
from conformance.core.errors import ConformanceError, UnknownWorld
from conformance.provision.catalog.again import asked_words
from conformance.provision.catalog.asked import completed, read_words
from conformance.provision.catalog.code import resolve, unread
from conformance.provision.catalog.select import select, select_asked

JS = """
import fs from 'node:fs';
export function createWorld() {
  const missing = Object.assign(new Error('no such run'), { status: 404, name: 'WorkflowAPIError' });
  const said = fs.readFileSync(`${process.env.WHERE}/set-up`, 'utf8');
  if (said !== 'a b') throw new Error(`the set-up wrote ${said}`);
  const never = async () => { throw missing; };
  return { runs: { get: never }, events: { create: never } };
}
"""
SETUP = "require('fs').writeFileSync(process.env.WHERE + '/set-up', process.argv[1])"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with no world.toml, which reads a variable and wants to be set up."""
    manifest = {"name": "bare", "version": "1.0.0", "type": "module", "exports": "./index.js"}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "index.js").write_text(JS)
    return tmp_path


def test_a_package_is_described_with_no_file(package: Path) -> None:
    env, setup = ["WHERE={directory}"], f'node -e "{SETUP}" "a b"'
    (target,) = select([], path=package, env=env, setup=setup)
    assert "opened and read" in attempt(target, url=None, force=None, progress=lambda _: None)
    (bare,) = select([], path=package, env=env)
    with pytest.raises(ConformanceError, match="set-up"):
        attempt(bare, url=None, force=None, progress=lambda _: None)


def test_it_is_asked_for_again_in_the_same_words(package: Path) -> None:
    (target,) = select([], path=package, env=["WHERE={directory}", "A_TOKEN=hunter2"], setup="node 'a b'")
    words = asked_words(target, None)
    assert "hunter2" not in " ".join(words)
    asked = read_words(words)
    with pytest.raises(UnknownWorld, match="A_TOKEN"):
        completed(asked, (), url_given=False)
    again = select_asked(completed(asked, (), ["A_TOKEN=hunter2"], url_given=False))
    assert (again.env, again.setup) == (target.env, target.setup)
    assert asked.names_code, "a record from elsewhere that brings a command asks first"


@pytest.mark.parametrize("wrong", ["NAME", "1X=2", "=x"])
def test_a_variable_without_a_name_is_refused(wrong: str) -> None:
    with pytest.raises(UnknownWorld, match="NAME=VALUE"):
        select(["memory"], env=[wrong])


def test_a_variable_that_the_package_does_not_read_is_named(package: Path) -> None:
    (target,) = select([], path=package, env=["WHERE=x", "WHERES=y", "OTHER_THING=z"])
    assert unread(resolve(target)) == [
        "WHERES is set, and bare 1.0.0 does not read it",
        "OTHER_THING is set, and bare 1.0.0 does not read it",
    ]
    (meant,) = select([], path=package, env=["WHERES=y"])
    assert unread(resolve(meant)) == ["WHERES is set, and bare 1.0.0 does not read it: did you mean 'WHERE'?"]
