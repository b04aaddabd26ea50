"""The launch plan of every world: printed whole, without secrets, and enough to open the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.cli._app import cli
from conformance.core.history import History
from conformance.drivers.driver import SUITE
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.find import names
from conformance.provision.catalog.plan import LaunchPlan, plan_for
from conformance.provision.catalog.runtimes import RuntimeWanted, default, runtime_code
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_plan
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service
from conformance.spec.vocabulary import WorldError
from tests.needs import NEEDS, require

#: What every plan says.
_ALWAYS = {"code", "levels", "runs in", "actors", "service", "isolation", "locks", "call limit"}


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Service | None]:
    spec = parse(request.param).descriptor.service
    if spec is None:
        yield None
        return
    require("servers")
    if spec.kind in NEEDS:
        require(spec.kind)
    started = start_service(spec, force="embedded")
    yield started
    started.stop()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "service"), [(name, name) for name in names()], indirect=["service"])
def test_a_plan_is_printed_and_is_enough_to_open_the_world(name: str, service: Service | None) -> None:
    plan = plan_for(resolve(parse(name)), service)
    said = dict(plan.lines())
    assert said.keys() >= _ALWAYS
    assert all(said.values())
    assert said["code"].startswith(f"{plan.code.name} {plan.code.version} (")
    if service is not None:
        assert service.version in said["service"]
        assert said["may connect to"].startswith("its service")
    opened = open_plan(plan)
    try:
        opened.driver.reset(0, History())
        with pytest.raises(WorldError) as refused:
            opened.driver.alone(opened.driver.actor(SUITE).run("wrun_00000000000000000000000000"))
        assert refused.value.answer == "not_found"
    finally:
        opened.close()


def test_seven_worlds_have_plans() -> None:
    assert len(names()) == 7


def test_a_plan_says_where_the_runtime_is() -> None:
    runtime = RuntimeWanted(default())
    beside = plan_for(resolve(parse("memory")), runtime=runtime)
    assert beside.relay is not None
    assert dict(beside.lines())["runtime"].startswith(f"{default()}, hosts: ")
    within = plan_for(resolve(parse("local")), runtime=runtime)
    assert within.relay is None
    assert dict(within.lines())["runtime"] == f"{default()}, in the hosts of the world"
    assert dict(within.lines())["levels"] == "runtime"


def _secretive() -> LaunchPlan:
    target = replace(parse("local"), options={"apiKey": "hunter2-hunter2", "url": "redis://me:hunter2@host"})
    plan = plan_for(resolve(target))
    assert plan.host is not None
    return replace(plan, host=replace(plan.host, env={"SOME_URL": "redis://me:hunter2@host"}))


def test_a_plan_says_no_secret() -> None:
    text = "\n".join(text for _, text in _secretive().lines())
    assert "hunter2" not in text
    assert "apiKey=***" in text
    assert "SOME_URL=***" in text


def test_the_doctor_prints_plans() -> None:
    done = CliRunner().invoke(cli, ["doctor", "--world=memory,local"])
    assert done.exit_code == 0, done.output
    assert done.output.count("launch plan") == 2
    assert "dataDir={directory}" in done.output


def test_the_doctor_says_where_a_runtime_would_be() -> None:
    runtime_code(default())
    done = CliRunner().invoke(cli, ["doctor", "local", f"--world-runtime={default()}"])
    assert done.exit_code == 0, done.output
    assert f"{default()}, in the hosts of the world" in done.output
