"""Check the types of the hosts' JavaScript: ``python -m tests.hosts.check_js``.

TypeScript comes from the lock file beside this one, through the same cache as the worlds' packages.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.core.content import HOSTS
from conformance.provision.catalog.install import installed
from conformance.provision.catalog.node import find_node

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
    """Run the compiler over every host file; its exit status."""
    modules = installed(_HERE, "typescript", progress=print) / "node_modules"
    files = sorted(str(path) for path in (HOSTS / "node").rglob("*.[mc]js"))
    command = [find_node(), str(modules / "typescript" / "bin" / "tsc"), *_FLAGS]
    done = subprocess.run([*command, "--typeRoots", str(modules / "@types"), *files], check=False)
    print(f"{len(files)} files of JavaScript: {'as they should be' if done.returncode == 0 else 'see above'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
