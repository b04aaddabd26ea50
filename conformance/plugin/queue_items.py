"""The tests of ``--world-queue=world``: one for each probe and each stress race, on every world."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest

from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError, NotSupported
from conformance.core.redact import shown
from conformance.plugin.session import Session
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.queues.catalogue import FLOWS, PROBES
from conformance.queues.finding import QueueFinding, QueueOutcome
from conformance.queues.open import OpenQueue
from conformance.queues.probes import AMOUNTS
from conformance.queues.stress import RUNS, stress
from conformance.record.lines import QUEUE_CHECK, Evidence, Planned, Verdict
from conformance.search.crash import crashed
from conformance.spec.vocabulary import WorldError

#: A probe of the queue, or workflows that run over it: the level of the verdicts.
QueuePart = Literal["queue", "natural"]


class QueueFailed(Exception):
    """A world's queue broke a rule; the text is what pytest shows."""


def items(parent: pytest.Collector, session: Session, target: Target) -> Iterator[pytest.Item]:
    """The tests of one world."""
    for part, what, runtime in _tests(session):
        yield QueueItem.of(parent, session, target, part, what, runtime)


def planned(session: Session, target: Target, chosen: set[str]) -> list[Planned]:
    """What the chosen tests of one world are going to judge."""
    return [
        Planned(level=part, probe=what, runtime=runtime.label if runtime is not None else "")
        for part, what, runtime in _tests(session)
        if _name(session, target, part, what, runtime) in chosen
    ]


def _tests(session: Session) -> Iterator[tuple[QueuePart, str, RuntimeWanted | None]]:
    """Each probe, and each workflow with each runtime."""
    for probe in PROBES:
        yield "queue", probe, None
    for runtime in session.runtimes:
        for flow in FLOWS:
            yield "natural", flow, runtime


class QueueItem(pytest.Item):
    """One probe, or the stress races of one workflow."""

    world: Session
    target: Target
    part: QueuePart
    what: str
    #: the release that runs the workflows of stress races
    runtime: RuntimeWanted | None
    verdicts: list[Verdict]

    @classmethod
    def of(
        cls,
        parent: pytest.Collector,
        session: Session,
        target: Target,
        part: QueuePart,
        what: str,
        runtime: RuntimeWanted | None,
    ) -> QueueItem:
        name = _name(session, target, part, what, runtime)
        item: QueueItem = cls.from_parent(parent, name=name, nodeid=name)
        item.world, item.target, item.part, item.what, item.runtime = session, target, part, what, runtime
        item.verdicts = []
        return item

    def runtest(self) -> None:
        """Run it here, in the main thread: Ctrl-C ends what it does, and the time limit is checked by it."""
        deadline = Deadline(self.config.option.world_time_limit)
        opened: OpenQueue | None = None
        began = time.monotonic()
        try:
            opened = self.world.queue(self.target, self.runtime, deadline)
            found = self.judge(opened)
        except NotSupported as error:
            found = _undecided(error.what, "unsupported")
        except (ConformanceError, WorldError) as error:
            found = _undecided(
                error.what if isinstance(error, ConformanceError) else f"the World said {error}"
            )
        except Exception as error:
            found = _undecided(crashed(error))
        if deadline.passed:
            self.world.drop_queue(self.target, self.runtime)
        elif opened is not None and any(each.outcome == "inconclusive" for each in found):
            opened.driver.drop_hosts()  # whatever state they are in, the next test gets fresh ones
        code = opened.code if opened is not None else self.world.code(self.target)
        seconds = round(time.monotonic() - began, 3)
        self.verdicts = [self.line(each, code, seconds) for each in found]
        self.conclude()

    def judge(self, opened: OpenQueue) -> list[QueueFinding]:
        """Run it."""
        budget = self.world.budget.name
        if self.part == "natural":
            return stress(opened.driver, FLOWS[self.what], RUNS[budget])
        amount = AMOUNTS[budget]
        # A probe that waits for a crash to heal, more than once, must come to its end within the limit.
        call_limit = self.config.option.world_time_limit / 3
        amount = replace(amount, recovery=min(amount.recovery, call_limit))
        return PROBES[self.what](opened.driver, amount)

    def line(self, found: QueueFinding, code: Code | None, seconds: float) -> Verdict:
        """A finding as a line of the record."""
        return Verdict(
            world=self.target.world,
            implementation=code.implementation if code is not None else self.target.implementation,
            version=code.version if code is not None else (self.target.version or ""),
            runtime=self.runtime.label if self.runtime is not None else "",
            level=self.part,
            probe=self.what,
            check=QUEUE_CHECK,
            rules=[found.rule] if found.rule else [],
            verdict=found.outcome,
            severity=found.severity,
            defect=found.defect,
            reason=found.reason,
            shown=found.shown,
            runs=found.runs,
            hosts=found.hosts,
            seconds=seconds,
            test=self.nodeid,
            evidence=Evidence(timeline=found.timeline) if found.timeline else None,
        )

    def conclude(self) -> None:
        """Fail the test for what the user wants it to fail for."""
        wrong = [each for each in self.verdicts if self.world.bad(each)]
        if wrong:
            raise QueueFailed("\n".join(_told(each) for each in wrong))
        if self.verdicts and all(each.verdict == "unsupported" for each in self.verdicts):
            pytest.skip(shown(self.verdicts[0].reason))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, QueueFailed):
            return str(excinfo.value)
        return shown(str(super().repr_failure(excinfo, style)))

    def reportinfo(self) -> tuple[str, int | None, str]:
        return "queues", None, self.name


def _name(session: Session, target: Target, part: QueuePart, what: str, runtime: RuntimeWanted | None) -> str:
    """The id of a test."""
    release = f"@{runtime.label.replace(' ', '-')}" if runtime and len(session.runtimes) > 1 else ""
    return f"{part}_{what}[{target.label}-{part}{release}]"


def _undecided(reason: str, outcome: QueueOutcome = "inconclusive") -> list[QueueFinding]:
    return [QueueFinding("", outcome, reason)]


def _told(verdict: Verdict) -> str:
    rule = f" [{', '.join(verdict.rules)}]" if verdict.rules else ""
    defect = f" ({verdict.defect})" if verdict.defect else ""
    return shown(f"{verdict.probe} {verdict.verdict}{defect}{rule}: {verdict.reason}")
