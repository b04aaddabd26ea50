"""What a world may connect to, and what is said when it wants to go elsewhere.

Allowed is what it was given: its service, every address in its options and variables, and what ``[host]
connects`` of ``world.toml`` names. A server of its own process may always be reached. Hosts and set-ups of
Node and hosts of Python refuse the rest (``guard.cjs``, ``guard.py``).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.core.content import HOSTS
from conformance.core.errors import ConnectionRefused
from conformance.core.redact import redact

Value = str | int | float | bool

_PORTS: Final = {
    "redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432, "mongodb": 27017,
    "mongodb+srv": 27017, "mysql": 3306, "amqp": 5672, "amqps": 5671, "nats": 4222, "http": 80, "ws": 80,
    "https": 443, "wss": 443, "libsql": 443,
}  # fmt: skip
#: What a program that was refused a connection writes, and its status.
_SAID: Final = re.compile(r"refused: this program wanted to ([\w ]+?) to (\S+)")
#: Files of a package that are read to find the names it knows, and bytes of each.
_FILES, _BYTES = 400, 2_000_000
_SUFFIXES: Final = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".py"})
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]{2,60}")
_ADDRESS_NAME: Final = re.compile(r"(?:url|uri|connection_?string|dsn)$", re.IGNORECASE)


def addresses_of(text: str) -> list[str]:
    """The ``host:port`` of an address, several for a list of hosts, or the path of a Unix socket."""
    if text.startswith("/"):
        return [text] if Path(text).is_socket() else []
    scheme, found, rest = text.partition("://")
    if not found or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) or scheme == "file":
        return []
    where = rest.rpartition("@")[2] if scheme not in ("http", "https", "ws", "wss") else rest
    netloc = re.split(r"[/?#]", where, maxsplit=1)[0].rpartition("@")[2]
    default = _PORTS.get(scheme.lower(), 0)
    made = [_with_port(each, default) for each in netloc.split(",") if each]
    for folder in parse_qs(where.partition("?")[2]).get("host", []):
        if folder.startswith("/"):
            made.append(f"{unquote(folder).rstrip('/')}/.s.PGSQL.{urlsplit('x://' + netloc).port or default}")
        else:
            made.append(_with_port(folder, default))
    return made


def _with_port(host: str, default: int) -> str:
    has_port = re.search(r":\d+$", host) is not None and not re.fullmatch(
        r"[0-9a-fA-F:]*::[0-9a-fA-F:]*", host
    )
    return host if has_port else f"{host}:{default}"


def allowed(
    urls: Iterable[str], options: Mapping[str, Value], env: Mapping[str, Value], connects: Iterable[str]
) -> list[str]:
    """All that a world may connect to: ``urls`` of its service, what it was given, ``[host] connects``."""
    found = [address for url in urls for address in addresses_of(url)]
    for values in (options, env):
        found += [each for value in values.values() for each in addresses_of(str(value))]
        # A host and a port that were given apart.
        hosts = [str(value) for name, value in values.items() if re.search(r"host(?:name)?$", name, re.I)]
        ports = [str(value) for name, value in values.items() if re.search(r"port$", name, re.I)]
        found += [f"{host}:{port}" for port in ports if port.isdigit() for host in hosts or ["localhost"]]
    return list(dict.fromkeys([*found, *connects]))


def guarded(env: Mapping[str, str], connects: Iterable[str]) -> dict[str, str]:
    """``env`` with what makes hosts, and Node programs that they start, refuse other connections."""
    guard = HOSTS / "node" / "guard.cjs"
    quoted = str(guard).replace("\\", "\\\\").replace('"', '\\"')
    options = f'--require "{quoted}" {env.get("NODE_OPTIONS", "")}'.strip()
    return {**env, "WORLD_CONNECTS": json.dumps(list(connects)), "NODE_OPTIONS": options}


def said_refused(output: str) -> dict[str, Any] | None:
    """The refusal that a set-up program printed, as a message of a host; None when it printed none."""
    found = _SAID.search(output)
    return {"address": found[2], "how": found[1]} if found is not None else None


def refusal(
    who: str,
    message: Mapping[str, Any],
    connects: Iterable[str],
    given: Mapping[str, Value],
    root: Path | None,
) -> ConnectionRefused:
    """The error of a connection that was refused: where to, what was given, and which name was likely meant.

    ``given`` are the options and variables of the world, ``root`` is the folder of its package.
    """
    address, how = str(message["address"]), str(message.get("how") or "connect")
    sent = ", ".join(redact(each) for each in connects) or "no address at all"
    doing = {"look up": f"look up {address}", "send": f"send to {address}"}.get(how, f"connect to {address}")
    meant = " ".join(_meant(given, root))
    example = address if ":" in address or address.startswith("/") else f"{address}:*"
    return ConnectionRefused(
        f"{who} wanted to {doing}, which it was not given (it was given {sent}). "
        f"It was stopped before anything was sent. {meant}".rstrip(),
        f'If it is right so, allow it in world.toml: [host] connects = ["{example}"]',
    )


def _meant(given: Mapping[str, Value], root: Path | None) -> list[str]:
    """Names that were given and that the package does not know, each with the one that it does."""
    known = names_in(root) if root is not None else set()
    if not known:
        return []
    hints = []
    unknown = [name for name in given if name not in known]
    for name in unknown:
        meant = near(name, known - given.keys()) or "."
        hints.append(f"{name!r} was given, and nothing in the package is called so{meant}")
    if not unknown and not any(_ADDRESS_NAME.search(name) for name in given):
        reads = sorted(name for name in known - given.keys() if _ADDRESS_NAME.search(name) and len(name) > 4)
        if reads:
            hints.append(f"No address was given; the package has the names {', '.join(reads[:6])}.")
    return hints


def near(name: str, known: Iterable[str]) -> str:
    """``: did you mean 'REDIS_URL'?``, or nothing when no name that is known is like it."""
    alike = sorted(each for each in known if _alike(each, name))
    close = difflib.get_close_matches(name, alike, n=1, cutoff=0.6)
    return f": did you mean {close[0]!r}?" if close else ""


def _alike(one: str, other: str) -> bool:
    """Variables are meant for variables (``REDIS_URL``), options for options (``redisUrl``)."""
    return one.isupper() == other.isupper()


def names_in(root: Path) -> set[str]:
    """Every name in the source of a package (a folder or a file), without what it depends on."""
    files = [root] if root.is_file() else sorted(root.rglob("*"))
    own = [
        file
        for file in files
        if file.suffix in _SUFFIXES and "node_modules" not in file.relative_to(root).parts and file.is_file()
    ]
    found: set[str] = set()
    for file in own[:_FILES]:
        with file.open(encoding="utf-8", errors="replace") as source:
            found.update(_NAME.findall(source.read(_BYTES)))
    return found
