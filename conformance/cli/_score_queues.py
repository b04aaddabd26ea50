"""Wrong queues: each before the probe that is about what it does wrong, on real processes and real clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from conformance.cli._score import Score, Subject
from conformance.queues.catalogue import PROBES
from conformance.queues.toys import AMOUNT, WAYS, open_toy

#: What stands for the World of these.
QUEUES: Final = "queues"


def queue_subjects() -> list[Subject]:
    """The toy queue in each of its wrong ways."""
    return [Subject(way.name, "queues", way.breaks, QUEUES) for way in WAYS.values()]


def score_queues(subjects: Iterable[Subject]) -> Iterator[Score]:
    """Judge wrong queues, one after another. ``schedules`` stays 0: nothing is held there."""
    for subject in subjects:
        way = WAYS[subject.name]
        found = Score(subject.name, subject.family, subject.about, world=subject.world)
        opened = open_toy(way.name)
        try:
            findings = PROBES[way.probe](opened.driver, AMOUNT)
        finally:
            opened.close()
        failed = [one for one in findings if one.outcome == "fail"]
        worst = next((one for one in failed if one.severity == "must"), next(iter(failed), None))
        open_one = next((one.reason for one in findings if one.outcome == "inconclusive"), "")
        if worst is not None:
            found = msgspec.structs.replace(
                found,
                rule=worst.rule,
                label=worst.defect,
                where=f"queue {way.probe}",
                noted=worst.severity != "must",
            )
        yield found if found.rule else msgspec.structs.replace(found, undecided=open_one)
