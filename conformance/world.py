"""The World protocol for worlds written in Python, and how such a world shows its I/O.

The methods are the operations of the wire (``docs/host-protocol.md``) with dots as underscores in
snake case. Entities and events are plain dicts in the SDK's JSON shape: camelCase keys, dates as aware
``datetime``, bytes as ``bytes``, what is unset is left out. A refusal is a
:class:`conformance.spec.vocabulary.WorldError`; ``conflict``, ``gone``, ``not_found`` and ``too_early`` make
them. See ``docs/python-worlds.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from typing import Any, Literal, Protocol, runtime_checkable

Entity = dict[str, Any]
Event = dict[str, Any]
#: ``{"data": [entities], "cursor": str | None, "hasMore": bool}``
Page = dict[str, Any]
Access = Literal["read", "write", "unknown"]
#: What an operation touches: a name, or rows of a table (:func:`rows`).
Key = str | Mapping[str, Any]


@runtime_checkable
class World(Protocol):
    """A storage and queue backend, as the suite sees it. One instance serves one actor.

    Lists take ``{"runId": str, "pagination": {"sortOrder": "asc" | "desc", "limit": int, "cursor": str}}``.
    A world may also have ``async def open(self)``, called once before the first operation: connect, make
    what is missing, warm the pool, so that no handshake happens in the middle of a race.
    """

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        """Take one event: ``{"event"?, "run"?, "step"?, "hook"?, "wait"?}``.

        ``run_id`` is None only for ``run_created``: the world makes one. A start of a running run gives
        the run and no event. A hook whose token is held elsewhere gives an event ``hook_conflict``.
        """
        ...

    async def events_list(self, params: dict[str, Any]) -> Page:
        """The log of a run, in the order in which it came to be."""
        ...

    async def runs_get(self, run_id: str) -> Entity:
        """``{runId, status, workflowName, deploymentId, input, output?, error?, startedAt?, …}``."""
        ...

    async def steps_get(self, run_id: str, step_id: str) -> Entity:
        """``{runId, stepId, stepName, status, input, output?, error?, attempt, retryAfter?, …}``."""
        ...

    async def steps_list(self, params: dict[str, Any]) -> Page: ...

    async def hooks_get(self, hook_id: str) -> Entity:
        """A live hook: ``{hookId, runId, token, metadata?, createdAt, …}``."""
        ...

    async def hooks_get_by_token(self, token: str) -> Entity: ...

    async def hooks_list(self, params: dict[str, Any]) -> Page: ...

    async def queue(self, name: str, message: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Queue a message: ``{"messageId": str}``. Options: ``idempotencyKey``, ``delaySeconds``."""
        ...

    async def close(self) -> None: ...


#: Makes the context in which one I/O operation is performed: label, access, keys.
Gatekeeper = Callable[[str, Access, tuple[Key, ...]], AbstractAsyncContextManager[None]]

#: Set by the host. Without a host a gate is no more than a comment.
gatekeeper: ContextVar[Gatekeeper | None] = ContextVar("gatekeeper", default=None)


def rows(table: str, **columns: str) -> Key:
    """A key: the rows of a table whose columns have these values, all with none.

    Two of them may touch the same row, unless they have different values in one column::

        rows("hooks", run=run_id)                 # all hooks of a run
        rows("hooks", run=run_id, id=hook_id)     # one of them
        rows("hooks", token=token)                # of whatever run
    """
    return {"table": table, "where": columns}


def gate(
    label: str, access: Access = "unknown", keys: Sequence[Key] = ()
) -> AbstractAsyncContextManager[None]:
    """Around one round trip to the service: the place where the suite may hold this actor.

    ``label`` is for people (``UPDATE steps``), ``keys`` names what is touched; no keys: anything may be.
    Only what happens inside counts as the operation, so keep it to the one call::

        async with gate("UPDATE steps", "write", [run_id]):
            row = await connection.fetchrow(sql, run_id)
    """
    keeper = gatekeeper.get()
    return nullcontext() if keeper is None else keeper(label, access, tuple(keys))
