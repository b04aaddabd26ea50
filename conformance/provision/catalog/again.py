"""The words that name a world again, in the version that ran: the inverse of ``asked.py``."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

from conformance.core.text import redact
from conformance.provision.catalog.asked import HIDDEN, SHELL
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.find import SEARCH_PATH, is_path
from conformance.provision.catalog.target import OptionValue, Target


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
        words += [SHELL] if asked.shell else []
    else:
        words.append(f"--world={_exact(target, code)}")
    words += [f"--world-option={_hidden(option_text(*pair))}" for pair in target.options.items()]
    words += [f"--world-env={_hidden(f'{name}={value}')}" for name, value in target.env.items()]
    words += [f"--world-setup={shlex.join(map(redact, target.setup))}"] if target.setup else []
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


def searched_in(target: Target) -> dict[str, str]:
    """The environment that finds this world by its name: empty unless a folder of the user's holds it."""
    folder, extra = target.descriptor.folder, os.environ.get(SEARCH_PATH, "")
    if not extra or folder is None or is_path(target.asked.world):
        return {}
    own = [Path(part).expanduser().resolve() for part in extra.split(os.pathsep) if part]
    return {SEARCH_PATH: extra} if folder.resolve().parent in own else {}
