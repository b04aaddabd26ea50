"""Check the types of the scripts' JavaScript: ``python -m tests.repro.check_js``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import conformance.repro
from conformance.provision.catalog.install import installed
from conformance.provision.catalog.node import find_node
from tests.hosts.check_js import _FLAGS, _HERE


def main() -> int:
    """Run the compiler of the hosts over every part of a script; its exit status."""
    modules = installed(_HERE, "typescript", progress=print) / "node_modules"
    files = sorted(str(path) for path in (Path(conformance.repro.__file__).parent / "js").rglob("*.mjs"))
    command = [find_node(), str(modules / "typescript" / "bin" / "tsc"), *_FLAGS]
    done = subprocess.run([*command, "--typeRoots", str(modules / "@types"), *files], check=False)
    print(f"{len(files)} files of JavaScript: {'as they should be' if done.returncode == 0 else 'see above'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
