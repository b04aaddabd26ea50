"""Making text from outside fit to be shown: redacted, printable and bounded.

A world under test writes log lines, error messages and event data; all of it ends up in a terminal,
a web page or a pull-request comment. Three things are done to it, each by one function here:
credentials in URLs are redacted, escape sequences and control characters are taken out, and long
text is cut with a count of what is missing. Escaping for HTML, XML or Markdown is the renderers' part.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

#: The longest single text kept in a record, in characters.
TEXT_LIMIT: Final = 4_000
#: How deep nested data is shown.
DEPTH_LIMIT: Final = 8

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

_REDACTED: Final = "***"
#: ``scheme://user:password@``: the password may hold ``@``.
_AUTHORITY: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s/?#\"'<>`]{0,2000}@")
#: The same where the password holds ``/``, ``?`` or ``#`` as it is (not a port and a path with an ``@``).
_AUTHORITY_ODD: Final = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s/?#@\"'<>`]{0,2000}:(?!\d+[/?#])[^\s\"'<>`]{0,2000}@"
)
_SECRET_WORDS: Final = r"(?:auth_?token|access_?token|token|password|passwd|pwd|secret|api_?key|access_?key)"
_QUERY: Final = re.compile(rf"([?&;]{_SECRET_WORDS}=)[^&\s#\"'<>`]+", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    r"((?:password|passwd|secret|api_?key|auth_?token|access_?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+",
    re.IGNORECASE,
)
_AUTHORIZATION: Final = re.compile(r"\b((?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}")

#: What :func:`redact` may have to do with; plain text without it is left as it is.
_SUSPECT: Final = re.compile(r"://|passw|pwd|secret|token|api_?key|access_?key|bearer|basic", re.IGNORECASE)


#: One name on the way to a file.
_STEP: Final = r"/[^\s/:'\"()<>|]+"
_PLACES: Final = (
    ("/node_modules/", re.compile(rf"(?:file://)?(?:{_STEP})+?/node_modules/"), "node_modules/"),
    ("/conformance/hosts", re.compile(rf"(?:file://)?(?:{_STEP})+?/conformance/hosts"), "conformance/hosts"),
    ("/world-conformance-", re.compile(rf"(?:{_STEP})*?/world-conformance-[\w-]+"), "…"),
    (f"{Path.home()}/", re.compile(re.escape(f"{Path.home()}/")), "~/"),
)


def redact(text: str) -> str:
    """``text`` without the credentials in it: those of URLs, and what is plainly named a secret."""
    if "://" in text:
        text = _AUTHORITY.sub(rf"\1{_REDACTED}@", text)
        text = _AUTHORITY_ODD.sub(rf"\1{_REDACTED}@", text)
        text = _QUERY.sub(rf"\1{_REDACTED}", text)
    text = _ASSIGNED.sub(rf"\1{_REDACTED}", text)
    return _AUTHORIZATION.sub(rf"\1{_REDACTED}", text)


def unplaced(text: str) -> str:
    """``text`` without where on this machine packages, hosts and scratch folders lie."""
    for part, pattern, instead in _PLACES:
        if part in text:
            text = pattern.sub(instead, text)
    return text


def printable(text: str) -> str:
    """``text`` without escape sequences, control characters and marks that reorder it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return encodable(_CONTROLS.sub("", _ESCAPES.sub("", text)))


def encodable(text: str) -> str:
    """``text`` with lone surrogates, which UTF-8 cannot hold, replaced."""
    return _SURROGATES.sub("\ufffd", text)


def bound(text: str, limit: int = TEXT_LIMIT) -> str:
    """At most ``limit`` characters of ``text``, and how many are missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … [{len(text) - limit:,} more characters]"


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Redacted, printable and bounded. Looks only at the part that can be kept, so 10 MB cost nothing."""
    if len(text) <= limit:
        # Nearly all text is plain: one look is enough for it.
        plain = text.isascii() and text.isprintable() and not _SUSPECT.search(text)
        return text if plain else redact(printable(text))
    # Redact past the cut, so that a secret is not halved by it and missed.
    kept = redact(printable(text[: limit + 2_000]))[:limit]
    return f"{kept} … [{len(text) - limit:,} more characters]"


def one_line(text: str, limit: int = 300) -> str:
    """:func:`clean`, with all white space made single blanks."""
    return bound(" ".join(clean(text, 4 * limit).split()), limit)


def clean_data(data: Any, limit: int = TEXT_LIMIT, depth: int = DEPTH_LIMIT, items: int = 100) -> Any:
    """JSON-like ``data`` with every text in it cleaned, and bounded in depth and in items a level."""
    if isinstance(data, str):
        return clean(data, limit)
    if isinstance(data, dict):
        if depth == 0:
            return f"… [{len(data)} keys]"
        kept = {
            clean(str(key), 200): clean_data(value, limit, depth - 1, items)
            for key, value in list(data.items())[:items]
        }
        if len(data) > items:
            kept["…"] = f"{len(data) - items} more keys"
        return kept
    if isinstance(data, list | tuple):
        if depth == 0:
            return f"… [{len(data)} items]"
        shown = [clean_data(value, limit, depth - 1, items) for value in data[:items]]
        if len(data) > items:
            shown.append(f"… [{len(data) - items} more items]")
        return shown
    return data


#: What XML 1.0 cannot hold, even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """``text`` without the characters that XML cannot hold; escaping is the writer's part."""
    return _NOT_XML.sub("", text)
