"""The tests: one for each scenario, world and level, with a short and stable id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, cast

import msgspec
import pytest

from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError, NotSupported
from conformance.core.redact import shown
from conformance.core.scenario import Level, Scenario, Variant
from conformance.drivers.driver import Driver
from conformance.oracle import CHECKS
from conformance.plugin.session import Session
from conformance.plugin.time_left import share_of_test, shorter
from conformance.plugin.variants import Judged, judged
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target, parse
from conformance.provision.open import OpenWorld
from conformance.racemap.find import by_id, variant_of
from conformance.record.convert import convert
from conformance.record.file import Verdict
from conformance.record.provenance import Provenance
from conformance.record.replays import REPLAYS, Replayed
from conformance.report.verdict_line import again_line, verdict_line
from conformance.search import verdict as engine
from conformance.search.budget import Limits
from conformance.search.crash import crashed
from conformance.search.failure import Evidence
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.sound_world import share_blame
from conformance.search.verdict import decide
from conformance.spec.lines import SLOTS_SINCE, line_of
from conformance.spec.rows import LINES, Line


class ScenarioFailed(Exception):
    """A world broke a rule; the text is what pytest shows."""


class WorldItem(pytest.Item):
    """A test that judges; its verdicts travel on its report."""

    world: Session
    target: Target
    #: the real runtime, at level ``runtime``
    runtime: RuntimeWanted | None
    verdicts: list[Verdict]
    #: when it ends
    deadline: Deadline

    def runtest(self) -> None:
        """Judge here, in the main thread: Ctrl-C ends what it does, and the time limit is checked by it."""
        deadline = self.deadline = Deadline(self.config.option.world_time_limit)
        try:
            opened = self.world.driver(self.target, self.runtime, deadline)
            self.verdicts = self.judge(opened)
        except NotSupported as error:
            self.verdicts = self.undecided(error.what, "unsupported")
        except ConformanceError as error:
            self.verdicts = self.undecided(error.what)
        except Exception as error:
            self.verdicts = self.undecided(crashed(error))
        finally:
            self.world.live.clear()
        if deadline.passed:
            # Its hosts are in the middle of something: the next test gets fresh ones.
            self.world.drop(self.target, self.runtime)
        self.conclude()

    def judge(self, opened: OpenWorld) -> list[Verdict]:
        """The verdicts on this driver."""
        raise NotImplementedError

    def undecided(self, reason: str, outcome: str = "inconclusive") -> list[Verdict]:
        """Inconclusive (or unsupported) verdicts, when nothing could be judged."""
        raise NotImplementedError

    def blamed(
        self, verdicts: list[engine.Verdict], variant: Variant, opened: OpenWorld
    ) -> list[engine.Verdict]:
        """The verdicts, with the runtime's part in what was broken over this World."""
        if variant.level != "runtime":
            return verdicts
        spec = opened.driver.spec_version
        sound = replace(
            parse("memory"), options={} if line_of(spec) == LINES[0] else {"spec": str(SLOTS_SINCE)}
        )
        found = share_blame(
            verdicts, variant, lambda: self.world.driver(sound, self.runtime, self.deadline).driver
        )
        if self.deadline.passed:
            self.world.drop(sound, self.runtime)
        return found

    def conclude(self) -> None:
        """Fail the test for what the user wants it to fail for."""
        wrong = [verdict for verdict in self.verdicts if self.world.bad(verdict)]
        if wrong:
            raise ScenarioFailed("\n".join(_line(verdict) for verdict in wrong))
        if self.config.option.world_fail_on == "never":
            return
        if self.verdicts and all(verdict.verdict == "unsupported" for verdict in self.verdicts):
            pytest.skip(shown(self.verdicts[0].reason))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return shown(str(super().repr_failure(excinfo, style)))

    def reportinfo(self) -> tuple[str, int | None, str]:
        return "scenarios", None, self.name


