"""``world-conformance crash``: a caller dies, then each kind of next writer comes, then the call again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import click

from conformance.core.errors import ConformanceError
from conformance.core.exits import FAILED, INCONCLUSIVE
from conformance.core.history import History
from conformance.core.scenario import Case
from conformance.levels.next_writer import KINDS, THEN, next_writer_variants
from conformance.provision.catalog.select import parse_env, parse_options
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.start import start_service
from conformance.search.budget import Limits
from conformance.search.next_writer_judge import NextWriterJudge
from conformance.search.verdict import Verdict
from conformance.spec.lines import line_of

_REPLAYS: Final = 5


@click.command(name="crash")
@click.argument("world")
@click.option("--event", "dying", multiple=True, metavar="KIND", help="Who dies (default: each kind).")
@click.option("--next", "then", multiple=True, metavar="KIND", help="The next writer (default: each kind).")
@click.option("--option", "given", multiple=True, metavar="KEY=VALUE", help="An option of the World.")
@click.option("--world-env", "env", multiple=True, metavar="NAME=VALUE", help="A variable of its hosts.")
def command(
    world: str, dying: tuple[str, ...], then: tuple[str, ...], given: tuple[str, ...], env: tuple[str, ...]
) -> None:
    """Kill a caller at each operation of an event, then write another event, then make the call again.

    WORLD as with pytest --world. The process is killed before each operation and after the last one, where
    that leaves something else than death at another one. pytest --world judges this at level storage, too:
    each event with one next writer, and with each with --world-budget=thorough.

    Exit status 0: nothing is broken; 1: a rule is; 6: something could not be judged.
    """
    variants = list(next_writer_variants(_kinds(dying, KINDS), _kinds(then, THEN)))
    target = parse(world)
    target = replace(target, options={**target.options, **parse_options(given)}, env=parse_env(env))
    spec = target.descriptor.service
    service = start_service(spec) if spec is not None else None
    worst: set[str] = set()
    try:
        opened = open_world(target, service, "crash")
        try:
            opened.driver.reset(0, History())
            line = line_of(opened.driver.spec_version)
            judge = NextWriterJudge(opened.driver)
            for variant in variants:
                if variant.since > line:
                    continue
                verdicts = judge.judge(variant, Limits((Case(),), 0, 0, 0, _REPLAYS))
                worst.update(one.outcome for one in verdicts)
                click.echo(f"{variant.name:34} {_said(verdicts)}")
        finally:
            opened.close()
    finally:
        if service is not None:
            service.stop()
    sys.exit(FAILED if "fail" in worst else INCONCLUSIVE if "inconclusive" in worst else 0)


def _kinds(wanted: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for kind in wanted:
        if kind not in known:
            raise ConformanceError(f"{kind!r} is not one of the events.", f"There are {', '.join(known)}.")
    return wanted or known


def _said(verdicts: Sequence[Verdict]) -> str:
    """What came of one variant, in a line, and of each broken rule how often it came back."""
    broken = [one for one in verdicts if one.outcome == "fail" and one.failure is not None]
    if broken:
        parts = []
        for one in broken:
            assert one.failure is not None
            again = f"{one.failure.reproduced}/{one.failure.replays}"
            faults = ",".join(map(str, one.failure.case.faults))
            parts.append(f"{', '.join(one.rules)} ({faults}, {again}): {one.failure.finding.text}")
        return "broken: " + "; ".join(parts)
    undecided = next((one for one in verdicts if one.outcome == "inconclusive"), None)
    if undecided is not None:
        return f"inconclusive: {undecided.reason}"
    return f"clean ({verdicts[0].evidence.places_tried} places)"
