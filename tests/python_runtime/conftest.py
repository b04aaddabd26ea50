"""Worlds with the Python runtime over them, opened once for all tests here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.provision.catalog import python_runtime
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.sources import from_class
from conformance.provision.catalog.target import Target, parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.start import start_service

pytest.importorskip("vercel.workflow")

NEWEST = RuntimeWanted(python_runtime.installed(), language="python")

#: ``opened("local")``: vercel-workflow's own local world; any other name is one of the catalogue
Open = Callable[[str], OpenWorld]


@pytest.fixture(scope="session")
def opened() -> Iterator[Open]:
    drivers: dict[str, OpenWorld] = {}
    services = {}

    def make(world: str) -> OpenWorld:
        if world not in drivers:
            target = _target(world)
            spec = target.descriptor.service
            if spec is not None and spec.kind not in services:
                services[spec.kind] = start_service(spec, force="embedded")
            service = services[spec.kind] if spec is not None else None
            drivers[world] = open_world(target, service, f"python{len(drivers)}", runtime=NEWEST)
        return drivers[world]

    yield make
    for driver in drivers.values():
        driver.close()
    for service in services.values():
        service.stop()


def _target(world: str) -> Target:
    if world != "local":
        return parse(world)
    options = {"WORKFLOW_LOCAL_DATA_DIR": "{directory}"}
    return from_class("vercel.workflow._internal.worlds.local:LocalWorld", None, options)
