"""The lines of the spec, told apart by the version that a World declares."""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.spec.rows import Line

#: What a run is stamped with when its World declares no version, as the runtime of 4.x does.
UNDECLARED: Final = 2
#: The first version in which values travel and are stored as bytes.
BYTES_SINCE: Final = 2
#: The first version in which the id of an event is its position in the log of its run.
SLOTS_SINCE: Final = 6


class Versions(NamedTuple):
    """Spec versions that belong together, ``first`` to ``last`` (None: and all later ones)."""

    line: Line
    first: int
    last: int | None
    what: str
    source: str


VERSIONS: Final = (
    Versions(4, 1, 1, "runs without a log; only their end can be asked for", "@workflow/world 4.5.0"),
    Versions(4, 2, 2, "events; what is undeclared counts as this", "@workflow/core 4.8.9, runtime/start"),
    Versions(4, 3, 3, "queue messages as CBOR", "@workflow/world 4.5.0, spec-version"),
    Versions(5, 4, 4, "attributes (`attr_set`)", "@workflow/world 5.0.0-beta.37, spec-version"),
    Versions(5, 5, 5, "compressed payloads", "@workflow/world 5.0.0-beta.37, spec-version"),
    Versions(5, 6, 6, "the id of an event is its position in the log", "vercel/workflow#3389 and #3519"),
    Versions(5, 7, None, "an abandoned position is sealed with a `noop`", "vercel/workflow#3634"),
)
#: What releases of the runtime take from a World; they refuse all others before any run.
TAKEN: Final = (
    ("4.8.9", "any, and none"),
    ("5.0.0-beta.55", "6 and 7 (runtime/world-compatibility)"),
)


def stamp(spec_version: int | None) -> int:
    """What runs and events of a World that declares this version, or none, are stamped with."""
    return UNDECLARED if spec_version is None else spec_version


def line_of(spec_version: int | None) -> Line:
    """The line of a World that declares this version, or none."""
    declared = stamp(spec_version)
    for versions in reversed(VERSIONS):
        if declared >= versions.first:
            return versions.line
    return 4
