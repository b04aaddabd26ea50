"""pytest as a user starts it: without the plugins that only this project's own tests need."""

from __future__ import annotations

import sys

#: Options that leave out the cache, and plugins that a user does not have or that are slow to import here.
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:anyio")
PYTEST = (sys.executable, "-m", "pytest", *OPTIONS)
