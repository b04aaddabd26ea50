"""The prefix of a case: made by the suite alone, and gone back to where the driver can.

Most schedules of a search share their case, so most of the work of a schedule would be to make the
same prefix again. A driver that can rewind (:meth:`Driver.save`) makes it once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from conformance.core.errors import NotSupported
from conformance.core.faults import is_abroad, stands_still
from conformance.core.history import FaultStep, History
from conformance.core.scenario import PREFIX_REFUSED, Case, Race, Variant
from conformance.drivers.driver import SUITE, Driver, ScheduleOptions
from conformance.drivers.identity import Names
from conformance.drivers.messages import RuntimeTraits
from conformance.drivers.remote import RemoteDriver
from conformance.drivers.set_up import Unforeseen
from conformance.handlers import Policy, Runtime
from conformance.levels.handlers import HandlerSuite
from conformance.levels.runtime import RuntimeSuite
from conformance.levels.runtime_inline import InlineSuite
from conformance.levels.runtime_python import PythonRuntimeSuite
from conformance.levels.storage import NoPrefixError, Suite
from conformance.spec.vocabulary import WorldError

#: Why a World that answers ``events.create`` with the bare event cannot be judged.
_OLD_LINE: Final = (
    "it answers events.create with the event alone, as Worlds of line 4.0 did: the run or step that belongs "
    "to the event ({event, run}, {event, step}) is missing. Worlds from line 4.1 on can be judged"
)


@dataclass(slots=True)
class Prefix:
    """A case whose prefix was made: ``race`` is next. ``history.broken`` when the world refused it."""

    suite: Suite
    history: History
    race: Race
    #: which actors run the same program: ``(0, 1, 0)`` when A and C do
    roles: tuple[int, ...] = ()
    #: the names of what it made
    names: Names = field(default_factory=Names)


class Prefixes:
    """Makes prefixes on one driver, and keeps the last one."""

    def __init__(self, driver: Driver, policy: Policy | None = None) -> None:
        self.driver = driver
        self.policy = policy or Policy()
        self._key: tuple[Variant, Case] | None = None
        self._kept: Prefix | None = None
        self._saved: tuple[object, object] | None = None

    def make(self, variant: Variant, case: Case, seed: int, *, stacks: bool = False) -> Prefix:
        """The prefix of a case, ready to race. ``stacks``: gates say their line of code."""
        kept = self._kept
        if kept is None or self._saved is None or self._key != (variant, case):
            options = ScheduleOptions(
                faulty=variant.faulty,
                stacks=stacks,
                still=stands_still(case.faults),
                abroad=is_abroad(case.faults),
            )
            with suppress(Unforeseen):
                return self._make(variant, case, seed, options)
            return self._make(variant, case, seed, options)  # nothing is foreseen now
        return self._again(kept, *self._saved)

    def _again(self, kept: Prefix, world: object, hands: object) -> Prefix:
        history = kept.history.fork()
        self.driver.rewind(world, history)
        kept.suite.rewind(hands, history)
        kept.names.begin()
        return Prefix(kept.suite, history, kept.race, kept.roles, kept.names)

    def _make(self, variant: Variant, case: Case, seed: int, options: ScheduleOptions) -> Prefix:
        self._kept = self._saved = None
        history = History()
        traits = self.driver.reset(seed, history, options)
        history.capabilities = self.driver.capabilities
        history.spec_version = self.driver.spec_version
        if options.still and self.driver.can_stand_still:
            history.faults.append(FaultStep(SUITE, "still", history.tick()))
        if options.abroad and self.driver.can_go_abroad:
            history.faults.append(FaultStep(SUITE, "zone", history.tick()))
        suite = self._suite(variant, traits)
        try:
            race: Race = self.driver.set_up((variant, case.faultless), _build(variant, suite, case))
        except (WorldError, NoPrefixError) as error:
            if history.old_line:
                raise NotSupported(_OLD_LINE) from error
            how = PREFIX_REFUSED if isinstance(error, WorldError) else "the prefix cannot be made"
            history.broken = f"{how}: {error}"
            return Prefix(suite, history, Race([]))
        programs = list(dict.fromkeys(race.programs))
        roles = tuple(programs.index(program) for program in race.programs)
        names = Names(history, suite.unique, apart=self.driver.apart)
        made = Prefix(suite, history, race, roles, names)
        world = self.driver.save()
        if world is None:
            return made
        self._key, self._kept, self._saved = (variant, case), made, (world, suite.save())
        return self._again(made, *self._saved)

    def _suite(self, variant: Variant, traits: RuntimeTraits | None) -> Suite:
        actor, unique = self.driver.actor(SUITE), self.driver.unique()
        if variant.level == "storage":
            return Suite(actor, unique)
        runtime = Runtime(policy=self.policy, advance=self.driver.pass_time)
        if variant.level == "handlers":
            return HandlerSuite(actor, unique, runtime)
        assert isinstance(self.driver, RemoteDriver), "the real runtime needs hosts"
        assert traits is not None, "the real runtime needs hosts that have one"
        return _of_line(traits)(self.driver, actor, unique, runtime, traits.dialect)


def _of_line(traits: RuntimeTraits) -> type[RuntimeSuite]:
    """The suite over a line of the real runtime."""
    if traits.inline:
        return InlineSuite
    return PythonRuntimeSuite if traits.dialect == "class" else RuntimeSuite


async def _build(variant: Variant, suite: Suite, case: Case) -> Race:
    return await variant.build(suite, case)
