"""The parts of ``js/`` as one file: their exports and the imports of one another fall away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "js"
_IMPORT: Final = re.compile(r"^import .* from '([^']+)';\n", re.MULTILINE)
_DEFAULT: Final = re.compile(r"^import (\w+) from '([^']+)';\n")
_NAMED: Final = re.compile(r"^import \{ (.*) \} from '([^']+)';\n")
_ALIAS: Final = re.compile(r"^/\*\* @typedef \{import\('\.[^']*'\)\.(\w+)\} \1 \*/\n", re.MULTILINE)
_TYPES: Final = re.compile(r"import\('\.[^']*'\)\.")

#: kind of gate -> its part, and the function that holds
GATES: Final = {
    "net": ("gates/net", "holdSockets"),
    "fs": ("gates/fs", "holdFiles"),
    "libsql": ("gates/libsql", "holdLibsql"),
}


def bundle(gates: Iterable[str]) -> tuple[str, str]:
    """``(imports, code)``: the driver first, then what an actor is; with the gates that the world needs."""
    wanted = [GATES[gate] for gate in gates if gate in GATES]
    parts = ["driver", "outcome", "print", "place", "actor", *(name for name, _ in wanted), "clock"]
    sources = [(_FOLDER / f"{part}.mjs").read_text(encoding="utf-8") for part in parts]
    code = "\n".join(_body(source) for source in sources)
    holds = f"const HOLDS = [{', '.join(function for _, function in wanted)}];\n"
    return _imports(sources), f"{code}\n{holds}"


def _body(source: str) -> str:
    bare = _IMPORT.sub("", source).removeprefix("// @ts-check\n")
    bare = _ALIAS.sub("", bare)
    bare = re.sub(r"^export ", "", bare, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", _TYPES.sub("", bare)).strip() + "\n"


def _imports(sources: Iterable[str]) -> str:
    defaults: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for source in sources:
        for line in _IMPORT.finditer(source):
            if line[1].startswith("."):
                continue
            if found := _DEFAULT.match(line[0]):
                defaults[found[2]] = found[1]
            elif found := _NAMED.match(line[0]):
                named.setdefault(found[2], set()).update(found[1].split(", "))
    lines = []
    for module in sorted({*defaults, *named}):
        names = [defaults[module]] if module in defaults else []
        if module in named:
            names.append(f"{{ {', '.join(sorted(named[module]))} }}")
        lines.append(f"import {', '.join(names)} from '{module}';\n")
    return "".join(lines)
