"""The record of a run as it is made: what is planned, the verdicts as they come, and how it ended."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from conformance.core.errors import ConformanceError
from conformance.core.exits import FAILED
from conformance.core.program import program
from conformance.core.redact import redact_command
from conformance.core.scenarios import all_scenarios
from conformance.plugin import map_items, queue_items
from conformance.plugin.outcome import Bad, status
from conformance.plugin.session import Session
from conformance.plugin.variants import judged
from conformance.provision.catalog.target import Target
from conformance.provision.node import find_node
from conformance.provision.services.service import Service
from conformance.record.file import Footer, Line, Planned, RecordWriter, Run, Verdict, WorldLine
from conformance.record.file import Service as ServiceLine
from conformance.record.header import new_header
from conformance.record.seal import seal
from conformance.report.scenario_names import of_this_suite


class Recorder:
    """Keeps the record of one run, in the controller, and writes it where ``--world-record`` says."""

    def __init__(self, session: Session) -> None:
        self._session = session
        option = session.config.option
        header = new_header(
            seed=session.seed,
            budget=option.world_budget,
            node=_node(session.targets),
            shard=option.world_shard or "",
            command=redact_command([*program(), *sys.argv[1:]]),
        )
        header.scenarios = of_this_suite()
        #: the record so far
        self.run = Run(header, [], [])
        #: why the file ends before the run does, if so
        self.cut_short = ""
        #: of each test that failed, why
        self._failed: list[set[Bad]] = []
        self._writer: RecordWriter | None = None
        self._begun = False

    def begin(self, tests: Sequence[str]) -> None:
        """The tests are chosen: the record begins with what they will judge. Only the first call counts.

        Raises ``pytest.UsageError`` when the file cannot be written.
        """
        if self._begun:
            return
        self._begun = True
        chosen = set(tests)
        self.run.worlds += [self._world(target, chosen) for target in self._session.targets]
        path = self._session.config.option.world_record
        if path is None:
            return
        try:
            self._writer = RecordWriter(path)
            self._writer.write(self.run.header)
            for world in self.run.worlds:
                self._writer.write(world)
        except (ConformanceError, OSError) as error:
            self._session.close()
            said = error.strerror or error if isinstance(error, OSError) else error
            raise pytest.UsageError(f"--world-record={path}: {said}") from None

    def _world(self, target: Target, chosen: set[str]) -> WorldLine:
        """A world that takes part, and what is planned for it."""
        line = WorldLine(
            world=target.world, implementation=target.implementation, version=target.version or ""
        )
        line.planned = self._planned(target, chosen)
        code = self._session.code(target)
        if code is None:
            return line
        line.implementation, line.package, line.version = code.implementation, code.name, code.version
        if self._session.is_broken(target):  # it is something else that is missing
            return line
        line.service = _service_line(self._session.service_of(target))
        line.notes = [note for note in (target.descriptor.notes, *code.notes) if note]
        line.asked = self._session.again(target).words(target, code)
        line.seal = seal(line.asked)
        return line

    def _planned(self, target: Target, chosen: set[str]) -> list[Planned]:
        if self._session.queues:
            return queue_items.planned(self._session, target, chosen)
        if self._session.race_map:
            return map_items.planned(self._session, target, chosen)
        return [
            Planned(level=level, scenario=scenario.number, variant=name, runtime=runtime)
            for scenario in all_scenarios()
            for level, runtime in self._session.stages()
            if self._session.test_name(scenario, target, level, runtime) in chosen
            for name in judged(self._session, target, scenario, level).names
        ]

    def add(self, verdicts: Iterable[Verdict], *, failed: bool) -> None:
        """The verdicts of one test, and whether it failed."""
        found = list(verdicts)
        if failed:
            self._failed.append({why for why in map(self._session.bad, found) if why is not None})
        for verdict in found:
            self.run.verdicts.append(verdict)
            self._write(verdict)

    def status(self, exitstatus: int) -> int:
        """The exit status of a run that pytest ends with ``exitstatus``."""
        return status(self._failed) if exitstatus == FAILED and self._failed else int(exitstatus)

    def end(self, exitstatus: int) -> None:
        """The last line: the run ended by itself, with this exit status."""
        counts = dict(Counter[str](verdict.verdict for verdict in self.run.verdicts))
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._write(Footer(finished=finished, counts=counts, exit=exitstatus))

    def close(self) -> None:
        """Close the file. Safe to repeat."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _write(self, line: Line) -> None:
        """Append a line to the file. When that cannot be done the tests go on, and the run ends with 4."""
        if self._writer is None:
            return
        try:
            self._writer.write(line)
        except OSError as error:
            self.cut_short = f"cut short, {error.strerror or error}: the lines before that can be read"
            self.close()


def on_report(verdicts: Iterable[Verdict]) -> list[object]:
    """Verdicts as plain data that can travel between processes, on the report of their test."""
    return [msgspec.to_builtins(verdict) for verdict in verdicts]


def from_report(lines: Iterable[object]) -> list[Verdict]:
    """The inverse of :func:`on_report`."""
    return [msgspec.convert(line, Verdict) for line in lines]


def _service_line(service: Service | None) -> ServiceLine | None:
    if service is None:
        return None
    return ServiceLine(kind=service.kind, version=service.version, how=service.how, url=service.shown)


def _node(targets: list[Target]) -> str:
    """The version of the Node that hosts will run on; empty when none is needed."""
    if all(target.descriptor.engine != "node" for target in targets):
        return ""
    try:
        return subprocess.run(
            [find_node(), "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout.strip()
    except (ConformanceError, OSError, subprocess.TimeoutExpired):
        return ""  # a run that needs it says what is missing
