"""What gates cost: the suite's schedules against the same calls ungated, ``python -m benchmarks.bound``.

The bound is one warm Node process in which each actor has a connection of its own. It plays set-up, racing
calls and reads of scenario 6, complete-complete, as fast as it can. The suite searches schedules of the same
case and judges them. Both play on one service, in turns, so the machine is equally busy for both. CPU is user
and system time of every process that works for a side.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import click

from benchmarks.measure import storage_variant
from benchmarks.processes import cpu_of
from benchmarks.worlds import opened, server_pids
from conformance.core.content import HOSTS
from conformance.core.environment import child_environment
from conformance.core.errors import ConformanceError
from conformance.core.scenario import Case, Variant
from conformance.drivers.driver import ACTORS, SUITE, Driver
from conformance.drivers.hosted import HostedDriver
from conformance.drivers.process.host import HostProcess
from conformance.drivers.process.wire import encode_value
from conformance.levels.prefix import Prefixes
from conformance.provision.catalog.connections import guarded
from conformance.provision.catalog.launch import Launch
from conformance.provision.node import find_node
from conformance.provision.open import OpenWorld
from conformance.provision.services.service import Service
from conformance.search.judge import Judge
from conformance.search.play import play
from conformance.search.strategies import Search
from conformance.search.strategies.sequential import in_turn

#: CPU seconds by part.
Parts = dict[str, float]
#: Rounds that are played before any is counted: V8 compiles meanwhile.
WARM: Final = 4


@dataclass(slots=True)
class Side:
    """What one side took in each round that counts: schedules, seconds, CPU seconds by part."""

    schedules: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cpu: list[Parts] = field(default_factory=list)

    def add(self, schedules: int, seconds: float, cpu: Parts) -> None:
        self.schedules.append(schedules)
        self.seconds.append(seconds)
        self.cpu.append(cpu)

    def wall(self) -> list[float]:
        """Milliseconds a schedule, of each round."""
        return [1000 * each / n for each, n in zip(self.seconds, self.schedules, strict=True)]

    def processor(self) -> list[float]:
        """CPU milliseconds a schedule, of each round."""
        return [1000 * sum(each.values()) / n for each, n in zip(self.cpu, self.schedules, strict=True)]

    def share(self, part: str) -> float:
        """CPU milliseconds a schedule of one part, over all rounds."""
        return 1000 * sum(each[part] for each in self.cpu) / sum(self.schedules)


class Ungated:
    """The Node process of the bound."""

    def __init__(self, launched: Launch, calls: list[dict[str, Any]]) -> None:
        script = Path(__file__).with_suffix(".mjs")
        self.process = subprocess.Popen(
            [find_node(), str(script)],
            env=child_environment(guarded(launched.env, launched.connects)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        actors = sorted({call["actor"] for call in calls})
        about = {"hosts": str(HOSTS / "node"), "world": launched.world, "actors": actors, "calls": calls}
        self._say(json.dumps(about))
        self._hear()

    def play(self, schedules: int) -> float:
        """Play so many; the seconds that it took."""
        self._say(str(schedules))
        return float(self._hear())

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the process of the bound ended; what it says is above")
        return line


def calls_of(made: OpenWorld, variant: Variant, case: Case) -> list[dict[str, Any]]:
    """The calls of one schedule of the suite: ``phase``, ``actor`` (the suite is a guest of the first),
    ``op``, ``args`` with ``$run`` and ``$unique`` where the ids of a schedule stand."""
    played = play(Prefixes(made.driver), variant, case, in_turn(ACTORS), 1)
    calls = played.history.calls
    run = calls[0].value["run"]["runId"]

    def named(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"^((?:step|wait|hook|token)_\d+_)\w+$", r"\1$unique", value.replace(run, "$run"))
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        return [named(each) for each in value] if isinstance(value, list | tuple) else value

    return [
        {
            "phase": call.phase,
            "actor": ACTORS[0] if call.actor == SUITE else call.actor,
            "op": call.op,
            "args": encode_value(named(call.args)),
        }
        for call in calls
    ]


class Gated:
    """The suite's schedules, counted."""

    def __init__(self, driver: HostedDriver, variant: Variant, case: Case, service: Service | None) -> None:
        self.judge = Judge(driver)
        self.messages = 0
        self._variant, self._case, self._service, self._driver = variant, case, service, driver
        send = HostProcess.send
        counts = self

        def counted(host: HostProcess, message: dict[str, Any], timeout: float = 30.0) -> None:
            counts.messages += 1
            send(host, message, timeout)

        setattr(HostProcess, "send", counted)  # noqa: B010 - mypy takes no assignment to a method

    def play(self, schedules: int) -> int:
        """Search about so many; how many there were, with those of the control."""
        evidence = self.judge.trials.evidence
        before = evidence.schedules + evidence.controls
        while (done := evidence.schedules + evidence.controls - before) < schedules:
            if not self.judge.explore(self._variant, self._case, Search(schedules - done)):
                raise SystemExit(evidence.inconclusive)
        return done

    def cpu(self) -> Parts:
        """CPU seconds so far, by part."""
        found = defaultdict(float, {"Python": time.process_time(), "service": service_cpu(self._service)})
        for nth, host in enumerate(self._driver.hosts.all()):
            assert isinstance(host, HostProcess)
            found["host of set-up and reads" if nth == 0 else "other hosts"] += cpu_of([host.pid])
        return found


