"""The one redaction: what is written or printed holds no secret and steers no terminal.

Two things make a text a secret. It is *known* to be one: the password of an address that the user gave, an
option or an environment variable that is named like a secret (:func:`know_url`, :func:`know_named`). Or it
*looks* like one: the user part of a URL, ``password=…``, ``Authorization: Bearer …``, a key with a prefix
that only keys have. :func:`redact` takes out both. :func:`shown` also takes out escape sequences and control
characters, and is what every text from outside passes through before it is shown.
"""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

REDACTED: Final = "***"

# -- names --------------------------------------------------------------------------------------------

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: A name that holds one of these (without its separators) names a secret.
_TELLING: Final = (
    "password", "passwd", "passphrase", "secret", "credential", "apikey", "accesskey", "privatekey",
    "authtoken", "accesstoken", "refreshtoken",
)  # fmt: skip
#: So does one that ends in one of these words, unless the word before says that it is public.
_LAST: Final = frozenset({"token", "key", "pass", "pwd", "auth", "sig", "signature"})
_PUBLIC: Final = frozenset(
    {"public", "idempotency", "primary", "partition", "sort", "cache", "foreign", "routing"}
)


#: where a shell stands and stood: no passwords
_FOLDERS: Final = frozenset({"PWD", "OLDPWD"})


def is_secret_name(name: str) -> bool:
    """Whether an option, a variable or a query parameter of that name holds a secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if is_telling(name):
        return True
    return bool(words) and words[-1] in _LAST and not (len(words) > 1 and words[-2] in _PUBLIC)


def is_telling(name: str) -> bool:
    """Whether a field of any data of that name holds a secret: ``apiKey`` does, ``token`` may be anything."""
    joined = "".join(_WORDS.findall(name)).lower()
    return any(telling in joined for telling in _TELLING)


# -- known secrets ------------------------------------------------------------------------------------

#: Passwords that everybody knows, and words that reports are full of.
_NO_SECRET: Final = frozenset(
    {"password", "postgres", "postgresql", "redis", "mongodb", "mongo", "world", "workflow", "admin", "root",
     "test", "guest", "default", "local", "localhost", "secret", "user", "true", "false", "none", "null"}
)  # fmt: skip
#: A shorter one would be found in words that have nothing to do with it; patterns still redact it.
_SHORTEST: Final = 4
#: From this length on a known secret is redacted inside a word, too.
_LONG: Final = 8


class _Known:
    """The secrets of this process. Filled by several threads."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._lock = threading.Lock()
        self.pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        with self._lock:
            forms = {value, quote(value, safe=""), unquote(value), json.dumps(value)[1:-1]}
            if forms <= self._values:
                return
            self._values |= forms
            ordered = sorted(self._values, key=lambda text: (-len(text), text))
            self.pattern = re.compile("|".join(map(_whole, ordered)))


