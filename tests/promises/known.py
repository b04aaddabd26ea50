"""What our parsers know: the options of pytest, and the commands of ``world-conformance`` with theirs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import click

from conformance.cli._app import cli
from tests.promises.documents import ROOT


@cache
def _pytest_options() -> frozenset[str]:
    words = [sys.executable, "-m", "pytest", "--help"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", said))


def _leaves(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """Each command by its words, with its options."""
    context = click.Context(command)
    options = frozenset(
        name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)
    )
    yield path, options
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _leaves(child, (*path, name))


@cache
def _our_options() -> dict[tuple[str, ...], frozenset[str]]:
    return dict(_leaves(cli))


def unknown(command: str) -> list[str]:
    """The words of a command that no parser of ours knows."""
    words = shlex.split(command, comments=True)
    wrong: list[str] = []
    while words:
        end = words.index("&&") if "&&" in words else len(words)
        one, words = words[:end], words[end + 1 :]
        options = [word.partition("=")[0] for word in one if re.match(r"--?[a-zA-Z]", word)]
        if one[0].endswith("pytest"):
            known = _pytest_options()
        elif one[0] == "world-conformance":
            path: tuple[str, ...] = ()
            while len(one) > len(path) + 1 and (*path, one[len(path) + 1]) in _our_options():
                path = (*path, one[len(path) + 1])
            if not path:
                wrong.append(" ".join(one[:2]))
            known = _our_options()[path] | (_pytest_options() if path == ("test",) else frozenset())
        elif one[0].startswith("--"):
            known = _pytest_options().union(*_our_options().values())
        else:
            continue
        wrong += [option for option in options if option not in known]
    return wrong
