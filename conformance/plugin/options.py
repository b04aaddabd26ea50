"""The options of the plugin, and what they come to."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conformance.core.errors import ConformanceError

if TYPE_CHECKING:
    from conformance.provision.catalog.runtimes import RuntimeWanted

_BUDGETS = ("quick", "default", "thorough")
#: the longest limit, in seconds
LONGEST = 7 * 24 * 3600
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LEVELS = ("storage", "handlers", "runtime")
#: how like an option of ours a word must be, to be taken for it misspelt
_LIKE = 0.7


class Option(NamedTuple):
    """An option: ``--world-budget``, and how argparse is told of it."""

    name: str
    attributes: Mapping[str, Any]

    @property
    def dest(self) -> str:
        """What it is called among the options of pytest: ``world_budget``."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def default(self) -> Any:
        """Its value where neither the command line nor a file gives one."""
        flag = self.attributes.get("action") == "store_true"
        return self.attributes.get("default", False if flag else None)


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest of every ``--world…`` option. One that is not given is None until
    :func:`conformance.plugin.settings.settle`."""
    group = parser.getgroup("world", "conformance of Worlds of the Workflow SDK")
    for option in declared():
        group.addoption(option.name, **{**option.attributes, "default": None})


def declared() -> list[Option]:
    """Every option, in the order of the help."""
    found: list[Option] = []
    _declare(lambda name, **attributes: found.append(Option(name, attributes)))
    return found


def misspelt(words: Iterable[str]) -> str:
    """What is wrong with the first of some options that pytest does not know, if it is like one of ours."""
    from conformance.core.text import clean  # noqa: PLC0415 (only for a mistake)

    known = [one.name for one in declared()]
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("--") and (close := get_close_matches(name, known, 1, _LIKE)):
            return f"There is no option {clean(name)}. Did you mean {close[0]}?"
    return ""


def _declare(add: Callable[..., None]) -> None:
    """Every option, with all that argparse is told of it."""
    add(
        "--world",
        action="append",
        default=[],
        metavar="NAME",
        help="a World to judge: a name (see `world-conformance list`), NAME@VERSION, NAME:reference, the "
        "path of a folder with a world.toml, or all. May be given several times.",
    )
    add(
        "--world-level",
        action="append",
        default=[],
        metavar="LEVEL",
        help="storage, handlers, runtime, or several with commas (default: storage,handlers). storage: the "
        "World's operations race; handlers: a model of the runtime's handlers races over it; runtime: the "
        "real runtime does.",
    )
    add(
        "--world-runtime",
        action="append",
        default=[],
        metavar="VERSION",
        help="the release of @workflow/core for level runtime: any version on npm (default: the newest "
        "pinned 4.x); or python, the runtime of PyPI's vercel-workflow, or python@VERSION. May be given "
        "several times.",
    )
    add(
        "--world-translate-errors",
        action="store_true",
        help="at level runtime, say the World's refusals in the dialect of that release, to look past the "
        "defect 'dialect'",
    )
    add(
        "--world-budget",
        default="default",
        metavar="NAME|SECONDS",
        help="how much is tried: quick; default: two actors to the depth pass; thorough: to the depth deep; "
        "or how long the whole run may search at most, such as 90s or 10m, with what default tries",
    )
    add(
        "--world-depth",
        choices=("shallow", "pass", "deep"),
        default="shallow",
        help="the least depth of a check that passes; less fails its test. pass: every conflict was seen "
        "both ways, and bound 1 is complete. deep: bound 2 is, or all orders were tried. (default: any)",
    )
    add(
        "--world-faults",
        choices=("on", "off"),
        default="on",
        help="at the levels with handlers, judge each variant once more while handlers die, connections "
        "break, and messages come late or twice (default: on; budget quick has none)",
    )
    add(
        "--world-queue",
        choices=("captured", "world"),
        default="captured",
        help="captured: the suite delivers the messages of the scenarios (default). world: instead of the "
        "scenarios, the World's own queue delivers over HTTP, and is judged itself: probes that count, and "
        "stress races of real workflows",
    )
    add(
        "--world-map",
        action="store_true",
        help="instead of the scenarios, race every pair of operations of the World from every state in which "
        "their order counts. What cannot conflict is not raced. thorough: every state, three actors, two "
        "operations each, and one instance of the World. With --world-level=handlers or runtime: flows, from "
        "each point, raced by deliveries, payloads for hooks and cancellations",
    )
    add(
        "--world-seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of everything that is generated (default: 0)",
    )
    add(
        "--world-replay",
        metavar="FILE|SPEC",
        help="replay failures instead of searching: a record or failure file, or what a failure's replay "
        "command says (SCENARIO/LEVEL/VARIANT/SCHEDULE)",
    )
    add("--world-record", metavar="FILE", help="append the record of this run to FILE (JSON lines)")
    add(
        "--world-fail-on",
        choices=("must", "should", "never"),
        default="must",
        help="what fails a test: a broken must (default), a broken should too, or nothing (only report)",
    )
    add("--world-path", metavar="DIR", help="a checkout of the World's package, instead of the published one")
    add("--world-package", metavar="NAME[@VERSION]", help="any npm package that exports createWorld")
    add("--world-class", metavar="MODULE:CLASS", help="a World written in Python")
    add("--world-manifest", metavar="FILE", help="an upstream worlds-manifest.json to look --world up in")
    add(
        "--world-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an option for the World's factory (repeatable)",
    )
    add(
        "--world-env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable of the World's hosts, such as REDIS_URL={service.url} (repeatable; templates as in "
        "[env] of world.toml)",
    )
    add(
        "--world-setup",
        metavar="WORDS",
        help="the command that sets up a fresh store, such as 'node {root}/bin/setup.js' (templates as in "
        "[setup] of world.toml; no shell runs it)",
    )
    add(
        "--world-service",
        choices=("docker", "embedded", "url"),
        default=None,
        help="where the database comes from (default: a URL if given, else Docker, else an embedded binary)",
    )
    add(
        "--world-service-url",
        action="append",
        default=[],
        metavar="URL",
        help="a running database to use, such as redis://localhost:6379 (one for each kind of database)",
    )
    add(
        "--world-manifest-shell",
        action="store_true",
        help="allow the shell commands of --world-manifest to be run: they are text from outside",
    )
    add(
        "--world-baseline",
        metavar="FILE",
        help="declared failures, each with a reason and a day until which it is known: they fail no test",
    )
    add("--world-shard", metavar="K/N", help="run the K-th of N parts of the tests, such as 1/4")
    add(
        "--world-durations",
        metavar="FILE",
        help="the record of an earlier run: shards are equal in time, by how long each test took there",
    )
    add(
        "--world-call-limit",
        type=_seconds,
        default=15.0,
        metavar="SECONDS",
        help="a World that gives no sign for longer, or takes longer to be made, has failed: inconclusive "
        "(default: 15)",
    )
    add(
        "--world-time-limit",
        type=_seconds,
        metavar="SECONDS",
        help="a test that takes longer is ended; what was not proven by then is inconclusive (default: 600, "
        "and 3600 with --world-budget=thorough)",
    )


def _seconds(text: str) -> float:
    """A limit in seconds. Raises ``ArgumentTypeError`` for what is no time to wait."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no limit: give seconds, more than 0 and at most {LONGEST} (a week)"
        )
    return seconds


