"""The tests of ``--world-map``: one for each cell of the race map that can conflict, on every world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from conformance.core.history import History
from conformance.core.scenario import Level, Variant
from conformance.plugin.items import ScenarioItem, converted
from conformance.plugin.session import Session
from conformance.plugin.variants import Judged, has_instance
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.open import OpenWorld
from conformance.racemap.batches import batch_variants
from conformance.racemap.derive import Pair, cell_name, pairs
from conformance.racemap.flows import FLOWS, flow_variants
from conformance.racemap.limits import limits
from conformance.racemap.operations import operations
from conformance.racemap.programs import GENERATED, PROGRAMS
from conformance.racemap.streams import stream_variants
from conformance.racemap.variants import RACE_MAP, both, variants_of
from conformance.record.lines import Planned, Verdict
from conformance.search.budget import BudgetName, Limits
from conformance.spec.batch import BATCHES
from conformance.spec.lines import line_of
from conformance.spec.rows import LINES, Line


def items(parent: pytest.Collector, session: Session, target: Target) -> Iterator[pytest.Item]:
    """The tests of one world."""
    for level, runtime in _stages(session):
        if level != "storage":
            for flow in FLOWS:
                yield FlowItem.of_flow(parent, session, target, flow, level, runtime)
            continue
        for cell in _cells(session):
            yield MapItem.of_cell(parent, session, target, cell)
        for operation in operations(LINES[-1]):
            if operation.since != LINES[0]:
                yield LineItem.of_cell(parent, session, target, operation.name)
        yield LineItem.of_cell(parent, session, target, BATCHES)
        yield ProgramsItem.of(parent, session, target, PROGRAMS, "storage", "")


def _stages(session: Session) -> list[tuple[Level, str]]:
    """The levels asked for by name, each release at level ``runtime``; without a name ``storage``."""
    return session.stages() if session.config.option.world_level else [("storage", "")]


def planned(session: Session, target: Target, chosen: set[str]) -> list[Planned]:
    """What the chosen tests of one world are going to judge."""
    made = [
        Planned(level="storage", scenario=RACE_MAP.number, variant=name)
        for cell, variants in _cells(session).items()
        if _name(target, cell) in chosen
        for name in _judged(session, target, variants).names
    ]
    made += [
        Planned(level=level, scenario=RACE_MAP.number, variant=name, runtime=runtime)
        for level, runtime in _stages(session)
        for flow in (FLOWS if level != "storage" else ())
        if _name(target, flow, level, runtime) in chosen
        for name in _judged_of_flow(session, target, flow, level).names
    ]
    if session.test_name(PROGRAMS, target, "storage", "") in chosen:
        made.append(Planned(level="storage", scenario=PROGRAMS.number, variant=GENERATED.name))
    return made


def _cells(session: Session) -> dict[str, list[Variant]]:
    """The variants of each cell that can conflict and that all lines of the spec have."""
    found: dict[str, list[Variant]] = {}
    for pair, made in _pairs(session, LINES[0]):
        found.setdefault(cell_name(pair.one, pair.other), []).extend(made)
    for variant in stream_variants():
        found.setdefault(variant.name.partition("@")[0].partition(":")[0], []).append(variant)
    return found


def _judged(session: Session, target: Target, variants: list[Variant]) -> Judged:
    """What is judged of these variants: those that race what is in a World's memory also in one instance of
    the World; with ``thorough`` each pair."""
    code = session.code(target)
    if code is None or not has_instance(code, "storage"):
        return Judged(variants, [], [])
    thorough = session.budget.name == "thorough"
    together = [one.together for one in variants if one.in_memory or (thorough and not one.mixed)]
    return Judged(variants, together, [])


def _of_operation(session: Session, name: str) -> list[Variant]:
    """The variants of all cells of an operation that a later line adds. A cell of two of these is with the
    second one."""
    if name == BATCHES:
        return list(batch_variants())
    added = [op.name for op in operations(LINES[-1]) if op.since != LINES[0]]
    found: list[Variant] = []
    for pair, made in _pairs(session, LINES[-1]):
        both_names = [op for op in (pair.one.name, pair.other.name) if op in added]
        if both_names and both_names[-1] == name:
            found += made
    return found


def _pairs(session: Session, line: Line) -> Iterator[tuple[Pair, list[Variant]]]:
    """The pairs that can conflict, with their variants; ``thorough`` has every state, and pairs of pairs."""
    thorough = session.budget.name == "thorough"
    for pair in pairs(line, whole=thorough):
        made = list(variants_of(pair))
        made += [both(one) for one in made] if thorough else []
        if made:
            yield pair, made


def _judged_of_flow(session: Session, target: Target, flow: str, level: Level) -> Judged:
    """What is judged of a flow; with ``thorough`` in one instance of the World and with faults, too."""
    mine = [replace(one, level=level) for name, one in flow_variants() if name == flow]
    if session.budget.name != "thorough":
        return Judged(mine, [], [])
    code = session.code(target)
    together = code is not None and has_instance(code, level)
    faulty = session.config.option.world_faults == "on"
    return Judged(
        mine,
        [one.together for one in mine] if together else [],
        [replace(one, name=f"{one.name}+faults", faulty=True) for one in mine] if faulty else [],
    )


def _name(target: Target, cell: str, level: Level = "storage", runtime: str = "") -> str:
    """The id of a test."""
    return f"{RACE_MAP.id}[{target.label}-{level}{f'-{runtime}' if runtime else ''}-{cell}]"


class MapItem(ScenarioItem):
    """One cell of the map on one world: two operations, from each state in which their order counts."""

    cell: str

    @classmethod
    def of_cell(cls, parent: pytest.Collector, session: Session, target: Target, cell: str) -> MapItem:
        name = _name(target, cell)
        item = cls.from_parent(parent, name=name, nodeid=name)
        item.world, item.target, item.scenario, item.level = session, target, RACE_MAP, "storage"
        item.cell, item.runtime, item.verdicts = cell, None, []
        return item

    def limits(self, opened: OpenWorld, variant: Variant) -> Limits:
        name = cast(BudgetName, self.world.budget.name)
        seconds, speed = self.world.time.share(), opened.driver.speed
        if variant.faulty:
            return self.world.budget.limits(variant, speed=speed, seconds=seconds)
        crowd = variant.level == "storage" and not variant.instance
        return limits(name, speed=speed, seconds=seconds, crowd=crowd)

    def to_judge(self, line: Line = LINES[0]) -> Judged:  # noqa: ARG002 - the map asks for what all lines have
        """The variants that this test judges."""
        return _judged(self.world, self.target, _cells(self.world)[self.cell])


class LineItem(MapItem):
    """All cells of one operation that a later line of the spec adds; ``cell`` is its name. Of which line its
    World is, is known when it is open."""

    def judge(self, opened: OpenWorld) -> list[Verdict]:
        opened.driver.reset(self.world.seed, History())
        line = line_of(opened.driver.spec_version)
        if line == LINES[0]:
            pytest.skip(f"{self.cell}: an operation of line {LINES[-1]}.x; this World is of line {line}.x")
        return super().judge(opened)

    @property
    def names(self) -> list[str]:
        return self.to_judge(LINES[-1]).names

    def to_judge(self, line: Line = LINES[0]) -> Judged:
        """Nothing on Worlds of the first line."""
        made = _of_operation(self.world, self.cell) if line != LINES[0] else []
        return _judged(self.world, self.target, made)


class FlowItem(MapItem):
    """All points of one flow, at a level with handlers: ``cell`` is its name."""

    @classmethod
    def of_flow(
        cls,
        parent: pytest.Collector,
        session: Session,
        target: Target,
        flow: str,
        level: Level,
        runtime: str,
    ) -> FlowItem:
        name = _name(target, flow, level, runtime)
        item = cls.from_parent(parent, name=name, nodeid=name)
        item.world, item.target, item.scenario, item.level = session, target, RACE_MAP, level
        item.cell, item.verdicts = flow, []
        item.runtime = RuntimeWanted.of(runtime) if runtime else None
        return item

    def to_judge(self, line: Line = LINES[0]) -> Judged:  # noqa: ARG002 - all lines have flows
        """The variants that this test judges."""
        return _judged_of_flow(self.world, self.target, self.cell, self.level)


class ProgramsItem(ScenarioItem):
    """Generated programs on one world."""

    def judge(self, opened: OpenWorld) -> list[Verdict]:
        from conformance.racemap.generate import (  # noqa: PLC0415 - Hypothesis is slow to import
            AMOUNTS,
            judge_programs,
        )

        live, amount = self.world.live, AMOUNTS[cast(BudgetName, self.world.budget.name)]
        live.begin(self.name, GENERATED.name, lambda: f"{amount} programs")
        told = judge_programs(
            opened.driver, self.world.seed, amount, seconds=self.world.time.share(), progress=live.tick
        )
        return converted(told, self.context(opened.code, GENERATED.name, opened.namespace))
