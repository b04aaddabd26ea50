"""The worlds of a record, selected again by what the record says of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from conformance.core.errors import UnknownWorld
from conformance.core.program import program
from conformance.core.text import clean
from conformance.provision.catalog.asked import Asked, completed, read_words
from conformance.provision.catalog.select import select_asked
from conformance.provision.catalog.target import Target
from conformance.record.replays import Replayed


def select_recorded(
    replays: Sequence[Replayed],
    where: str,
    options: Sequence[str],
    env: Sequence[str] = (),
    *,
    setup: str = "",
    url_given: bool,
) -> list[tuple[Target, Replayed]]:
    """Each failure with the world it was found on.

    ``where`` is the record, ``options``, ``env`` and ``setup`` are those of the command line. A record may
    come from anybody. What names code or addresses is followed when this suite wrote it here; else the user
    is shown the words, and decides. Raises :class:`ConformanceError`.
    """
    targets: dict[tuple[str, ...], Target] = {}
    for replayed in replays:
        if replayed.asked not in targets:
            asked = completed(_asked(replayed, where), options, env, setup=setup, url_given=url_given)
            targets[replayed.asked] = replace(select_asked(asked), asked=asked)
    return [(targets[replayed.asked], replayed) for replayed in replays]


def _asked(replayed: Replayed, where: str) -> Asked:
    """How the world of a failure was asked for, if that is to be followed. Raises :class:`UnknownWorld`."""
    if not replayed.asked:
        raise UnknownWorld(
            f"{where} does not say how its world {replayed.world!r} was named.",
            "Name it as in that run, with --world-path, --world-class or --world-package.",
        )
    asked = read_words(replayed.asked)
    if asked.names_code and not replayed.own:
        command = shlex.join([*program(), *replayed.asked, f"--world-replay={where}"])
        raise UnknownWorld(
            f"{where} was not written here, and names more than a world of the catalogue.",
            f"When you trust it: {clean(command)}",
        )
    return asked