class ScenarioItem(WorldItem):
    """All variants of one scenario, at one level, on one world."""

    scenario: Scenario
    level: Level

    @classmethod
    def of(
        cls,
        parent: pytest.Collector,
        session: Session,
        target: Target,
        scenario: Scenario,
        level: Level,
        runtime: str,
    ) -> ScenarioItem:
        name = session.test_name(scenario, target, level, runtime)
        item = cls.from_parent(parent, name=name, nodeid=name)
        item.world, item.target, item.scenario, item.level = session, target, scenario, level
        item.runtime = RuntimeWanted.of(runtime) if runtime else None
        item.verdicts = []
        return item

    def judge(self, opened: OpenWorld) -> list[Verdict]:
        live = self.world.live
        judge = Judge(opened.driver, self.world.seed, opened.policy, live.tick)
        faults = FaultJudge(opened.driver, self.world.seed, opened.policy, live.tick)
        crashes = NextWriterJudge(opened.driver, self.world.seed, live.tick)
        alone = SequenceJudge(opened.driver, self.world.seed, live.tick)
        told: dict[str, list[engine.Verdict]] = {}
        found: list[Verdict] = []
        for variant in self._of_line(opened.driver, lambda part: part.apart):
            limits = self.limits(opened, variant)
            context = self.context(opened.code, variant.name, opened.namespace)
            if variant.sequential:
                live.begin(self.name, variant.name, lambda: alone.so_far)
                verdicts = alone.judge(variant, limits)
            else:
                live.begin(self.name, variant.name, lambda: judge.so_far)
                verdicts = self.blamed(judge.judge(variant, limits), variant, opened)
            told[f"{variant.name}+faults"] = verdicts
            recorded = converted(verdicts, context)
            live.judged(recorded)
            found += recorded
        if opened.instance is not None:
            together = Judge(opened.instance, self.world.seed, opened.policy, live.tick)
            for variant in self._of_line(opened.instance, lambda part: part.together):
                limits = self.limits(opened, variant)
                context = self.context(opened.code, variant.name, opened.namespace)
                live.begin(self.name, variant.name, lambda: together.so_far)
                found += converted(together.judge(variant, limits), context)
        faulty = list(self._of_line(opened.driver, lambda part: part.faulty))
        for number, variant in enumerate(faulty):
            limits = self.limits(opened, variant)
            share = share_of_test(self.deadline, len(faulty) - number)
            limits = replace(limits, seconds=shorter(limits.seconds, share))
            context = self.context(opened.code, variant.name, opened.namespace)
            if variant.level == "storage":
                live.begin(self.name, variant.name, lambda: crashes.so_far)
                verdicts = crashes.judge(variant, limits)
            else:
                live.begin(self.name, variant.name, lambda: faults.so_far)
                verdicts = faults.judge(variant, limits, told[variant.name])
            found += converted(verdicts, context)
        return found or self.undecided(
            f"level {self.level} has no variants of this scenario yet", "unsupported"
        )

    def _of_line(self, driver: Driver, part: Callable[[Judged], list[Variant]]) -> Iterator[Variant]:
        """The variants for every World, then those for Worlds of its line: something was judged by then, so
        the World has said what it is."""
        yield from part(self.to_judge())
        line = line_of(driver.spec_version)
        yield from [one for one in part(self.to_judge(line)) if one.since != LINES[0]]

    def limits(self, opened: OpenWorld, variant: Variant) -> Limits:
        """How much of a variant is tried."""
        return self.world.budget.limits(variant, speed=opened.driver.speed, seconds=self.world.time.share())

    @property
    def variants(self) -> int:
        """How many variants it judges, for the time that each has."""
        return sum(map(len, self.to_judge()))

    def to_judge(self, line: Line = LINES[0]) -> Judged:
        """The variants that this test judges on Worlds of a line of the spec."""
        return judged(self.world, self.target, self.scenario, self.level, line)

    def context(self, code: Code | None, name: str, namespace: str = "") -> Provenance:
        """Where verdicts on the variant of that name come from."""
        again = self.world.again(self.target)
        return Provenance(
            self.target, code, self.scenario, self.level, name, self.nodeid, namespace, self.runtime, again
        )

    def undecided(self, reason: str, outcome: str = "inconclusive") -> list[Verdict]:
        """One for each variant and check, so that each takes the place of what an older run had there."""
        code = self.world.code(self.target)
        contexts = [self.context(code, name) for name in self.names]
        return [one for context in contexts for one in _undecided(reason, outcome, context)]

    @property
    def names(self) -> list[str]:
        """The names of what it judges."""
        return self.to_judge().names


class ReplayItem(WorldItem):
    """One failure, played again."""

    replayed: Replayed

    @property
    def seed(self) -> int:
        """The seed of the command line, or that of the record."""
        recorded = self.replayed.seed
        return self.world.seed if self.world.seed or recorded is None else recorded

    @classmethod
    def of(
        cls, parent: pytest.Collector, session: Session, target: Target, replayed: Replayed, number: int
    ) -> ReplayItem:
        name = f"replay[{target.label}-{replayed.scenario}-{replayed.variant}-{replayed.token or number}]"
        item = cls.from_parent(parent, name=name, nodeid=name)
        item.world, item.target, item.replayed = session, target, replayed
        item.runtime = None
        if replayed.level == "runtime":
            item.runtime = RuntimeWanted.of(replayed.runtime) if replayed.runtime else session.runtimes[0]
        item.verdicts = []
        return item

    def judge(self, opened: OpenWorld) -> list[Verdict]:
        scenario, variant = self._find()
        driver = opened.driver_of(variant)
        judge = Judge(driver, self.seed, opened.policy, self.world.live.tick, stacks=True)
        context = Provenance(
            self.target,
            opened.code,
            scenario,
            variant.level,
            variant.name,
            self.nodeid,
            opened.namespace,
            self.runtime,
            self.world.again(self.target, self.seed),
        )
        verdicts = judge.replay(variant, self.replayed.case, self.replayed.token, REPLAYS)
        return converted(self.blamed(verdicts, variant, opened), context)

    def _find(self) -> tuple[Scenario, Variant]:
        scenario = by_id(self.replayed.scenario)
        variant = variant_of(scenario, cast(Level, self.replayed.level), self.replayed.variant)
        assert variant is not None, "read_replays has found it"
        return scenario, variant

    def undecided(self, reason: str, outcome: str = "inconclusive") -> list[Verdict]:
        scenario, variant = self._find()
        code = self.world.code(self.target)
        context = Provenance(
            self.target, code, scenario, variant.level, variant.name, self.nodeid, "", self.runtime
        )
        undecided = _undecided(reason, outcome, context)
        return [msgspec.structs.replace(verdict, replay=True) for verdict in undecided]


def converted(verdicts: Iterable[engine.Verdict], context: Provenance) -> list[Verdict]:
    """Verdicts as lines of the record. When one cannot be written down, none of them is believed."""
    try:
        return [convert(verdict, context) for verdict in verdicts]
    except Exception as error:
        return _undecided(crashed(error), "inconclusive", context)


def _undecided(reason: str, outcome: str, context: Provenance) -> list[Verdict]:
    made = [convert(decide(name, Evidence(inconclusive=reason), ()), context) for name in CHECKS]
    if outcome == "unsupported":
        made = [msgspec.structs.replace(verdict, verdict="unsupported") for verdict in made]
    return made


def _line(verdict: Verdict) -> str:
    """A verdict, and what shows it again."""
    again = again_line(verdict)
    return verdict_line(verdict) + (f"\n    {again}" if again else "")