def _whole(value: str) -> str:
    """A pattern for one secret; a short one must not be a part of a longer word."""
    found = re.escape(value)
    if len(value) >= _LONG:
        return found
    before = r"(?<![A-Za-z0-9])" if value[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if value[-1].isalnum() else ""
    return f"{before}{found}{after}"


_known: Final = _Known()


def know(value: str) -> None:
    """From now on ``value`` is redacted wherever it stands. Short and well-known words are not."""
    if len(value) >= _SHORTEST and value.lower() not in _NO_SECRET and not value.isspace():
        _known.add(value)


def know_url(url: str) -> None:
    """Know the password and the secret parameters of an address; of what is not an address, nothing."""
    _, user, rest = split_user(url)
    name, colon, password = user.partition(":")
    if colon and password != name:
        know(password)
        know(unquote(password))
    elif len(user) >= 16:  # a token in place of a user
        know(user)
    for key, value in parse_qsl(rest.partition("?")[2]):
        if is_secret_name(key):
            know(value)


def split_user(url: str) -> tuple[str, str, str]:
    """``scheme``, ``user:password`` and what follows the ``@``; both are empty for what is not an address.

    The user part of a database's address ends with the last ``@`` before a query: its password may hold
    anything as it is. That of a web address ends before the first ``/``.
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return "", "", url
    if _is_web(scheme):
        stop = min((place for sign in "/?#" if (place := rest.find(sign)) >= 0), default=len(rest))
    else:
        query = rest.find("?", rest.find("@") + 1)
        stop = query if query >= 0 else len(rest)
    at = rest.rfind("@", 0, stop)
    return (scheme, rest[:at], rest[at + 1 :]) if at >= 0 else (scheme, "", rest)


def know_named(name: str, value: object) -> None:
    """Know the value of an option or a variable that is named like a secret, or that is an address."""
    if not isinstance(value, str):
        return
    if is_secret_name(name):
        know(value)
    know_url(value)


def know_environment(environ: Mapping[str, str]) -> None:
    """Know every secret that the environment holds: a program that we start may print it."""
    for name, value in environ.items():
        if name in _FOLDERS or not is_secret_name(name):
            continue
        if len(value) >= _LONG and not value.isdigit():
            know(value)


# -- patterns -----------------------------------------------------------------------------------------

_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]{0,30}://"
#: ``scheme://user:password@`` of a database: up to the last ``@``, whatever the password holds.
_AUTHORITY: Final = re.compile(rf"({_SCHEME})([^\s\"'<>`]{{0,2000}}@)")
#: The same of the web: a path may hold an ``@`` (``/@scope/name``), and so may a password.
_WEB: Final = re.compile(rf"({_SCHEME})[^\s/?#\"'<>`]{{0,2000}}@")
_WEB_ODD: Final = re.compile(
    rf"({_SCHEME})[^\s/?#@\"'<>`]{{0,2000}}:(?!\d+[/?#])[^\s\"'<>`]{{0,2000}}@(?=[^\s/@]*)"
)
_QUERY: Final = re.compile(r"([?&;])([\w.%\[\]-]{1,60})=([^&\s#\"'<>`]+)")

_NAMED: Final = (
    r"(?:pass(?:word|wd|phrase)|\bpwd|secret|credentials?"
    r"|(?:api|access|private|secret|signing|encryption)[-_]?key"
    r"|(?:auth|access|refresh|bearer|session|client)[-_]?(?:token|secret))"
)
#: In quotes (which may be escaped), or up to what ends a value.
_VALUE: Final = r"(?:(?P<q>\\{0,6}[\"'`])(?:(?!(?P=q))[^\n]){0,2000}(?P=q)|[^\s\"'`,;&}\])<>]{1,2000})"
_ASSIGNED: Final = re.compile(rf"({_NAMED}\\*[\"']?\s{{0,5}}(?:=>|[=:])\s{{0,5}})(?P<v>{_VALUE})", re.I)
_FLAG: Final = re.compile(
    rf"(--[a-z0-9-]{{0,40}}(?:{_NAMED}|token|auth)(?:=|\s{{1,5}}))(?P<v>{_VALUE})", re.I
)
_VARIABLE: Final = re.compile(
    rf"(\b[A-Z][A-Z0-9_]{{0,60}}_(?:TOKEN|KEY|KEY_ID|PASS|AUTH)=|\b_auth\s?=\s?)(?P<v>{_VALUE})"
)
_SQL: Final = re.compile(rf"(\b(?:password|identified\s{{1,5}}by)\s{{1,5}})(?=[\"'])(?P<v>{_VALUE})", re.I)
_HEADER: Final = re.compile(
    r"(authorization\\*[\"']?\s{0,5}[:=]\s{0,5}\\*[\"']?)"
    r"(?:((?:bearer|basic|token|digest|negotiate|apikey)\s{1,5})\S{1,4000}|(?!\s)[^\n\"',;]{1,4000})",
    re.I,
)
_SCHEMES: Final = re.compile(r"\b((?:Bearer|Basic)\s{1,5})[A-Za-z0-9._~+/=-]{8,}")
_KEYS: Final = re.compile(
    r"\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|sk-[A-Za-z0-9_-]{20,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"
)
_PEM: Final = re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?:(?!-----END)[\s\S]){1,20000}")

#: What redaction may have to do with; a text without it is left as it is, at the cost of one look.
_SUSPECT: Final = re.compile(
    r"://|[?&;][\w.%\[\]-]+=|passw|passp|pwd|secret|token|[-_]?key|credential|auth|bearer|basic|identified|_PASS="
    r"|gh[opsur]_|github_pat_|glpat-|npm_|sk-|[sr]k_|xox|AKIA|AIza|eyJ|-----BEGIN",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """``text`` without the secrets in it: those that are known, and what looks like one."""
    if _known.pattern is not None:
        text = _known.pattern.sub(REDACTED, text)
    if _SUSPECT.search(text) is None:
        return text
    if "@" in text and "://" in text:
        text = _AUTHORITY.sub(_authority, text)
        text = _WEB.sub(rf"\1{REDACTED}@", text)
        text = _WEB_ODD.sub(rf"\1{REDACTED}@", text)
    text = _QUERY.sub(_parameter, text)
    for pattern in (_ASSIGNED, _FLAG, _VARIABLE, _SQL):
        text = pattern.sub(_assigned, text)
    text = _HEADER.sub(lambda found: f"{found[1]}{found[2] or ''}{REDACTED}", text)
    text = _SCHEMES.sub(rf"\1{REDACTED}", text)
    text = _PEM.sub(rf"\1 {REDACTED} ", text)
    return _KEYS.sub(REDACTED, text)


def _is_web(scheme: str) -> bool:
    return scheme.lower().rpartition("+")[2] in ("http", "https", "ws", "wss", "file", "ssh", "git", "npm")


def _authority(found: re.Match[str]) -> str:
    return found[0] if _is_web(found[1].removesuffix("://")) else f"{found[1]}{REDACTED}@"


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}={REDACTED}" if is_secret_name(found[2]) else found[0]


def _assigned(found: re.Match[str]) -> str:
    mark = found["q"] or ""
    return f"{found[1]}{mark}{REDACTED}{mark}"


# -- values and commands ------------------------------------------------------------------------------


def redact_value(name: str, value: Any) -> Any:
    """The value of an option as it may be written: :data:`REDACTED` for a secret, else redacted text."""
    if value is not None and not isinstance(value, bool) and is_secret_name(name):
        return REDACTED
    return redact(value) if isinstance(value, str) else value


def redact_pair(pair: str) -> str:
    """``KEY=VALUE`` with the value redacted by the key's name."""
    key, equals, value = pair.partition("=")
    return f"{key}={redact_value(key, value)}" if equals else redact(pair)


def redact_command(words: Iterable[str]) -> str:
    """A command line as it may be written; the pairs of ``--world-option`` are redacted by their names."""
    said: list[str] = []
    pair_follows = False
    for word in words:
        flag, equals, pair = word.partition("=")
        if pair_follows:
            said.append(redact_pair(word))
        elif flag in _PAIR_OPTIONS and equals:
            said.append(f"{flag}={redact_pair(pair)}")
        else:
            said.append(redact(word))
        pair_follows = word in _PAIR_OPTIONS
    return shlex.join(said).replace(f"'{REDACTED}'", REDACTED)


_PAIR_OPTIONS: Final = frozenset({"--world-option", "--world-env", "--option", "--env"})

# -- characters ---------------------------------------------------------------------------------------

_ESCAPES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC … BEL or ST (window titles, links)
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]"  # CSI and the two-character escapes
)
#: Control characters but tab and newline, and the marks that reorder or hide text.
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def is_plain(text: str) -> bool:
    """Whether :func:`shown` would leave ``text`` as it is, found with one look at most."""
    return text.isascii() and text.isprintable() and _known.pattern is None and not _SUSPECT.search(text)


def printable(text: str) -> str:
    """``text`` without escape sequences, control characters and marks that reorder it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return encodable(_CONTROLS.sub("", _ESCAPES.sub("", text)))


def encodable(text: str) -> str:
    """``text`` with lone surrogates, which UTF-8 cannot hold, replaced."""
    return _SURROGATES.sub("\ufffd", text)


def shown(text: str) -> str:
    """``text`` redacted and printable: fit for a terminal, a file and a page (which still escapes it)."""
    return redact(printable(text))
