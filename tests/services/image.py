"""Makes a Docker image of one program of this machine, without any image registry.

The image is a tar of the program, the libraries that ``ldd`` names, and what the program reads; the engine
imports it as it is. It has no shell, so the container's command is the program.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any


def libraries(program: Path) -> list[Path]:
    """The shared libraries of a program, its loader included."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", said)]


def image_tar(program: Path) -> bytes:
    """A root file system with ``/bin/<program>``, its libraries, and a ``/tmp`` and ``/data``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for folder, mode in (("tmp", 0o1777), ("data", 0o777)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        _add(tar, program, f"bin/{program.name}", 0o755)
        for library in libraries(program):
            _add(tar, library, str(library).lstrip("/"), 0o755)
    return out.getvalue()


def _add(tar: tarfile.TarFile, source: Path, name: str, mode: int) -> None:
    data = source.read_bytes()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    tar.addfile(entry, io.BytesIO(data))


def import_image(client: Any, program: Path, repository: str, tag: str = "test") -> str:
    """Import the program's image into an engine; gives ``repository:tag``."""
    client.api.import_image_from_data(image_tar(program), repository=repository, tag=tag)
    return f"{repository}:{tag}"
