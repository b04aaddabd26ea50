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
from datetime import UTC, date, datetime
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
        """Write one message; values are encoded first. The suite being gone ends the process."""
        line = json.dumps(encode(message), separators=(",", ":"), ensure_ascii=False)
        data = memoryview(line.encode() + b"\n")
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
        self.backlog.extend(decode(json.loads(line)) for line in lines if line.strip())

    def await_go(self, gate: int) -> dict[str, Any]:
        """Block the process until gate number ``gate`` is released; other messages stay in the backlog."""
        seen = 0
        while True:
            while seen < len(self.backlog):
                message = self.backlog[seen]
                if message["type"] == "go" and message["gate"] == gate:
                    del self.backlog[seen]
                    return message
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


def encode(value: Any) -> Any:  # noqa: PLR0911 - one return a type
    """A value of Python as a value of JSON, tagged where needed."""
    if value is None or isinstance(value, str | bool | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, dict):
        encoded = {str(key): encode(item) for key, item in value.items()}
        return {"$object": encoded} if any(key.startswith("$") for key in encoded) else encoded
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return {"$date": f"{aware:%Y-%m-%dT%H:%M:%S}.{aware.microsecond // 1000:03d}Z"}
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "model_dump"):  # a pydantic model
        return encode(value.model_dump(by_alias=True))
    return str(value)


def decode(value: Any) -> Any:
    """The reverse of :func:`encode`; dates become aware datetimes."""
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