def service_cpu(service: Service | None) -> float:
    """CPU seconds of a server that the suite started, with its children; of another, 0."""
    return cpu_of(server_pids(service))


def run(
    world: str,
    rounds: int,
    schedules: int,
    actors: int,
    service_url: str | None,
    *,
    every_operation: bool = False,
    together: bool = False,
) -> tuple[float, float]:
    """Measure and print. The part of the bound that the suite reaches: by CPU, by wall. ``every_operation``:
    no operation passes unasked. ``together``: all actors call one instance of the World, in one process."""
    with opened(world, service_url=service_url) as (made, service):
        driver = made.instance if together else made.driver
        if every_operation and isinstance(driver, HostedDriver):
            driver.calls.unasked = False
        return _measure(made, driver, service, world, rounds, schedules, actors)


def _measure(
    made: OpenWorld,
    driver: Driver | None,
    service: Service | None,
    world: str,
    rounds: int,
    schedules: int,
    actors: int,
) -> tuple[float, float]:
    assert isinstance(driver, HostedDriver), "a world in this process has no hosts"
    assert made.launch is not None, "a world with hosts was launched"
    variant, case = storage_variant(6, "complete-complete"), Case(actors=actors)
    calls = calls_of(made, variant, case)
    gated = Gated(driver, variant, case, service)
    ungated = Ungated(made.launch, calls)
    bound, suite = Side(), Side()
    try:
        for nth in range(WARM + rounds):
            node, server = cpu_of([ungated.process.pid]), service_cpu(service)
            seconds = ungated.play(schedules)
            taken = {
                "Node": cpu_of([ungated.process.pid]) - node,
                "service": service_cpu(service) - server,
            }
            if nth >= WARM:
                bound.add(schedules, seconds, taken)
            before, began = gated.cpu(), time.perf_counter()
            done = gated.play(schedules)
            if nth >= WARM:
                seconds, after = time.perf_counter() - began, gated.cpu()
                suite.add(done, seconds, {part: after[part] - before.get(part, 0.0) for part in after})
            else:
                gated.messages = 0
    finally:
        ungated.close()
    label = f"{world} {made.code.version}, scenario 6 complete-complete, {actors} actors, storage"
    return _report(label, bound, suite, gated.messages / sum(suite.schedules))


def _report(label: str, bound: Side, suite: Side, messages: float) -> tuple[float, float]:
    by_cpu = median(bound.processor()) / median(suite.processor())
    by_wall = median(bound.wall()) / median(suite.wall())
    click.echo(f"{label}, {len(bound.seconds)} rounds, medians of a schedule:")
    for name, side in (("ungated", bound), ("suite", suite)):
        click.echo(f"  {name:<8} {median(side.wall()):6.2f} ms wall, {median(side.processor()):6.2f} ms CPU")
    click.echo(f"  of the bound: {by_cpu:.2f} by CPU, {by_wall:.2f} by wall")
    click.echo(f"  messages to hosts a schedule: {messages:.1f}")
    for name, side in (("ungated", bound), ("suite", suite)):
        parts = ", ".join(
            f"{part} {side.share(part):.2f}"
            for part in dict.fromkeys(part for each in side.cpu for part in each)
        )
        click.echo(f"  CPU ms of {name}: {parts}")
    return by_cpu, by_wall


@click.command(help=__doc__)
@click.option("--world", default="redis", show_default=True, help="As --world of pytest takes it.")
@click.option("--rounds", default=20, show_default=True, help="How many rounds count.")
@click.option("-n", "--schedules", default=50, show_default=True, help="Schedules of a round.")
@click.option(
    "--actors", default=2, show_default=True, type=click.IntRange(2, 4), help="How many actors race."
)
@click.option("--service-url", help="A running service; otherwise one is started.")
@click.option("--every-operation", is_flag=True, help="Ask about every operation: what messages cost.")
@click.option("--together", is_flag=True, help="All actors in one process: what processes cost.")
@click.option("--at-least", type=float, help="Exit with 1 when less of the bound is reached, by CPU.")
def main(
    world: str,
    rounds: int,
    schedules: int,
    actors: int,
    service_url: str | None,
    every_operation: bool,
    together: bool,
    at_least: float | None,
) -> None:
    """The ratios, and where the time of a schedule goes."""
    try:
        by_cpu, _ = run(
            world,
            rounds,
            schedules,
            actors,
            service_url,
            every_operation=every_operation,
            together=together,
        )
    except ConformanceError as error:
        raise SystemExit(str(error)) from None
    if at_least is not None and by_cpu < at_least:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
