"""A registry of npm packages on loopback: what is put into it can be installed with the real npm."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote


class Registry:
    """Packages by name; ``env`` makes npm ask this registry, with an empty cache in ``folder``."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.env = {
            "npm_config_registry": url,
            "npm_config_cache": str(folder / "npm-cache"),
            "npm_config_fetch_retries": "0",
            "WORLD_CONFORMANCE_CACHE": str(folder / "cache"),
        }
        self._packages: dict[str, dict[str, dict[str, Any]]] = {}
        self._files: dict[str, bytes] = {}

    def put(self, source: Path, version: str, dependencies: Mapping[str, str] | None = None) -> None:
        """Publish the files of a folder in this version; the newest one put is ``latest``."""
        manifest = json.loads((source / "package.json").read_text())
        manifest |= {"version": version, "dependencies": dict(dependencies or {})}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for file in sorted(source.iterdir()):
                data = json.dumps(manifest).encode() if file.name == "package.json" else file.read_bytes()
                entry = tarfile.TarInfo(f"package/{file.name}")
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        data, place = packed.getvalue(), f"/-/{manifest['name'].replace('/', '+')}-{version}.tgz"
        self._files[place] = data
        integrity = base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {"tarball": self.url + place, "integrity": f"sha512-{integrity}"}
        self._packages.setdefault(manifest["name"], {})[version] = {**manifest, "dist": dist}

    def answer(self, path: str) -> bytes | None:
        """What lies at a path; None: nothing."""
        versions = self._packages.get(unquote(path).removeprefix("/"))
        if versions is None:
            return self._files.get(path)
        latest = {"latest": list(versions)[-1]}
        name = next(iter(versions.values()))["name"]
        return json.dumps({"name": name, "dist-tags": latest, "versions": versions}).encode()


@contextmanager
def serve(folder: Path) -> Iterator[Registry]:
    """A registry that is up, on a free port of loopback, until the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = registry.answer(self.path)
            self.send_response(200 if found is not None else 404)
            self.end_headers()
            self.wfile.write(found if found is not None else b'{"error": "not_found"}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry = Registry(f"http://127.0.0.1:{server.server_port}", folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
