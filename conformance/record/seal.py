"""Whether a record's words were written here: a record may come from anybody, and some words run code.

The words that name a world in a record carry a seal, made with a key that lies in the user's cache. Those of
another machine are shown, never followed, unless they only name a world of the catalogue.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Sequence
from typing import Final

from conformance.provision.catalog.install import cache_dir

_NAME: Final = "record.key"
_BYTES: Final = 32


def seal(words: Sequence[str]) -> str:
    """The seal of ``words``; empty where no key can be kept."""
    key = _key(make=True)
    return _seal(key, words) if key else ""


def is_sealed(words: Sequence[str], said: str) -> bool:
    """Whether ``said`` is the seal of these words, made by this user on this machine."""
    key = _key(make=False)
    return bool(key and said) and hmac.compare_digest(
        _seal(key, words).encode(), said.encode(errors="replace")
    )


def _seal(key: bytes, words: Sequence[str]) -> str:
    return hmac.new(key, json.dumps(list(words)).encode(), "sha256").hexdigest()[:32]


def _key(*, make: bool) -> bytes:
    """The key of this user; empty where there is none and none can be made."""
    file = cache_dir() / _NAME
    try:
        if make and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            # Written under a name of its own and linked: two runs that begin at once agree on one key.
            own = file.with_name(f".{_NAME}-{os.getpid()}")
            own.touch(mode=0o600)
            own.write_bytes(secrets.token_bytes(_BYTES))
            try:
                os.link(own, file)
            except FileExistsError:
                pass
            finally:
                own.unlink()
        key = file.read_bytes()
    except OSError:
        return b""
    return key if len(key) == _BYTES else b""
