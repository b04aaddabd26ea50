"""All benchmarks, and the tables of ``docs/speed.md``: ``python -m benchmarks``.

Each is a command of its own, which can be run alone. What they print is put between the marks of that page,
with the command above it, and a card that says on what machine and under what load it was measured. Run it on
a machine that does nothing else.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from benchmarks.parts import PARTS, Part, typed, words
from conformance.core.errors import ConformanceError
from conformance.provision.node import find_node

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "speed.md"


@click.command(help=__doc__)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([part.name for part in PARTS]),
    help="Only this one; may be given several times.",
)
@click.option("--print", "printed", is_flag=True, help="Print what would be written into docs/speed.md.")
def main(only: tuple[str, ...], printed: bool) -> None:
    """Run them, and write the page after each, so that nothing is lost when one fails."""
    failed = []
    for part in PARTS:
        if only and part.name not in only:
            continue
        if part.missing:
            click.echo(f"{part.name}: there is no {part.missing}", err=True)
            failed.append(part.name)
            continue
        text, ended = measured(part)
        if not ended:
            failed.append(part.name)
        if printed:
            click.echo(text)
        elif ended:
            PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), part.name, text), encoding="utf-8")
    if failed:
        raise SystemExit(f"failed, and left as it was in the page: {', '.join(failed)}")


def measured(part: Part) -> tuple[str, bool]:
    """What the commands of a part print, in Markdown, with its card; whether all of them ended well."""
    began, load = time.monotonic(), os.getloadavg()[0]
    blocks, ended = [], True
    for command in part.commands:
        click.echo(typed(command), err=True)
        done = subprocess.run(words(command), stdout=subprocess.PIPE, text=True, check=False)
        ended = ended and done.returncode == 0
        blocks.append(f"`{typed(command)}`\n\n{as_markdown(done.stdout)}")
    card = f"<sub>{machine()} · load {load:.1f} before, {time.monotonic() - began:.0f} s</sub>"
    return "\n\n".join([*blocks, card]), ended


def as_markdown(text: str) -> str:
    """Tables as they are, and everything else as it was printed."""
    blocks = []
    for is_table, lines in groupby(text.splitlines(), key=lambda line: line.startswith("|")):
        block = "\n".join(lines).strip("\n")
        if block:
            blocks.append(block if is_table else f"```text\n{block}\n```")
    return "\n\n".join(blocks)


def machine() -> str:
    """What it was measured on."""
    try:
        words = [find_node(), "--version"]
        node = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    except ConformanceError:
        node = "none"
    now = datetime.now(UTC)
    day = f"{now.day} {now:%B %Y}"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{day} · {system} · Python {platform.python_version()} · Node {node.removeprefix('v')}"


def filled(page: str, name: str, text: str) -> str:
    """The page with this text between the marks of a part. ``ValueError`` when it has none."""
    first, last = f"<!-- benchmark {name} -->", f"<!-- end of benchmark {name} -->"
    before, found, rest = page.partition(first)
    _, ends, after = rest.partition(last)
    if not found or not ends:
        raise ValueError(f"docs/speed.md has no place for {name}: {first} … {last}")
    return f"{before}{first}\n\n{text}\n\n{last}{after}"


if __name__ == "__main__":
    sys.exit(main())