def wanted(config: pytest.Config) -> bool:
    """Whether this is a run of worlds."""
    option = config.option
    return bool(
        option.world
        or option.world_package
        or option.world_path
        or option.world_class
        or option.world_manifest
        or option.world_replay
    )


def without_a_world(config: pytest.Config) -> str:
    """An option of the suite on a command line that names no World; empty when there is none.

    What ``addopts`` says is no mistake: it is there for other runs, too.
    """
    names = {option.name for option in declared()}
    typed = (str(word).partition("=")[0] for word in config.invocation_params.args)
    return "" if wanted(config) else next((word for word in typed if word in names), "")


def budget(config: pytest.Config) -> tuple[str, float | None]:
    """``(name, seconds)`` of ``--world-budget``: ``("default", 90.0)``. Raises ``pytest.UsageError``."""
    text = config.option.world_budget
    if text in _BUDGETS:
        return text, None
    found = _SECONDS.fullmatch(text)
    if found is None or not float(found[1]):
        raise pytest.UsageError(
            f"--world-budget={text}: give {', '.join(_BUDGETS)}, or how long the run may search, such as 90s"
        )
    return "default", float(found[1]) * _UNITS[found[2]]


def shard(config: pytest.Config) -> tuple[int, int] | None:
    """``(k, n)`` of ``--world-shard``, k from 1. Raises ``pytest.UsageError``."""
    text = config.option.world_shard
    if text is None:
        return None
    part, slash, parts = text.partition("/")
    if slash and part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts):
        return int(part), int(parts)
    raise pytest.UsageError(f"--world-shard={text}: give K/N, such as 1/4")


def runtimes(config: pytest.Config) -> list[RuntimeWanted]:
    """The releases of the runtime asked for. Raises ``pytest.UsageError`` for what is no version."""
    from conformance.provision.catalog.runtimes import RuntimeWanted, default  # noqa: PLC0415 - heavy

    option = config.option
    try:
        wanted = [
            RuntimeWanted.parse(word, translate=option.world_translate_errors)
            for word in option.world_runtime or [default()]
        ]
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    return list(dict.fromkeys(wanted))


def levels(config: pytest.Config) -> list[str]:
    """The levels asked for. Raises ``pytest.UsageError`` for a word that is none."""
    words = [word for value in config.option.world_level for word in value.split(",") if word]
    for word in words:
        if word not in _LEVELS:
            raise pytest.UsageError(f"--world-level={word}: no such level; there are {', '.join(_LEVELS)}")
    return list(dict.fromkeys(words)) or ["storage", "handlers"]
