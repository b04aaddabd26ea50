"""``world-conformance check-host``: whether a host keeps the host protocol, one line a requirement."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from conformance.cli._host_bench import Bench, BrokenError, NotShownError
from conformance.cli._host_checks import CHECKS
from conformance.core.errors import ConformanceError, HostFailed
from conformance.core.redact import know_named, shown

_MARKS = {"pass": "[green]pass[/]", "fail": "[red]FAIL[/]", "skip": "[yellow]skip[/]"}


@click.command(name="check-host", context_settings={"ignore_unknown_options": True})
@click.option(
    "--world", "world", metavar="JSON|@FILE", default="{}", help="The object `world` of the open message."
)
@click.option(
    "--env", "env", metavar="NAME=VALUE", multiple=True, help="For the host's environment. Repeatable."
)
@click.option(
    "--call-limit", type=float, default=30.0, show_default=True, help="Seconds that an answer may take."
)
@click.option("--only", metavar="TEXT", default="", help="Only requirements whose words contain this.")
@click.argument("words", nargs=-1, required=True, metavar="COMMAND...", type=click.UNPROCESSED)
def command(
    *, world: str, env: tuple[str, ...], call_limit: float, only: str, words: tuple[str, ...]
) -> None:
    """Start COMMAND as a host, many times, and see whether it keeps docs/host-protocol.md.

    It needs a world that takes run_created and run_started. For the hosts of this project:

    \b
      world-conformance check-host --world '{"module": "…", "options": {…}}' -- node main.mjs
      world-conformance check-host --world '{"class": "file.py:World"}' -- python main.py

    Exit status 0: all requirements are met or cannot be shown by this world; 1: one is not.
    """
    console = Console(highlight=False, soft_wrap=True)
    bench = Bench(words, _world(world), dict(_pair(one) for one in env), call_limit)
    counts = dict.fromkeys(_MARKS, 0)
    for requirement, check in CHECKS:
        if only.lower() not in requirement.lower():
            continue
        began = time.perf_counter()
        try:
            state, said = "pass", check(bench)
        except NotShownError as error:
            state, said = "skip", str(error)
        except BrokenError as error:
            state, said = "fail", str(error)
        except HostFailed as error:
            state, said = "fail", error.what
        finally:
            bench.finish()
        counts[state] += 1
        took = f"{time.perf_counter() - began:5.1f} s"
        console.print(
            f"{_MARKS[state]} {took}  {escape(requirement)}"
            + (f"\n      [dim]{escape(shown(said))}[/]" if said else "")
        )
    console.print(
        ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "nothing to check"
    )
    sys.exit(1 if counts["fail"] or not sum(counts.values()) else 0)


def _world(text: str) -> dict[str, Any]:
    try:
        if text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        world = json.loads(text)
    except (OSError, ValueError) as error:
        raise ConformanceError(
            f"--world cannot be read: {error}.", "Give a JSON object, or @file with one."
        ) from error
    if not isinstance(world, dict):
        raise ConformanceError(
            f"--world is {text[:60]!r}, which is not a JSON object.",
            'For example {"class": "file.py:World"}.',
        )
    return world


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConformanceError(
            f"--env {text!r} is not NAME=VALUE.", "For example WORKFLOW_LOCAL_DATA_DIR=/tmp/data."
        )
    know_named(name, value)
    return name, value
