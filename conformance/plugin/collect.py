"""The collector: which tests a run of worlds has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.core.scenarios import all_scenarios
from conformance.plugin import map_items, queue_items
from conformance.plugin.items import ReplayItem, ScenarioItem
from conformance.plugin.session import Session


class Scenarios(pytest.Directory):
    """The collector of all scenario tests."""

    run: Session

    @classmethod
    def of(cls, parent: pytest.Collector, run: Session) -> Scenarios:
        collector = cls.from_parent(parent, path=run.folder, nodeid="scenarios")
        collector.run = run
        return collector

    def collect(self) -> Iterator[pytest.Item]:
        for number, (target, replayed) in enumerate(self.run.replays):
            yield ReplayItem.of(self, self.run, target, replayed, number)
        for target in self.run.targets if not self.run.replays else ():
            if self.run.queues:
                yield from queue_items.items(self, self.run, target)
                continue
            if self.run.race_map:
                yield from map_items.items(self, self.run, target)
                continue
            for level, runtime in self.run.stages():
                for scenario in all_scenarios():
                    if scenario.at(level):
                        yield ScenarioItem.of(self, self.run, target, scenario, level, runtime)
