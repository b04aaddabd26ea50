"""From a failure to its script and its issue: replay, write, and run what was written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.core.environment import child_environment
from conformance.core.output import write_whole
from conformance.core.redact import redact, shown
from conformance.provision.catalog.code import resolve
from conformance.provision.catalog.connections import guarded
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target
from conformance.provision.node import find_node
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import Force, start_service
from conformance.record.lines import Verdict
from conformance.record.replays import Replayed
from conformance.repro.bundle import bundler
from conformance.repro.capture import Captured, capture, refuse
from conformance.repro.issue import issue_text, seen
from conformance.repro.script import script, variable

#: Seconds that a script may take: its hosts start, the race runs, locks are waited for.
_LIMIT = 120.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """A script, the text of an issue that holds it, and how the script's own run ended.

    ``status``: 1 when it showed the failure again, None when it was not run. ``said`` is what it printed,
    ``seen`` the checks that failed in the replay.
    """

    script: str
    issue: str
    status: int | None = None
    said: str = ""
    seen: tuple[Verdict, ...] = ()


def export(
    replayed: Replayed,
    target: Target,
    *,
    url: str | None = None,
    force: Force | None = None,
    check: Path | None = None,
    progress: Progress = lambda _: None,
) -> Exported:
    """Replay a failure on ``target`` and write it as a script; with ``check`` to that file, and run it.

    Raises the :class:`ConformanceError` that says what is missing, that this world cannot be shown so, or
    that the failure does not come back.
    """
    refuse(replayed, resolve(target, progress=progress))
    bundler(progress)
    with _opened(replayed, target, url, force, progress) as (opened, service):
        return _written(capture(opened, replayed), opened, service, force, check, progress)


def look_again(
    replayed: Replayed, target: Target, *, url: str | None = None, force: Force | None = None
) -> list[Verdict]:
    """Replay a failure at any level: the checks that fail, with the lines of the code.

    Raises the :class:`ConformanceError` that says what is missing, or that the failure does not come back.
    """
    with _opened(replayed, target, url, force, lambda _: None) as (opened, _):
        return seen(capture(opened, replayed), opened, force or "")


@contextmanager
def _opened(
    replayed: Replayed, target: Target, url: str | None, force: Force | None, progress: Progress
) -> Iterator[tuple[OpenWorld, Service | None]]:
    """The World of a failure on a service of its own, with the runtime that the failure was found with."""
    service: Service | None = None
    if target.descriptor.service is not None:
        service = start_service(target.descriptor.service, url=url, force=force, progress=progress)
    try:
        runtime = RuntimeWanted.of(replayed.runtime) if replayed.runtime else None
        opened = open_world(target, service, "repro", runtime=runtime, progress=progress)
        try:
            yield opened, service
        finally:
            opened.close()
    finally:
        if service is not None:
            service.stop()


def _written(
    captured: Captured,
    opened: OpenWorld,
    service: Service | None,
    force: Force | None,
    check: Path | None,
    progress: Progress,
) -> Exported:
    assert opened.launch is not None
    body, seen_again = issue_text(captured, opened, service, force or "")
    text = redact(script(captured, opened.code, opened.launch, seen_again))
    issue, seen_now = body(text), tuple(seen(captured, opened, force or ""))
    if check is None:
        return Exported(text, issue, seen=seen_now)
    write_whole(check, text)
    progress(f"running {check} …")
    status, said = run(check, opened, service)
    return Exported(text, issue, status, said, seen_now)


def run(file: Path, opened: OpenWorld, service: Service | None) -> tuple[int, str]:
    """Run a script where it was recorded: its exit status, and what it printed."""
    launched = opened.launch
    env = child_environment(guarded({}, launched.connects if launched is not None else ()))
    if opened.code.root is not None:
        env["WORLD_PACKAGE"] = str(opened.code.root)
    if service is not None and launched is not None and launched.namespace is not None:
        env[variable(service.kind)] = launched.namespace.url
    try:
        done = subprocess.run(
            [find_node(), str(file)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 2, f"it took longer than {_LIMIT:g} s"
    # Node ends with 1, too, when a program has a mistake.
    showed = done.returncode != 1 or "\nWRONG" in done.stdout
    return done.returncode if showed else 2, shown(done.stdout)
