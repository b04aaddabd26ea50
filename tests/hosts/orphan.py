"""Run by a test in a process of its own, to be killed: opens a host, leaves it in a state, says its pid."""

from __future__ import annotations

import json
import sys
import time

from .driver import Driven

world = json.loads(sys.argv[2])
driven = Driven(world)
if sys.argv[1] == "held":
    driven.start("toy.sequence", "k")
    driven.next()
elif sys.argv[1] == "in service":
    driven.start("toy.pop", "nobody pushes")
    driven.go(driven.next())
print(driven.host.pid, flush=True)
time.sleep(60)
