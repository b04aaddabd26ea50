"""The address of a server as its user gave it, checked and made fit for every client."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from conformance.core.errors import NoService
from conformance.core.redact import know_url, redact, split_user


def checked(url: str) -> str:
    """``url`` with what is odd in its user and password encoded; both are known as secrets from now on.

    A password may hold ``/``, ``@`` or ``#`` as they are, which clients take for the end of it. Raises
    :class:`NoService` for what is not an address.
    """
    know_url(url)
    scheme, user, rest = split_user(url)
    if user:
        name, colon, password = user.partition(":")
        url = f"{scheme}://{_encoded(name)}{colon}{_encoded(password)}@{rest}"
    try:
        _ = urlsplit(url).port
        fine = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url) is not None and url.isprintable()
    except ValueError:
        fine = ":" in rest and "," in rest.partition("/")[0]  # a list of servers, each with its port
    if not fine:
        raise NoService(f"{redact(url)!r} is not an address.", "Write it as KIND://HOST:PORT/NAME.")
    return url


def _encoded(text: str) -> str:
    """What is encoded already stays, and a ``%`` that encodes nothing is a character."""
    return re.sub(r"%(?![0-9A-Fa-f]{2})|[^%]", lambda found: quote(found[0], safe="!$&'()*+,;=-._~"), text)
