"""What a process exits with: one table for ``pytest --world…`` and ``world-conformance``.

The numbers of pytest are kept where they mean the same. See docs/exit-status.md.
"""

from __future__ import annotations

from typing import Final

#: all that was asked for was done, and nothing is wrong
OK: Final = 0
#: a World broke a rule that no baseline declares
FAILED: Final = 1
#: stopped by Ctrl-C or a signal
INTERRUPTED: Final = 2
#: a defect of the suite
INTERNAL: Final = 3
#: a mistake in what was asked for, or something that the run needs is not there: nothing was judged
USAGE: Final = 4
#: no test was selected
NOTHING: Final = 5
#: nothing failed, and something could not be judged
INCONCLUSIVE: Final = 6
#: `doctor`: something that the run will need is missing
NOT_READY: Final = 7
