"""From a target to an opened world: the real packages that need no server, and worlds made here."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.cli._trial import attempt
from conformance.core.errors import CannotInstall, ConformanceError, NoService, UnknownWorld
from conformance.provision.catalog.code import Code, resolve
from conformance.provision.catalog.find import SEARCH_PATH
from conformance.provision.catalog.launch import Launch, launch
from conformance.provision.catalog.plan import plan_for
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import Target, parse
from conformance.provision.node import node_version
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from tests.needs import require

JS = """
export function createWorld(options) {
  if (!options?.where) throw new Error('no option where: ' + JSON.stringify(options));
  const missing = Object.assign(new Error('no such run'), { status: 404, name: 'WorkflowAPIError' });
  return {
    runs: { get: async () => { throw missing; } },
    events: { create: async () => { throw missing; } },
  };
}
"""
PY = """
from conformance.spec.vocabulary import not_found

class Tiny:
    def __init__(self, where: str) -> None:
        self.where = where

    async def runs_get(self, run_id: str) -> dict[str, object]:
        raise not_found("no such run")
"""


def silent(_line: str) -> None: ...


def js_world(folder: Path, more: str = "") -> Path:
    folder.mkdir(parents=True)
    package = {"name": "tiny", "version": "3.2.1", "type": "module", "exports": "./index.js"}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "index.js").write_text(JS)
    toml = 'title = "Tiny"\n[package]\nname = "tiny"\n[options]\nwhere = "{directory}"\n' + more
    (folder / "world.toml").write_text(toml)
    return folder


def planned(target: Target, service: Service | None = None, name: str = "main") -> Launch:
    return launch(plan_for(resolve(target), service, name))


def test_a_world_in_a_folder_of_its_own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with a world.toml beside its package.json, found by path and by search path."""
    folder = js_world(tmp_path / "worlds" / "tiny")
    assert attempt(parse(str(folder)), url=None, force=None, progress=silent).startswith("tiny 3.2.1 (path)")
    monkeypatch.setenv(SEARCH_PATH, str(folder.parent))
    (target,) = select(["tiny"], path=folder)
    assert attempt(target, url=None, force=None, progress=silent).startswith("tiny 3.2.1 (path)")


def test_a_world_in_python(tmp_path: Path) -> None:
    (tmp_path / "tiny.py").write_text(PY)
    (tmp_path / "world.toml").write_text(
        'title = "Tiny"\nengine = "python"\n[reference]\nclass = "tiny:Tiny"\n'
        'options = { where = "{namespace}" }\n'
    )
    target = parse(str(tmp_path))
    assert target.label == tmp_path.name
    assert attempt(target, url=None, force=None, progress=silent).startswith("tiny:Tiny local (class)")


def test_a_world_in_python_that_keeps_its_store_in_its_process(tmp_path: Path) -> None:
    (tmp_path / "tiny.py").write_text(PY)
    (tmp_path / "world.toml").write_text(
        'title = "Tiny"\nengine = "python"\n[reference]\nclass = "tiny:Tiny"\nshared_process = true\n'
        'options = { where = "here" }\n'
    )
    plan = planned(parse(str(tmp_path)))
    assert (plan.plan.shared_process, plan.world["shared"]) == (True, True)
    plan.close()


def test_a_factory_that_breaks_says_so(tmp_path: Path) -> None:
    folder = js_world(tmp_path / "tiny")
    (target,) = select([], path=folder, options=["where="])
    with pytest.raises(ConformanceError, match="no option where"):
        attempt(target, url=None, force=None, progress=silent)


def test_what_the_node_host_is_told(tmp_path: Path) -> None:
    folder = js_world(tmp_path / "tiny", '[host]\ngates = ["fs"]\nshared_process = true\nlocks = true\n')
    plan = planned(parse(str(folder)))
    assert plan.world == {
        "options": {"where": str(plan.directory)},
        "ports": [],
        "module": str(folder / "index.js"),
        "root": str(folder),
        "gates": ["fs"],
        "shared": True,
    }
    assert (plan.plan.shared_process, plan.plan.locks, plan.waits()) == (True, True, None)
    assert plan.host.command[1].endswith("main.mjs")
    plan.close()
    plan.close()
    assert not plan.directory.exists()


