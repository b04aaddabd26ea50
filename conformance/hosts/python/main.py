"""Start the host: ``python main.py`` with ``WORLD_HOST_IN`` and ``WORLD_HOST_OUT`` set.

The host's files are loaded as one package under a name of its own, so that none of them can hide a module of
the world under test.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run until the suite is gone."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets of strings must repeat, too, and it is fixed when the interpreter starts.
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    if sys.path and Path(sys.path[0]).resolve() == _HERE:
        del sys.path[0]
    spec = importlib.util.spec_from_file_location(
        "_world_host", _HERE / "__init__.py", submodule_search_locations=[str(_HERE)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["_world_host"] = package
    spec.loader.exec_module(package)
    importlib.import_module("_world_host.app").run()


if __name__ == "__main__":
    main()
