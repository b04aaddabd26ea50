"""The code of a script: what plays the recorded calls, and the Node host. esbuild makes each one file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from conformance.core.content import HOSTS
from conformance.core.errors import CannotInstall
from conformance.provision.catalog.install import Progress, installed, silent
from conformance.provision.node import find_node
from conformance.provision.services.command import CommandTimeout, run_command

#: What plays, and the lock that pins esbuild.
_JS: Final = Path(__file__).parent / "js"
#: Paths in the bundle are written from here.
_BASE: Final = _JS.parents[1]
_LIMIT: Final = 60.0
_ALL: Final = ("--bundle", "--platform=node", "--target=node20", "--charset=utf8", "--log-level=error")
_PLAYER: Final = ("--format=esm", "--legal-comments=inline")
_HOST: Final = ("--format=cjs", "--minify", "--line-limit=400")
#: A script has no runtime and no engine: statements with these labels are left out. It is kept short, so that
#: an issue can hold it.
_LABELS: Final = ("RUNTIME", "ENGINE")
#: The label of what is there for streams only.
_STREAMS: Final = "STREAMS"
#: Gates that the host loads when a World asks for them. Those that it does not ask for are left out.
_GATES: Final = frozenset({"fs", "libsql", "mongodb", "mysql", "postgres", "redis"})


def bundler(progress: Progress = silent) -> Path:
    """esbuild, installed now if it was not. Raises :class:`CannotInstall`."""
    return installed(_JS, "esbuild", progress=progress) / "node_modules" / "esbuild" / "bin" / "esbuild"


def bundle(gates: Iterable[str], *, streams: bool) -> tuple[str, str]:
    """``(player, host)``: the code that plays, for people to read, and a function that is the Node host.

    ``gates``: what the World asks for, with its protocol. ``streams``: whether a call is one of a stream.
    Raises :class:`CannotInstall` without esbuild.
    """
    wanted = {"mysql" if gate == "mariadb" else gate for gate in gates}
    unused = sorted(_GATES - wanted) + ([] if streams else ["streams"])
    left_out = [f"--external:./{name}.mjs" for name in unused]
    dropped = f"--drop-labels={','.join(_LABELS if streams else (*_LABELS, _STREAMS))}"
    # No names of files and tabs, for an issue takes so many characters. A line inside a text of the player
    # begins at the margin.
    player = re.sub(r"(?m)^// (?:repro|hosts)/\S+\n", "", _esbuild(_JS / "main.mjs", (*_PLAYER, dropped)))
    player = re.sub("(?m)^(?:  )+", lambda at: "\t" * (len(at[0]) // 2), player)
    host = _esbuild(HOSTS / "node" / "main.mjs", (*_HOST, dropped, *left_out))
    return player, f"function host(require) {{\n{host}}}\n"


def _esbuild(entry: Path, options: tuple[str, ...]) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "bundle.js"
        command = [find_node(), str(bundler()), str(entry), *_ALL, *options, f"--outfile={made}"]
        try:
            status, said = run_command(command, cwd=_BASE, limit=_LIMIT)
        except CommandTimeout as error:
            raise CannotInstall(f"esbuild did not bundle {entry.name}: {error}.") from error
        if status != 0:
            raise CannotInstall(f"esbuild could not bundle {entry.name}:\n  {said.strip()[-600:]}")
        return made.read_text(encoding="utf-8")
