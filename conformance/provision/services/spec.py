"""What a world.toml says of the service behind a world."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

ServiceKind = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]


class ServiceSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must run behind the world, and how to start it in Docker."""

    kind: ServiceKind
    image: str | None = None
    #: the port inside the container
    port: int | None = None
    env: dict[str, str] = {}
    args: tuple[str, ...] = ()
    #: a command inside the container, for kinds that we cannot ask ourselves
    health: tuple[str, ...] = ()
    #: for unknown kinds: how a URL is made, such as ``ws://{host}:{port}/rpc``
    url: str | None = None
