"""The words of a command line that name one world and what is behind it: typed, recorded, typed again.

The words that ``asked_words`` gives hold no secret: :data:`HIDDEN` stands in its place. It is refused
when they are read again, with the option that has to be filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from conformance.core.errors import UnknownWorld
from conformance.core.text import redact
from conformance.provision.catalog.find import names

#: What stands in the place of a secret.
HIDDEN: Final = "***"
_WORD: Final = re.compile(
    r"--(world(?:-(?:path|package|class|manifest|option|env|setup|service|service-url))?)=(.*)", re.DOTALL
)
SHELL: Final = "--world-manifest-shell"
_PLAIN: Final = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?::reference|@[\w.+-]+)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """How one world was asked for, in the words of the user; what was not given is empty.

    ``options`` and ``env`` are ``KEY=VALUE``, ``setup`` is a line of words. ``service`` is
    ``--world-service``, ``service_url`` the address in use.
    """

    world: str = ""
    path: str = ""
    package: str = ""
    cls: str = ""
    manifest: str = ""
    shell: bool = False
    options: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    setup: str = ""
    service: str = ""
    service_url: str = ""

    @property
    def names_code(self) -> bool:
        """Whether it is more than a world of the catalogue: code, options or an address of one's own."""
        plain = _PLAIN.fullmatch(self.world)
        known = plain is not None and plain["name"] in names()
        return not known or self != Asked(world=self.world, service=self.service)


@dataclass(slots=True)
class _Read:
    """The values of each option, while words are read."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        found = self.values.get(name, [])
        if len(found) > 1:
            raise UnknownWorld(
                f"The record gives --{name} {len(found)} times.", "Name the world with --world."
            )
        return found[0] if found else ""


def read_words(words: Sequence[str]) -> Asked:
    """The inverse of ``asked_words``. Raises :class:`UnknownWorld` for words of any other kind."""
    read = _Read()
    for word in (word for word in words if word != SHELL):
        found = _WORD.fullmatch(word)
        if found is None:
            raise UnknownWorld(
                f"The record names its world by {word[:80]!r}.", "Name the world with --world."
            )
        read.values.setdefault(found[1], []).append(found[2])
    return Asked(
        world=read.one("world"),
        path=read.one("world-path"),
        package=read.one("world-package"),
        cls=read.one("world-class"),
        manifest=read.one("world-manifest"),
        shell=SHELL in words,
        options=tuple(read.values.get("world-option", ())),
        env=tuple(read.values.get("world-env", ())),
        setup=read.one("world-setup"),
        service=read.one("world-service"),
        service_url=read.one("world-service-url"),
    )


def refuse_hidden(option: str, value: str) -> None:
    """Raise :class:`UnknownWorld` when a secret was left out of this value and has to be filled in."""
    if HIDDEN in value:
        raise UnknownWorld(
            f"{option}={redact(value)}: a secret was left out here.",
            f"Give {option} with the secret in the place of {HIDDEN}.",
        )


def completed(
    asked: Asked, options: Sequence[str], env: Sequence[str] = (), *, setup: str = "", url_given: bool
) -> Asked:
    """What a record says, with the options, variables and set-up of the command line over it; ``url_given``:
    so is the address.

    Raises :class:`UnknownWorld` for a secret that the record left out and nobody gave.
    """
    made = replace(
        asked,
        options=_over(asked.options, options),
        env=_over(asked.env, env),
        setup=setup or asked.setup,
        service_url="" if url_given else asked.service_url,
    )
    for option in made.options:
        refuse_hidden("--world-option", option)
    for variable in made.env:
        refuse_hidden("--world-env", variable)
    refuse_hidden("--world-setup", made.setup)
    refuse_hidden("--world-service-url", made.service_url)
    if made.service not in ("", "docker", "embedded", "url"):
        raise UnknownWorld(f"The record asks for --world-service={made.service[:40]!r}.", "Give another one.")
    return made


def _over(recorded: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """Pairs of ``KEY=VALUE``: those that were recorded, but what was given by the same name."""
    names = {pair.partition("=")[0] for pair in given}
    return (*(pair for pair in recorded if pair.partition("=")[0] not in names), *given)