def test_what_node_compiled_outlives_a_host_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(parse(str(js_world(tmp_path / "tiny"))))
    monkeypatch.setenv("WORLD_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    host = plan.start_host(["A"], 1, 1_700_000_000_000)
    host.await_open(30.0)
    host.kill()
    plan.close()
    since = (22, 10)  # module.flushCompileCache
    kept = any(file.is_file() for file in (tmp_path / "cache" / "compiled").rglob("*"))
    assert kept == (node_version(plan.host.command[0])[:2] >= since)


def test_two_plans_share_nothing(tmp_path: Path) -> None:
    folder = js_world(tmp_path / "tiny")
    one, two = planned(parse(str(folder))), planned(parse(str(folder)))
    assert one.directory != two.directory
    one.close()
    two.close()


def test_without_options_the_factory_is_called_with_nothing(tmp_path: Path) -> None:
    folder = js_world(tmp_path / "tiny")
    text = (folder / "world.toml").read_text().partition("[options]")[0]
    (folder / "world.toml").write_text(text + '[env]\nTINY = "{directory}/x"\n')
    plan = planned(parse(str(folder)))
    assert "options" not in plan.world
    assert plan.env == {"TINY": f"{plan.directory}/x"}
    plan.close()


def test_an_unknown_template_is_named(tmp_path: Path) -> None:
    folder = js_world(tmp_path / "tiny", 'other = "{servce.url}"\n')
    with pytest.raises(UnknownWorld, match=r"\{servce\.url\}.*\n.*directory, folder, namespace, root"):
        planned(parse(str(folder)))


def test_a_set_up_runs_without_a_shell(tmp_path: Path) -> None:
    more = (
        '[setup]\ncommand = ["node", "{root}/set up.mjs", "a b; exit 1"]\nenv = { WHERE = "{directory}" }\n'
    )
    folder = js_world(tmp_path / "tiny", more)
    (folder / "set up.mjs").write_text(
        "import fs from 'node:fs'; fs.writeFileSync(process.env.WHERE + '/done', process.argv[2])"
    )
    plan = planned(parse(str(folder)))
    assert (plan.directory / "done").read_text() == "a b; exit 1"
    plan.close()


def test_a_set_up_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    folder = js_world(
        tmp_path / "tiny", '[setup]\ncommand = ["node", "-e", "console.log(\'no luck\'); process.exit(7)"]\n'
    )
    with pytest.raises(CannotInstall, match=r"ended with 7:\n  no luck"):
        planned(parse(str(folder)))


def test_a_service_is_needed() -> None:
    code = Code(parse("redis"), "node", "package", "x", "1", "x", None)
    with pytest.raises(NoService, match="'redis' needs a redis"):
        launch(plan_for(code))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Service]:
    spec = parse("postgres").descriptor.service
    assert spec is not None
    require("servers")
    service = start_service(spec, force="embedded")
    yield service
    service.stop()


def test_each_plan_has_a_database_that_is_set_up_once(postgres: Service, tmp_path: Path) -> None:
    script = "import fs from 'node:fs'; fs.appendFileSync(process.argv[2], process.env.URL + '\\n')"
    more = textwrap.dedent(
        f"""
        [env]
        URL = "{{service.url}}"
        [isolation]
        kind = "database"
        [setup]
        command = ["node", "{{root}}/setup.mjs", "{tmp_path}/runs"]
        env = {{ URL = "{{service.url}}" }}
        [service]
        kind = "postgres"
        """
    )
    folder = js_world(tmp_path / "tiny", more)
    (folder / "setup.mjs").write_text(script)
    plans = [planned(parse(str(folder)), postgres) for _ in range(2)]
    urls = {plan.env["URL"] for plan in plans}
    assert len(urls) == 2
    assert len((tmp_path / "runs").read_text().splitlines()) == 1
    assert plans[0].world["ports"] == [postgres.port]
    for plan in plans:
        plan.close()
