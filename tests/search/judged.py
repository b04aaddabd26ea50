"""What tests of the judge share: a variant and its verdicts, a driver in which something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.api import Actor, Case, Race, Suite
from conformance.core import events
from conformance.core.errors import HostFailed
from conformance.core.history import History
from conformance.core.scenario import Variant
from conformance.drivers.driver import RacingActor
from conformance.drivers.in_process import InProcessDriver
from conformance.memory.world import MemoryWorld
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict

LIMITS = Limits((Case(),), searched=50, generated=0, free=0, replays=4)


async def complete_twice(suite: Suite, case: Case) -> Race:
    run = await suite.run(siblings=case.siblings)

    async def complete(actor: Actor) -> None:
        await actor.create(run, events.run_completed({"by": actor.name, "value": case.payload}))

    return Race([complete] * case.actors)


COMPLETE = Variant("complete-complete", "storage", complete_twice)


def judged(
    make: Callable[[], MemoryWorld] | InProcessDriver,
    limits: Limits = LIMITS,
    variant: Variant = COMPLETE,
    **more: Any,
) -> dict[str, Verdict]:
    driver = make if isinstance(make, InProcessDriver) else InProcessDriver(make)
    return {verdict.check: verdict for verdict in Judge(driver, **more).judge(variant, limits)}


class Every(InProcessDriver):
    """Counts schedules, and lets something go wrong in some of them."""

    def __init__(self, happens: Callable[[int], bool], what: Callable[[Every], None]) -> None:
        super().__init__()
        self.schedule = 0
        self.happens = happens
        self.what = what
        self.revived = 0

    def rewind(self, saved: Any, history: History) -> None:
        super().rewind(saved, history)
        self.schedule += 1

    def release(self, actor: RacingActor) -> None:
        if self.happens(self.schedule):
            self.what(self)
        super().release(actor)

    def revive(self) -> None:
        self.revived += 1


def dies(_: Every) -> None:
    raise HostFailed("host B died with exit code 1")


def shouts(driver: Every) -> None:
    driver.world.log("error", "no!")
