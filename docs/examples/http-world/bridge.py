"""The World behind HTTP: here the suite's own World on files. Yours is a Worker, a Durable Object, a service.

``python bridge.py HOST PORT FOLDER`` answers ``POST /OBJECT/OPERATION`` with ``{"value": …}`` or
``{"error": {"name", "message", "status"}}``, and ``GET /health`` once it is up.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from conformance.core.content import content
from conformance.hosts.python.load import load

World, _ = load("reference:FilesWorld", str(content("worlds") / "local"))


def pack(value: Any) -> Any:
    """What JSON lacks, by a tag."""
    if isinstance(value, datetime):
        return {"$date": value.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    return [pack(item) for item in value] if isinstance(value, list | tuple) else value


def unpack(value: dict[str, Any]) -> Any:
    """The reverse of :func:`pack`, of one object."""
    if isinstance(date := value.get("$date"), str):
        return datetime.fromisoformat(date)
    if isinstance(data := value.get("$bytes"), str):
        return base64.b64decode(data)
    return value


class Bridge(BaseHTTPRequestHandler):
    """One request, one operation."""

    protocol_version = "HTTP/1.1"
    #: head and body of an answer go in one write; two would wait 40 ms for each other
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer(200, {"value": "up"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        arguments = json.loads(body, object_hook=unpack)
        # events/create is events_create, hooks/getByToken is hooks_get_by_token
        name = re.sub(r"([A-Z])", r"_\1", self.path.strip("/").replace("/", "_")).lower()
        folder = cast(Served, self.server).folder
        try:
            value = asyncio.run(getattr(World(folder), name)(*arguments))
        except Exception as error:
            status = getattr(error, "status", None)
            said = {"name": type(error).__name__, "message": str(error), "status": status}
            self._answer(status or 500, {"error": said})
        else:
            self._answer(200, {"value": pack(value)})

    def _answer(self, status: int, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: a request is no news."""


class Served(ThreadingHTTPServer):
    """A server that knows where the World keeps its files."""

    folder: str


if __name__ == "__main__":
    host, port, folder = sys.argv[1:]
    server = Served((host, int(port)), Bridge)
    server.folder = folder
    asyncio.run(World(folder).open())  # make the store
    server.serve_forever()
