"""All that comes before the first test, once: install, serve, set up, open, read."""

from __future__ import annotations

from conformance.core.errors import ConformanceError
from conformance.core.history import History
from conformance.drivers.driver import SUITE, Driver
from conformance.provision.catalog.install import Progress
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.open import open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import Force, start_service
from conformance.spec.vocabulary import WorldError


def attempt(
    target: Target, *, url: str | None, force: Force | None, runtime: str | None = None, progress: Progress
) -> str:
    """Make one instance of the world, with a runtime if one is named, and read from it.

    Gives what ran; raises a ``ConformanceError``.
    """
    service: Service | None = None
    if target.descriptor.service is not None:
        service = start_service(target.descriptor.service, url=url, force=force, progress=progress)
    try:
        wanted = RuntimeWanted.parse(runtime) if runtime is not None else None
        opened = open_world(target, service, "doctor", runtime=wanted, progress=progress)
        try:
            opened.driver.reset(0, History())
            opened.driver.alone(_read(opened.driver))
        finally:
            opened.close()
    finally:
        if service is not None:
            service.stop()
    code = opened.code
    on = f" on {service.version} ({service.how})" if service is not None else ""
    on += f" with runtime {wanted.label}" if wanted is not None else ""
    notes = "".join(f" {note}" for note in code.notes)
    return f"{code.name} {code.version} ({code.implementation}) opened and read{on}.{notes}"


async def _read(driver: Driver) -> None:
    """Ask for a run that is not there: any refusal will do, a breakdown will not."""
    try:
        await driver.actor(SUITE).run("wrun_00000000000000000000000000")
    except WorldError as error:
        if error.answer == "unexpected":
            raise ConformanceError(
                f"It was made, and cannot be read: {error}", "Is its store set up as [setup] has it?"
            ) from error
