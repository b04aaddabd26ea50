"""All that comes before the first test, once: install, serve, set up, open, read."""

from __future__ import annotations

from conformance.catalog.code import resolve
from conformance.catalog.install import Progress
from conformance.catalog.launch import launch
from conformance.catalog.rig import WorldRig
from conformance.catalog.target import Target
from conformance.services.service import Service
from conformance.services.start import Force, start_service
from conformance.spec.events import WorldError


def attempt(target: Target, *, url: str | None, force: Force | None, progress: Progress) -> str:
    """Make one instance of the world and read from it. Gives what ran; raises a ``ConformanceError``."""
    code = resolve(target, progress=progress)
    if code.engine == "memory":
        return "it is always there"
    service: Service | None = None
    if target.descriptor.service is not None:
        service = start_service(target.descriptor.service, url=url, force=force, progress=progress)
    try:
        plan = launch(code, service, "doctor", progress=progress)
        try:
            rig = WorldRig(plan)
            try:
                rig.alone(_read(rig))
            finally:
                rig.close()
        finally:
            plan.close()
    finally:
        if service is not None:
            service.stop()
    on = f" on {service.version} ({service.how})" if service is not None else ""
    notes = "".join(f" {note}" for note in code.notes)
    return f"{code.name} {code.version} ({code.implementation}) opened and read{on}.{notes}"


async def _read(rig: WorldRig) -> None:
    """Ask for a run that is not there: any answer of the world will do."""
    try:
        await rig.actor("A").run("wrun_00000000000000000000000000")
    except WorldError as error:
        if error.answer == "unexpected":
            raise
