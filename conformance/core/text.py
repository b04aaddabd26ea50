"""Making text from outside fit to be shown: redacted, printable and bounded.

A world under test writes log lines, error messages and event data; all of it ends up in a terminal,
a web page or a pull-request comment. It is redacted and made printable (:mod:`conformance.core.redact`), and
long text is cut with a count of what is missing. Escaping for HTML, XML or Markdown is the renderers' part.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from conformance.core.redact import REDACTED, encodable, is_plain, is_telling, printable, redact, shown

__all__ = [
    "bound", "clean", "clean_data", "encodable", "error_line", "hides", "is_ours", "one_line", "printable",
    "redact", "unplaced", "xml_safe",
]  # fmt: skip

#: The longest single text kept in a record, in characters.
TEXT_LIMIT: Final = 4_000
#: How deep nested data is shown.
DEPTH_LIMIT: Final = 8

#: One name on the way to a file.
_STEP: Final = r"/[^\s/:'\"()<>|]+"
_PLACES: Final = (
    ("/node_modules/", re.compile(rf"(?:file://)?(?:{_STEP})+?/node_modules/"), "node_modules/"),
    ("/conformance/hosts", re.compile(rf"(?:file://)?(?:{_STEP})+?/conformance/hosts"), "conformance/hosts"),
    ("/world-conformance-", re.compile(rf"(?:{_STEP})*?/world-conformance-[\w-]+"), "…"),
    (f"{Path.home()}/", re.compile(re.escape(f"{Path.home()}/")), "~/"),
)


def unplaced(text: str) -> str:
    """``text`` without where on this machine packages, hosts and scratch folders lie."""
    for part, pattern, instead in _PLACES:
        if part in text:
            text = pattern.sub(instead, text)
    return text


def bound(text: str, limit: int = TEXT_LIMIT) -> str:
    """At most ``limit`` characters of ``text``, and how many are missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … [{len(text) - limit:,} more characters]"


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Redacted, printable and bounded. Looks only at the part that can be kept, so 10 MB cost nothing."""
    if len(text) <= limit:
        # Nearly all text is plain: one look is enough for it.
        return text if is_plain(text) else shown(text)
    # Redact past the cut, so that a secret is not halved by it and missed.
    kept = shown(text[: limit + 2_000])[:limit]
    return f"{kept} … [{len(text) - limit:,} more characters]"


def one_line(text: str, limit: int = 300) -> str:
    """:func:`clean`, with all white space made single blanks."""
    return bound(" ".join(clean(text, 4 * limit).split()), limit)


def error_line(error: BaseException, limit: int = 200) -> str:
    """An error in one short line, without a secret: ``ConnectionError: Connection refused``."""
    return one_line(f"{type(error).__name__}: {error}", limit)


def hides(key: Any, value: Any) -> bool:
    """Whether an entry of data is a secret by its name, such as ``{"apiKey": "…"}``."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and is_telling(str(key))


#: Fields whose words are the suite's own. A reader goes by them, so a secret that is such a word stays there.
_OUR_FIELDS: Final = frozenset(
    {"kind", "check", "verdict", "severity", "level", "variant", "part", "how", "rules", "also", "rule"}
)
_OUR_WORD: Final = re.compile(r"[a-z][a-z0-9.+-]{0,60}")


def is_ours(key: Any, value: Any) -> bool:
    """Whether an entry of a line is a word of the suite's own (``"check": "convergence"``)."""
    words = value if isinstance(value, list) else [value]
    return key in _OUR_FIELDS and all(isinstance(word, str) and _OUR_WORD.fullmatch(word) for word in words)


def clean_data(data: Any, limit: int = TEXT_LIMIT, depth: int = DEPTH_LIMIT, items: int = 100) -> Any:
    """JSON-like ``data`` with every text in it cleaned, and bounded in depth and in items a level."""
    if isinstance(data, str):
        return clean(data, limit)
    if isinstance(data, dict):
        if depth == 0:
            return f"… [{len(data)} keys]"
        kept = {
            clean(str(key), 200): _clean_entry(key, value, limit, depth - 1, items)
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


def _clean_entry(key: Any, value: Any, limit: int, depth: int, items: int) -> Any:
    if is_ours(key, value):
        return value
    return REDACTED if hides(key, value) else clean_data(value, limit, depth, items)


#: What XML 1.0 cannot hold, even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """``text`` without the characters that XML cannot hold; escaping is the writer's part."""
    return _NOT_XML.sub("", text)
