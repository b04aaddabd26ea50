"""Worlds as benchmarks open them, and the processes that work for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from benchmarks.processes import tree_of
from conformance.core.scenario import Level
from conformance.drivers.driver import Driver
from conformance.drivers.process.host import HostProcess
from conformance.drivers.remote import RemoteDriver
from conformance.provision.catalog.runtimes import RuntimeWanted, default
from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import start_service


@contextmanager
def opened(
    world: str, level: Level = "storage", service_url: str | None = None
) -> Iterator[tuple[OpenWorld, Service | None]]:
    """A World, and its server: the one that runs there, or one that is started. Raises
    :class:`ConformanceError` when there is no such thing."""
    target = parse(world)
    spec = target.descriptor.service
    service = start_service(spec, url=service_url, progress=say) if spec is not None else None
    runtime = RuntimeWanted(default()) if level == "runtime" else None
    try:
        made = open_world(target, service, "benchmark", runtime=runtime, progress=say)
        try:
            yield made, service
        finally:
            made.close()
    finally:
        if service is not None:
            service.stop()


def pids(driver: Driver, service: Service | None) -> dict[str, list[int]]:
    """The processes that work for a driver, by what they are."""
    found = {"suite": [os.getpid()]}
    if isinstance(driver, RemoteDriver):
        for number, host in enumerate(driver.hosts.all(), 1):
            assert isinstance(host, HostProcess)
            found[f"host {number}"] = [host.pid]
    server = server_pids(service)
    return found | {"server": server} if server else found


def server_pids(service: Service | None) -> list[int]:
    """The processes of a server that the suite started; none of another."""
    return tree_of(int(service.ref)) if service is not None and service.ref.isdigit() else []


def say(text: str) -> None:
    """What goes on, for whoever waits."""
    click.echo(text, file=sys.stderr)
