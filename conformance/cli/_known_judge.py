"""Judge a known defect on one version: its variant on the real package, its probe on the real queue, or its
workflow on a release of the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from conformance.cli._known import Defect, Known
from conformance.cli.runtime import judge_release
from conformance.core.closing import close_all
from conformance.core.deadline import Deadline
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Variant
from conformance.provision.catalog.install import silent
from conformance.provision.catalog.target import Target, parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import Force, start_service
from conformance.queues.catalogue import PROBES
from conformance.queues.open import open_queue
from conformance.queues.probes import AMOUNTS
from conformance.racemap.find import by_id, variant_of
from conformance.search.budget import BUDGETS, BudgetName
from conformance.search.fault_judge import FaultJudge
from conformance.search.judge import Judge
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.sequence_judge import SequenceJudge
from conformance.search.verdict import Verdict

#: how long one version may take, in seconds
_LIMIT: Final = 1_200.0
#: schedules of each workflow over a release of the runtime
_SCHEDULES: Final = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one version: the must rules that broke, and those that are notes."""

    broken: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()


@dataclass(slots=True)
class Services:
    """The databases of the Worlds that were judged, each started at its first use. ``force``: in this way."""

    force: Force | None = None
    _started: dict[str, Service] = field(default_factory=dict)

    def of(self, target: Target) -> Service | None:
        """What is behind a World. Raises :class:`ConformanceError` when it does not start."""
        spec = target.descriptor.service
        if spec is None:
            return None
        if spec.key not in self._started:
            self._started[spec.key] = start_service(spec, force=self.force)
        return self._started[spec.key]

    def stop(self) -> None:
        """Stop them all."""
        close_all(*(service.stop for service in self._started.values()))


@contextmanager
def services(force: Force | None) -> Iterator[Services]:
    """No services yet; all that are started by the end are stopped."""
    started = Services(force)
    try:
        yield started
    finally:
        started.stop()


def judge_known(defects: Iterable[Defect], force: Force | None = None) -> Iterator[Known]:
    """Judge each report before its fix and after it, with databases started in the way of ``force``. Each is
    given as soon as it is done."""
    with services(force) as started:
        for one in defects:
            if not one.shown:
                yield Known(one, "not shown", "")
                continue
            before = _state(one, one.affected, started)
            yield Known(one, before, _state(one, one.fixed, started) if one.fixed else "")


def _state(defect: Defect, version: str, started: Services) -> str:
    """``red``, ``a note``, ``green``, or that it was not judged and why."""
    try:
        said = judge_version(defect, version, started)
    except ConformanceError as error:
        return f"not judged: {error.what}"
    rules = frozenset(defect.rules)
    return "red" if rules & said.broken else "a note" if rules & said.noted else "green"


def judge_version(defect: Defect, version: str, services: Services) -> Said:
    """What the suite says of one version, by what shows the defect.

    Raises :class:`ConformanceError` with the reason when that version cannot be judged.
    """
    if defect.world == "core":
        return _of_runtime(version, defect.shape)
    target = parse(f"{defect.world}@{version}")
    if defect.probe:
        return _of_queue(target, services.of(target), defect.probe)
    variant = variant_of(by_id(defect.scenario), defect.level, defect.variant)
    assert variant is not None, "a test sees to it"
    with closing(open_world(target, services.of(target), "known")) as opened:
        until = Deadline(_LIMIT)
        for driver in opened.drivers:
            driver.work_until(until)
        opened.driver.prepare()  # what it declares is known before the first schedule
        return _said(list(judge_variant(opened, variant, _budget(variant))))


def judge_variant(opened: OpenWorld, variant: Variant, budget: BudgetName) -> Iterator[Verdict]:
    """The verdicts on one variant, within a budget, each kind of variant by its own judge."""
    limits = BUDGETS[budget].limits(variant, speed=opened.driver.speed)
    if variant.level == "storage" and variant.faulty:
        yield from NextWriterJudge(opened.driver).judge(variant, limits)
    elif variant.faulty:
        plain = replace(variant, name=variant.name.removesuffix("+faults"), faulty=False)
        known = Judge(opened.driver, policy=opened.policy).judge(
            plain, BUDGETS[budget].limits(plain, speed=opened.driver.speed)
        )
        yield from FaultJudge(opened.driver, policy=opened.policy).judge(variant, limits, known)
    elif variant.sequential:
        yield from SequenceJudge(opened.driver).judge(variant, limits)
    else:
        driver = opened.driver_of(variant)
        yield from Judge(driver, policy=opened.policy).judge(variant, limits)


def _budget(variant: Variant) -> BudgetName:
    """Quick, where that has all that is needed: there are no faults in it, and not every next writer."""
    if variant.thorough:
        return "thorough"
    return "default" if variant.faulty or variant.level != "storage" else "quick"


def _said(verdicts: list[Verdict]) -> Said:
    if not any(one.outcome in ("pass", "fail") for one in verdicts if one.check == "convergence"):
        why = next((one.reason for one in verdicts if one.outcome not in ("pass", "fail")), "no verdict")
        raise ConformanceError(why)
    broken = {rule for one in verdicts if one.outcome == "fail" for rule in (*one.rules, *one.also)}
    noted = {failure.finding.rule for one in verdicts for failure in one.shoulds}
    return Said(frozenset(broken), frozenset(noted))


def _of_queue(target: Target, service: Service | None, probe: str) -> Said:
    with closing(open_queue(target, service, "known", progress=silent)) as opened:
        opened.driver.work_until(Deadline(_LIMIT))
        findings = PROBES[probe](opened.driver, AMOUNTS["default"])
    undecided = next((one.reason for one in findings if one.outcome in ("inconclusive", "unsupported")), "")
    failed = [one for one in findings if one.outcome == "fail"]
    if undecided and not failed:
        raise ConformanceError(undecided)
    return Said(
        frozenset(one.rule for one in failed if one.severity == "must"),
        frozenset(one.rule for one in failed if one.severity == "should"),
    )


def _of_runtime(version: str, shape: str) -> Said:
    [cell] = judge_release(version, [shape], _SCHEDULES)
    if cell.why:
        raise ConformanceError(cell.why)
    return Said(frozenset(one.rule for one in cell.worst.findings) if cell.worst else frozenset())
