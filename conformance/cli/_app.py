"""The command ``world-conformance``: a file beside this one is a command.

``new_world.py`` is the command ``new-world``: it holds one click command of that name. Its module docstring
begins with the command in double back quotes, a colon, and what it does. The list of commands shows that
line, so it needs no import; only the command that is run is imported.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
import traceback
from pathlib import Path

import click

from conformance import __version__
from conformance.core.errors import ConformanceError
from conformance.core.exits import INTERNAL, INTERRUPTED, USAGE
from conformance.core.redact import know_environment

_FOLDER = Path(__file__).parent


class Commands(click.Group):
    """Commands found as files."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return sorted(
            file.stem.replace("_", "-") for file in _FOLDER.glob("*.py") if not file.stem.startswith("_")
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"conformance.cli.{cmd_name.replace('-', '_')}")
        found = (value for value in vars(module).values() if isinstance(value, click.Command))
        return next((command for command in found if command.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _says(name)) for name in self.list_commands(ctx)])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`world-conformance --world=redis`, as a container is run: the options of a run mean ``test``."""
        if args and args[0].startswith("--world"):
            args = ["test", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib  # noqa: PLC0415 (only for the mistyped)

        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            from conformance.provision.catalog.find import names  # noqa: PLC0415 (only for the mistyped)

            close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            meant = f"test {name}" if name in names() else close[0] if close else ""
            ctx.fail(f"No such command {name!r}.{f' Did you mean {meant!r}?' if meant else ''}")
        return super().resolve_command(ctx, args)


def _says(name: str) -> str:
    """What a command's file says it does, read without importing it."""
    tree = ast.parse((_FOLDER / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8"))
    first = (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ")
    said = first.partition("``: ")[2] or first
    return said[:1].upper() + said[1:]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
The suite itself runs under pytest, in any directory:
  pytest --world=memory             the reference in memory: no Node, no service
  pytest --world=redis              a published package, with the Redis it needs
  pytest --world-path ./my-world    a checkout of your own
`world-conformance test redis` is the same, for people who do not use pytest otherwise.
Begin with `world-conformance doctor`, which says what this machine has.
""",
)
@click.version_option(__version__, prog_name="world-conformance")
def cli() -> None:
    """Check which Worlds of the Workflow SDK stay correct when two handlers race."""


def main() -> None:
    """Run the command line; a user's mistake is shown without a traceback (``docs/exit-status.md``)."""
    know_environment(os.environ)
    try:
        status = cli.main(prog_name="world-conformance", standalone_mode=False)
    except ConformanceError as error:
        click.echo(f"error: {error.what}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        status = USAGE
    except click.ClickException as error:
        error.show()
        status = USAGE
    except click.Abort:
        click.echo("stopped", err=True)
        status = INTERRUPTED
    except Exception as error:
        traceback.print_exception(error)
        click.echo("internal error: a defect of the suite, and no verdict about a World", err=True)
        status = INTERNAL
    sys.exit(status if isinstance(status, int) else 0)
