"""What the file of options says, for commands that are not pytest (docs/configuration.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


def settings() -> tuple[str, Mapping[str, Any]]:
    """The name of the nearest file, and its values by key. Raises ``click.UsageError``: it has a mistake."""
    import pytest  # noqa: PLC0415 (slow to import, and other commands do not need it)

    from conformance.plugin.settings import read_settings  # noqa: PLC0415 - heavy

    try:
        found = read_settings(Path.cwd())
    except pytest.UsageError as error:
        raise click.UsageError(str(error)) from None
    return found.path.name if found.path is not None else "", found.values


class Configured(click.Command):
    """A command whose options may stand in the file. ``keys`` names the parameter of each key."""

    def __init__(self, *args: Any, keys: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._keys = keys

    def invoke(self, ctx: click.Context) -> Any:
        """Take from the file what the command line leaves out, and say what was taken."""
        from conformance.plugin.settings import WHICH_WORLD  # noqa: PLC0415 - heavy

        file, values = settings()
        # A World is named by the command line or by the file, not by half of each.
        named = any(ctx.params[self._keys[key]] for key in WHICH_WORLD) or bool(ctx.params.get("worlds"))
        parameters = {parameter.name: parameter for parameter in self.params}
        taken = []
        for key, name in self._keys.items():
            if key not in values or ctx.params[name] or (named and key in WHICH_WORLD):
                continue
            value = values[key]
            several = isinstance(ctx.params[name], tuple) and isinstance(value, str)
            ctx.params[name] = parameters[name].type_cast_value(ctx, [value] if several else value)
            taken.append(key)
        if taken:
            click.echo(f"from {file}: {', '.join(taken)}")
        return super().invoke(ctx)
