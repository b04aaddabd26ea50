"""The words of a command line that name one world and what is behind it: typed, recorded, typed again.

The words that :func:`asked_words` gives hold no secret: :data:`HIDDEN` stands in its place. It is refused
when they are read again, with the option that has to be filled in.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.core.errors import UnknownWorld
from conformance.core.text import redact
from conformance.provision.catalog.find import SEARCH_PATH, is_path, names

if TYPE_CHECKING:
    from conformance.provision.catalog.code import Code
    from conformance.provision.catalog.target import OptionValue, Target

#: What stands in the place of a secret.
HIDDEN: Final = "***"
_WORD: Final = re.compile(
    r"--(world(?:-(?:path|package|class|manifest|option|service|service-url))?)=(.*)", re.DOTALL
)
_SHELL: Final = "--world-manifest-shell"
_PLAIN: Final = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?::reference|@[\w.+-]+)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """How one world was asked for, in the words of the user; what was not given is empty.

    ``options`` are ``KEY=VALUE``. ``service`` is ``--world-service``, ``service_url`` the address in use.
    """

    world: str = ""
    path: str = ""
    package: str = ""
    cls: str = ""
    manifest: str = ""
    shell: bool = False
    options: tuple[str, ...] = ()
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
    """The inverse of :func:`asked_words`. Raises :class:`UnknownWorld` for words of any other kind."""
    read = _Read()
    for word in (word for word in words if word != _SHELL):
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
        shell=_SHELL in words,
        options=tuple(read.values.get("world-option", ())),
        service=read.one("world-service"),
        service_url=read.one("world-service-url"),
    )


def asked_words(target: Target, code: Code | None, *, service: str = "", service_url: str = "") -> list[str]:
    """The options of pytest that name ``target`` again, in the version that ran, with no secret in them.

    ``service`` is what ``--world-service`` said, ``service_url`` the user's own server if it was used.
    """
    asked = target.asked
    ran = code.version if code is not None and code.implementation == "package" else ""
    words: list[str] = []
    if asked.package:
        package = target.package or asked.package
        words += [f"--world={asked.world}"] if asked.world else []
        words.append(f"--world-package={package}@{ran}" if ran else f"--world-package={asked.package}")
    elif asked.path or asked.cls:
        words += [f"--world={asked.world}"] if asked.world else []
        words.append(f"--world-path={asked.path}" if asked.path else f"--world-class={asked.cls}")
    elif asked.manifest:
        words += [f"--world={asked.world}", f"--world-manifest={asked.manifest}"]
        words += [_SHELL] if asked.shell else []
    else:
        words.append(f"--world={_exact(target, code)}")
    words += [f"--world-option={_hidden(option_text(*pair))}" for pair in target.options.items()]
    words += [f"--world-service={service}"] if service else []
    words += [f"--world-service-url={redact(service_url)}"] if service_url else []
    return words


def _exact(target: Target, code: Code | None) -> str:
    """The word of ``--world``, made to mean what ran: another day, what it means by itself may be another."""
    word = target.asked.world or target.label
    if code is None or target.implementation != "package" or target.version is not None:
        return word
    if code.implementation == "reference" and target.descriptor.engine != "memory":
        return f"{word}:reference"
    package = target.descriptor.package
    moves = package is not None and package.version is None and code.implementation == "package"
    return f"{word}@{code.version}" if moves else word


def option_text(key: str, value: OptionValue) -> str:
    """``KEY=VALUE`` that is read back as this very value: ``true``, not ``True``, and the text ``"1"``."""
    text = value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, str):
        try:
            misread = isinstance(json.loads(value), str | int | float | bool)
        except ValueError:
            misread = False
        text = json.dumps(value) if misread else value
    return f"{key}={text}"


def _hidden(pair: str) -> str:
    shown = redact(pair)
    if shown == pair or "://" in pair:
        return shown
    return f"{pair.partition('=')[0]}={HIDDEN}"


def refuse_hidden(option: str, value: str) -> None:
    """Raise :class:`UnknownWorld` when a secret was left out of this value and has to be filled in."""
    if HIDDEN in value:
        raise UnknownWorld(
            f"{option}={redact(value)}: a secret was left out here.",
            f"Give {option} with the secret in the place of {HIDDEN}.",
        )


def searched_in(target: Target) -> dict[str, str]:
    """The environment that finds this world by its name: empty unless a folder of the user's holds it."""
    folder, extra = target.descriptor.folder, os.environ.get(SEARCH_PATH, "")
    if not extra or folder is None or is_path(target.asked.world):
        return {}
    own = [Path(part).expanduser().resolve() for part in extra.split(os.pathsep) if part]
    return {SEARCH_PATH: extra} if folder.resolve().parent in own else {}


def completed(asked: Asked, options: Sequence[str], *, url_given: bool) -> Asked:
    """What a record says, with the options of the command line over it; ``url_given``: so is the address.

    Raises :class:`UnknownWorld` for a secret that the record left out and nobody gave.
    """
    given = {option.partition("=")[0] for option in options}
    kept = [option for option in asked.options if option.partition("=")[0] not in given]
    made = replace(asked, options=(*kept, *options), service_url="" if url_given else asked.service_url)
    for option in made.options:
        refuse_hidden("--world-option", option)
    refuse_hidden("--world-service-url", made.service_url)
    if made.service not in ("", "docker", "embedded", "url"):
        raise UnknownWorld(f"The record asks for --world-service={made.service[:40]!r}.", "Give another one.")
    return made
