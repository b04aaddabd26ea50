"""From a target to code: checkouts built or not, fallbacks that say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall
from conformance.provision.catalog import code
from conformance.provision.catalog.code import given_code, resolve
from conformance.provision.catalog.install import NotPublished
from conformance.provision.catalog.package import inspect, programs
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import parse


def package(root: Path, built: bool = True, **fields: object) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    data = {"name": "my-world", "version": "0.0.7", "main": "dist/index.js", **fields}
    (root / "package.json").write_text(json.dumps(data))
    if built:
        (root / "dist").mkdir()
        (root / "dist/index.js").write_text("export const createWorld = () => ({})")
    return root


@pytest.mark.parametrize(
    "exports",
    [
        None,
        "./dist/index.js",
        {"types": "./dist/index.d.ts", "default": "./dist/index.js"},
        {
            ".": {"types": "./x.d.ts", "import": {"types": "./x.d.ts", "default": "./dist/index.js"}},
            "./y": "./y.js",
        },
        {".": ["./dist/index.js"]},
    ],
)
def test_the_main_export(tmp_path: Path, exports: object) -> None:
    root = package(tmp_path, **({"exports": exports} if exports is not None else {"main": "dist/index"}))
    assert inspect(root).entry == root / "dist/index.js"


def test_a_built_checkout(tmp_path: Path) -> None:
    found = resolve(select([], path=package(tmp_path))[0])
    assert (found.implementation, found.name, found.version) == ("path", "my-world", "0.0.7")
    assert found.module == str(tmp_path / "dist/index.js")


@pytest.mark.parametrize(
    ("lock", "manager"), [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("x", "npm")]
)
def test_a_checkout_that_is_not_built(tmp_path: Path, lock: str, manager: str) -> None:
    (tmp_path / lock).write_text("")
    root = package(tmp_path / "packages" / "mine", built=False, scripts={"build": "tsc"})
    with pytest.raises(CannotInstall, match="it is not built") as caught:
        resolve(select([], path=root)[0])
    assert f"{manager} run build" in caught.value.hint


def test_what_exports_nothing(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match="exports nothing"):
        inspect(package(tmp_path, exports={"./only": "./dist/index.js"}))


def test_programs(tmp_path: Path) -> None:
    assert programs(package(tmp_path / "a", name="@me/w", bin="./bin/x.js")) == {"w": "./bin/x.js"}
    assert programs(package(tmp_path / "b", bin={"setup": "bin/setup.js"})) == {"setup": "bin/setup.js"}
    assert programs(tmp_path / "c") == {}


def test_an_unpublished_package_falls_back_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_args: object, **_named: object) -> Path:
        raise NotPublished("The npm registry does not have it.")

    monkeypatch.setattr(code, "installed", refuse)
    (tmp_path / "reference.py").write_text("class World: ...\n")
    (tmp_path / "world.toml").write_text(
        'title = "X"\n[package]\nname = "x"\nfallback = "reference"\n[reference]\nclass = "reference:World"\n'
    )
    found = resolve(parse(str(tmp_path)))
    assert (found.implementation, found.engine, found.target.label) == (
        "reference",
        "python",
        f"{tmp_path.name}:reference",
    )
    assert "not on the npm registry" in found.notes[0]
    with pytest.raises(CannotInstall, match="does not have it"):
        resolve(parse(f"{tmp_path}@1.0.0"))  # who asks for a version does not want something else


def test_memory_needs_nothing() -> None:
    found = resolve(parse("memory"))
    assert (found.engine, found.implementation) == ("memory", "reference")


def test_a_worker_that_shares_no_disk_has_a_copy_of_its_own(tmp_path: Path) -> None:
    target = select([], path=package(tmp_path))[0]
    handed = {**resolve(target).hand_over(), "root": "/nowhere", "module": "/nowhere/dist/index.js"}
    assert given_code(target, handed).root == tmp_path
    with pytest.raises(CannotInstall, match=r"0\.0\.7 on this worker and 0\.0\.8"):
        given_code(target, {**handed, "version": "0.0.8"})
