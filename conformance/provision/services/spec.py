"""What a world.toml says of the service behind a world."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from conformance.provision.services.kinds import is_known

ServiceKind = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]


class ServiceSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must run behind the world, and how to start it: in Docker, or as a command of this machine."""

    kind: ServiceKind
    image: str | None = None
    #: the port inside the container
    port: int | None = None
    #: of the container, or of the command, which gets no more than this and a few variables of the user's
    env: dict[str, str] = {}
    args: tuple[str, ...] = ()
    #: a program and its arguments, started on this machine: templates of ``program.py``, no shell
    command: tuple[str, ...] = ()
    #: when it is up: a path that answers a GET with 2xx, or a command that succeeds (inside the container, or
    #: on this machine); without one its port answers
    health: Annotated[str, Meta(pattern="^/")] | tuple[str, ...] = ()
    #: for unknown kinds: how a URL is made, such as ``ws://{host}:{port}/rpc``
    url: str | None = None
    #: what is started before it: ``{needs.NAME.url}`` in its ``env``, ``args`` and ``command``
    needs: dict[ServiceKind, ServiceSpec] = {}
    #: where the world.toml lies; not written in it
    folder: Path | None = None

    @property
    def key(self) -> str:
        """What one running service can serve: all worlds on a database that we know, else only this one."""
        if is_known(self.kind) and not (self.command or self.needs):
            return self.kind
        text = msgspec.json.encode(self, enc_hook=str)
        return f"{self.kind}-{hashlib.sha256(text).hexdigest()[:12]}"

    def everything(self) -> Iterator[ServiceSpec]:
        """This one, and all that it needs."""
        yield self
        for one in self.needs.values():
            yield from one.everything()

    def within(self, folder: Path) -> ServiceSpec:
        """The same, of a world.toml in ``folder``."""
        needs = {name: one.within(folder) for name, one in self.needs.items()}
        return msgspec.structs.replace(self, folder=folder, needs=needs)
