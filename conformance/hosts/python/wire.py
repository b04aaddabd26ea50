"""The two pipes: JSON lines in, JSON lines out, and the values JSON does not have.

Bytes travel as ``{"$bytes": base64}``, dates as ``{"$date": ISO 8601}``, objects with a key that begins with
``$`` as ``{"$object": {...}}``.
"""

from __future__ import annotations

import base64
import json
import os
import select
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

_CHUNK = 1 << 16
_GRACE = 2.0


class Channel:
    """Messages from and to the engine. ``backlog`` holds those that arrived while a gate was awaited."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.incoming = incoming
        self.outgoing = outgoing
        self.backlog: deque[dict[str, Any]] = deque()
        self._pending = b""
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls) -> Channel:
        """The pipes that the engine left open. Children of the world must not hold them."""
        incoming = int(os.environ.pop("WORLD_HOST_IN"))
        outgoing = int(os.environ.pop("WORLD_HOST_OUT"))
        for descriptor in (incoming, outgoing):
            os.set_inheritable(descriptor, False)
        return cls(incoming, outgoing)

    def send(self, message: dict[str, Any]) -> None:
        """Write one message. The suite being gone ends the process."""
        data = memoryview(dumps(message))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self.outgoing, data) :]
            except BrokenPipeError:
                os._exit(0)

    def fill(self) -> None:
        """Read what there is (waiting when there is nothing) into the backlog. End of file exits."""
        data = os.read(self.incoming, _CHUNK)
        if not data:
            os._exit(0)
        *lines, self._pending = (self._pending + data).split(b"\n")
        self.backlog.extend(loads(line) for line in lines if line.strip())

    def await_go(self, gate: int) -> dict[str, Any]:
        """Block the process until gate number ``gate`` is released; other messages stay in the backlog.

        A ``close`` is obeyed at once: a world that is blocked cannot close itself.
        """
        seen = 0
        while True:
            while seen < len(self.backlog):
                message = self.backlog[seen]
                if message["type"] == "go" and message["gate"] == gate:
                    del self.backlog[seen]
                    return message
                if message["type"] == "close":
                    self.send({"type": "done", "id": message["id"]})
                    os._exit(0)
                seen += 1
            self.fill()


def watch_for_end(channel: Channel) -> None:
    """Exit when the suite is gone, even while the world blocks this process in a call of its own."""

    def watch() -> None:
        poll = select.poll()
        poll.register(channel.incoming, 0)  # only the hang-up is reported
        poll.poll()
        # What was sent before the hang-up (a close, say) is still worth its answer.
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline and select.select([channel.incoming], [], [], 0)[0]:
            time.sleep(0.05)
        os._exit(0)

    threading.Thread(target=watch, name="world-host-watch", daemon=True).start()


def dumps(message: Mapping[str, Any]) -> bytes:
    """A message as one line."""
    tags = 0

    def tag(value: Any) -> Any:
        nonlocal tags
        tags += 1
        return _tag(value)

    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False, default=tag, allow_nan=False)
    if text.count('"$') > tags:  # a key of the world's own may begin with $: look at each
        text = json.dumps(_wrap(message), separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode() + b"\n"


def loads(line: bytes) -> dict[str, Any]:
    """A line as a message; dates become aware datetimes."""
    message = json.loads(line)
    decoded: dict[str, Any] = decode(message) if b'"$' in line else message
    return decoded


def _tag(value: Any) -> Any:
    """What JSON does not have, as something it has."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return {"$date": aware.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"}
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "model_dump"):  # a pydantic model
        return value.model_dump(by_alias=True)
    return str(value)


def _wrap(value: Any) -> Any:
    """:func:`_tag` everywhere, and objects with a key that begins with ``$`` wrapped."""
    if isinstance(value, Mapping):
        plain = {str(key): _wrap(item) for key, item in value.items()}
        return {"$object": plain} if any(key.startswith("$") for key in plain) else plain
    if isinstance(value, list | tuple):
        return [_wrap(item) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    tagged = _tag(value)
    return tagged if isinstance(value, bytes | bytearray | memoryview | datetime) else _wrap(tagged)


def decode(value: Any) -> Any:
    """The reverse of tagging."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, item),) = value.items()
        if key == "$bytes":
            return base64.b64decode(item)
        if key == "$date":
            return datetime.fromisoformat(item)
        if key == "$object":
            return {name: decode(inner) for name, inner in item.items()}
    return {key: decode(item) for key, item in value.items()}
