"""Check the types of the JavaScript of hosts and scripts: ``python -m tests.hosts.check_js``.

TypeScript comes from the lock file beside this one, through the same cache as the worlds' packages.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import conformance.repro
from conformance.core.content import HOSTS
from conformance.provision.catalog.install import installed
from conformance.provision.node import find_node

_HERE = Path(__file__).parent / "tsc"
_FLAGS = [
    "--noEmit",
    "--allowJs",
    "--checkJs",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2023",
    "--module",
    "nodenext",
    "--moduleResolution",
    "nodenext",
    "--types",
    "node",
]


def main() -> int:
    """Run the compiler over every file; its exit status."""
    modules = installed(_HERE, "typescript", progress=print) / "node_modules"
    scripts = Path(conformance.repro.__file__).parent / "js"
    files = sorted(
        map(str, [*(HOSTS / "node").rglob("*.[mc]js"), *scripts.glob("*.mjs"), *scripts.glob("*.d.ts")])
    )
    command = [find_node(), str(modules / "typescript" / "bin" / "tsc"), *_FLAGS]
    done = subprocess.run([*command, "--typeRoots", str(modules / "@types"), *files], check=False)
    print(f"{len(files)} files of JavaScript: {'as they should be' if done.returncode == 0 else 'see above'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
