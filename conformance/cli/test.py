"""``world-conformance test``: judge Worlds, the same as `pytest --world=NAME`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from conformance.cli._config import settings
from conformance.core.program import STARTED_BY_TEST

_WORLD_FILE = "world.toml"
#: pytest would rewrite the assertions of an installed plugin, which this command has imported by then
_QUIET = "ignore:Module already imported so cannot be rewritten; conformance"


class _World(click.ParamType[str]):
    """A word of the command line; names of Worlds are offered when it is completed."""

    name = "world"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 (click's signature)
        param: click.Parameter,  # noqa: ARG002 - the shape of a callback of click
        incomplete: str,
    ) -> list[CompletionItem]:
        from conformance.provision.catalog.find import names  # noqa: PLC0415 (only for a completion)

        folders = [CompletionItem(incomplete, type="dir")] if incomplete.startswith((".", "/", "~")) else []
        found = [name for name in sorted((*names(), "all")) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in found] + folders


@click.command(
    name="test",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    options_metavar="",
)
@click.argument("worlds", nargs=-1, type=_World(), metavar="[WORLD]... [PYTEST OPTION...]")
def command(worlds: tuple[str, ...]) -> None:
    """Judge Worlds: names (see `world-conformance list`), NAME@VERSION, or folders of your own.

    `world-conformance test redis -k step_completed` is `pytest --world=redis -k step_completed`, for people
    who do not use pytest otherwise. A folder with a world.toml is a World; one with only a package.json is a
    checkout of a package that exports createWorld (--world-path). From the first option on all words are
    pytest's: `pytest --help` lists those of the suite, which begin with --world. Without a WORLD those of
    world-conformance.toml, or of [tool.world-conformance] in pyproject.toml, are judged.

    \b
    world-conformance test redis
    world-conformance test redis --world-level=storage --world-record=run.jsonl
    world-conformance test ./packages/redis -n 2
    """
    import pytest  # noqa: PLC0415 (slow to import, and other commands do not need it)

    first = next((place for place, word in enumerate(worlds) if word.startswith("-")), len(worlds))
    named = [*map(_option, worlds[:first])]
    if not named and not _names_one(worlds[first:]):
        named = _configured()
        if not named:
            raise click.UsageError("name a World first, such as: world-conformance test redis")
    arguments = [*named, *worlds[first:]]
    sys.argv = ["pytest", *arguments]  # what the record says was run
    os.environ[STARTED_BY_TEST] = "1"
    sys.exit(int(pytest.main([*arguments, "-W", _QUIET])))


def _names_one(words: Sequence[str]) -> bool:
    """Whether the options for pytest say which World is judged."""
    from conformance.plugin.settings import WHICH_WORLD  # noqa: PLC0415 - heavy

    which = {"--world", *(f"--world-{key}" for key in (*WHICH_WORLD, "replay"))}
    return any(word.partition("=")[0] in which for word in words)


def _option(word: str) -> str:
    """A World as pytest is given it."""
    folder = Path(word).expanduser()
    is_package = (folder / "package.json").is_file() and not (folder / _WORLD_FILE).is_file()
    return f"--world-path={folder}" if is_package else f"--world={word}"


def _configured() -> list[str]:
    """The World that a file names, as pytest is given it. Raises ``click.UsageError``."""
    from conformance.plugin.settings import WHICH_WORLD, keys  # noqa: PLC0415 - heavy

    _, values = settings()
    options = keys()
    given = [(options[key].name, values[key]) for key in WHICH_WORLD if key in values]
    return [
        f"{name}={each}" for name, value in given for each in ([value] if isinstance(value, str) else value)
    ]
