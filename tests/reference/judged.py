"""A reference world, whole or with a guard taken out, before the judge: real hosts, a real database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.core.scenario import Case, Level, Variant
from conformance.core.scenarios import scenarios
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.service import Service
from conformance.search.budget import Limits
from conformance.search.judge import Judge
from conformance.search.verdict import Verdict
from conformance.spec.rows import LINES, Line


@contextmanager
def judge_of(world: str, service: Service | None, mutant: str = "", spec: str = "") -> Iterator[Judge]:
    """A judge with a driver of hosts; ``mutant`` is one of the reference's, ``spec`` its spec version."""
    options = {name: text for name, text in (("mutant", mutant), ("spec", spec)) if text}
    target = dataclasses.replace(parse(f"{world}:reference"), options=options)
    opened = open_world(target, service, f"{world}{spec}{mutant.replace('-', '')}"[:30])
    try:
        yield Judge(opened.driver)
    finally:
        opened.close()


def variants(
    level: Level, numbers: tuple[int, ...] = tuple(range(1, 9)), line: Line = LINES[0]
) -> list[Variant]:
    """The variants of these scenarios at a level, for Worlds of a line of the spec."""
    return [variant for one in scenarios() if one.number in numbers for variant in one.at(level, line)]


def judged(judge: Judge, variant: Variant, searched: int, *, replays: int = 1) -> list[Verdict]:
    """The verdicts on two actors, after at most ``searched`` schedules, each failing one played again."""
    return judge.judge(variant, Limits((Case(),), searched, 0, 0, replays))
