"""The published versions of a package: which there are, which are newest, which a person named.

The registry is asked through the user's own npm, so that its configuration holds here too.
"""

from __future__ import annotations

import difflib
import json
import re
import subprocess

from conformance.core.errors import CannotInstall, ConformanceError
from conformance.provision.node import npm_command

_TIMEOUT = 120.0
_LAST = re.compile(r"last:([1-9]\d*)")


def published(package: str) -> list[str]:
    """Every version on the registry, the oldest release line first. Raises :class:`CannotInstall`."""
    try:
        done = subprocess.run(
            [*npm_command(), "view", package, "versions", "--json", "--loglevel=error"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        said = json.loads(done.stdout or "null")
    except subprocess.TimeoutExpired as error:
        raise CannotInstall(
            f"npm did not say the versions of {package} in {_TIMEOUT:.0f} s.", "Is the registry slow?"
        ) from error
    except OSError as error:
        raise CannotInstall(f"npm does not start: {error.strerror}.", "Check `npm --version`.") from error
    except ValueError:
        said = None
    if done.returncode == 0 and isinstance(said, str):
        said = [said]  # npm says a single version without a list
    if done.returncode != 0 or not isinstance(said, list):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise CannotInstall(
            f"npm could not say the versions of {package}: {last}", "Is it on the registry, and reachable?"
        )
    return sorted((str(each) for each in said), key=order)


def choose(wanted: str, package: str) -> list[str]:
    """The versions that ``wanted`` names, oldest first: ``all``, ``last:10``, or ``4.1.4,4.2.0``.

    Raises :class:`ConformanceError` for a word that is neither, and for a version that was not published.
    """
    known = published(package)
    if wanted.strip() == "all":
        return known
    last = _LAST.fullmatch(wanted.strip())
    if last is not None:
        return known[-int(last[1]) :]
    named = list(dict.fromkeys(word.strip() for word in wanted.split(",") if word.strip()))
    if not named or wanted.strip().startswith("last:"):
        raise ConformanceError(
            f"--versions={wanted} names none.", "Say all, last:10, or versions with commas."
        )
    for version in named:
        if version not in known:
            close = difflib.get_close_matches(version, known, n=3)
            hint = f"Near it are {', '.join(close)}." if close else f"The newest is {known[-1]}."
            raise ConformanceError(f"There is no {package} {version} on the npm registry.", hint)
    return sorted(named, key=order)


def order(version: str) -> tuple[object, ...]:
    """A key that sorts as semantic versions do: ``4.1.0-beta.9 < 4.1.0-beta.46 < 4.1.0 < 4.1.4``."""
    core, _, before = version.partition("+")[0].partition("-")
    return _parts(core), not before, _parts(before)


def _parts(text: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split(".") if part]
