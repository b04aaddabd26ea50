"""``doctor --clean``: remove from a server of the user's what killed runs have left there."""

from __future__ import annotations

from typing import Final

import click

from conformance.core.errors import ConformanceError
from conformance.core.redact import shown
from conformance.provision.services.address import checked
from conformance.provision.services.kinds import (
    NotReadyError,
    WrongServerError,
    is_known,
    kind_for_url,
    kind_of,
)
from conformance.provision.services.leftovers import left_on, remove
from conformance.provision.services.runs import State

_WHY: Final[dict[State, str]] = {
    "alive": "its run is not over",
    "dead": "its run is over",
    "elsewhere": "of another machine, where its run may not be over",
    "unknown": "of an older release of the suite",
    "foreign": "not of this suite",
}


def clean(url: str | None, *, everything: bool) -> None:
    """Remove what dead runs of this machine left at ``url``, with a line for each; and say what stays.

    ``everything``: also what runs of other machines and of older releases left. Raises
    :class:`ConformanceError` for an address that is missing, wrong or silent.
    """
    if not url:
        raise ConformanceError("--clean: of which server?", "Give it with --world-service-url.")
    url = checked(url)
    name = kind_for_url(url)
    if not is_known(name):
        raise ConformanceError(
            f"{url} is not an address of a database that the suite cleans.",
            "Give redis://, postgres://, mongodb://.",
        )
    kind = kind_of(name)
    try:
        kind.check(url, 5.0)
    except (NotReadyError, WrongServerError) as error:
        raise ConformanceError(f"{url}: {error}", "Start it, or correct the address.") from error
    states: tuple[State, ...] = ("dead", "elsewhere", "unknown") if everything else ("dead",)
    removed = remove(kind, url, states)
    for left in removed:
        click.echo(shown(f"removed {left.name} ({_WHY[left.state]})"))
    for left in left_on(kind, url):
        click.echo(shown(f"kept {left.name} ({_WHY[left.state]})"))
    click.echo(shown(f"{len(removed)} removed from {url}"))
