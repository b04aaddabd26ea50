"""The statements of the SQL reference worlds, in words that PostgreSQL and SQLite both know.

A statement that moves an entity carries its guard in its WHERE: it gives the moved row, or none when the
event may not be taken. Parameters are named ``:run``, ``:id``, ``:set`` (fields as text), ``:at`` (ms).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .line import CREATED_AND_STARTED

#: The key of an event is its position in the log of its run: two transactions cannot take one position.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
  run_id text PRIMARY KEY, status text NOT NULL, made text NOT NULL, outcome text, attributes text,
  created bigint NOT NULL, started bigint, updated bigint NOT NULL);
CREATE TABLE IF NOT EXISTS steps (
  run_id text NOT NULL, step_id text NOT NULL, status text NOT NULL, attempt int NOT NULL, made text NOT NULL,
  outcome text, due bigint, created bigint NOT NULL, started bigint, updated bigint NOT NULL,
  PRIMARY KEY (run_id, step_id));
CREATE TABLE IF NOT EXISTS waits (
  run_id text NOT NULL, wait_id text NOT NULL, status text NOT NULL, made text NOT NULL, outcome text,
  created bigint NOT NULL, updated bigint NOT NULL, PRIMARY KEY (run_id, wait_id));
CREATE TABLE IF NOT EXISTS hooks (
  run_id text NOT NULL, hook_id text NOT NULL, status text NOT NULL, token text NOT NULL, made text NOT NULL,
  created bigint NOT NULL, updated bigint NOT NULL, PRIMARY KEY (run_id, hook_id));
CREATE UNIQUE INDEX IF NOT EXISTS hooks_live_token ON hooks (token) WHERE status = 'active';
CREATE TABLE IF NOT EXISTS events (
  run_id text NOT NULL, position bigint NOT NULL, entry text NOT NULL, once text, digest text,
  PRIMARY KEY (run_id, position));
CREATE UNIQUE INDEX IF NOT EXISTS events_once ON events (run_id, once);
CREATE TABLE IF NOT EXISTS messages (
  message_id text PRIMARY KEY, queue text NOT NULL, body text NOT NULL, once text,
  due bigint NOT NULL, attempt int NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS messages_once ON messages (queue, once);
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, due)
"""

_LIVE: Final = "('pending', 'running')"
_RUN_LIVE: Final = f"(SELECT r.status FROM runs r WHERE r.run_id = :run) IN {_LIVE}"
_STEP: Final = "run_id = :run AND step_id = :id"
#: A step that runs may finish after its run did; a pending one may not begin.
_STEP_OPEN: Final = f" AND status IN {_LIVE} AND (status = 'running' OR {_RUN_LIVE})"
_WAIT_OPEN: Final = f" AND status = 'waiting' AND {_RUN_LIVE}"
_LIVE_NOW: Final = f" AND status IN {_LIVE}"
_PENDING: Final = " AND status = 'pending'"
_HOOK_LIVE: Final = " AND status = 'active'"
#: What can keep a statement from moving its entity, besides that there is none; for the mutants.
GUARDS: Final = (_STEP_OPEN, _WAIT_OPEN, _LIVE_NOW, _PENDING, _HOOK_LIVE)


def _insert(table: str, names: str, values: str) -> str:
    """Create something in a run that is live, unless it is there."""
    return (
        f"INSERT INTO {table} (run_id, {names}, made, created, updated) "
        f"SELECT run_id, {values}, :set, CAST(:at AS bigint), CAST(:at AS bigint) FROM runs "
        f"WHERE run_id = :run{_LIVE_NOW} ON CONFLICT DO NOTHING RETURNING *"
    )


def _end_run(status: str) -> str:
    return (
        f"UPDATE runs SET status = '{status}', outcome = :set, updated = :at "
        f"WHERE run_id = :run{_LIVE_NOW} RETURNING *"
    )


def _move_step(status: str, more: str = "outcome = :set", condition: str = "") -> str:
    return (
        f"UPDATE steps SET status = '{status}', {more}, updated = :at "
        f"WHERE {_STEP}{_STEP_OPEN}{condition} RETURNING *"
    )


_HAS_TIME: Final = " AND coalesce(due, 0) <= :at"
_START: Final = "attempt = attempt + 1, started = coalesce(started, :at), due = NULL"

#: event -> the statement that takes it
MOVES: Final[dict[str, str]] = {
    "run_created": (
        "INSERT INTO runs (run_id, status, made, created, updated) "
        "VALUES (:run, 'pending', :set, :at, :at) ON CONFLICT DO NOTHING RETURNING *"
    ),
    "run_started": (
        "UPDATE runs SET status = 'running', started = coalesce(started, :at), updated = :at "
        f"WHERE run_id = :run{_PENDING} RETURNING *"
    ),
    "run_completed": _end_run("completed"),
    "run_failed": _end_run("failed"),
    "run_cancelled": _end_run("cancelled"),
    "attr_set": (
        f"UPDATE runs SET attributes = :attributes, updated = :at WHERE run_id = :run{_LIVE_NOW} RETURNING *"
    ),
    "step_created": _insert("steps", "step_id, status, attempt", ":id, 'pending', 0"),
    "step_started": _move_step("running", _START, _HAS_TIME),
    "step_completed": _move_step("completed"),
    "step_failed": _move_step("failed"),
    "step_retrying": _move_step("pending", "outcome = :set, due = :due"),
    "wait_created": _insert("waits", "wait_id, status", ":id, 'waiting'"),
    "wait_completed": (
        "UPDATE waits SET status = 'completed', outcome = :set, updated = :at "
        f"WHERE run_id = :run AND wait_id = :id{_WAIT_OPEN} RETURNING *"
    ),
    "hook_created": _insert("hooks", "hook_id, status, token", ":id, 'active', :token"),
    "hook_received": f"SELECT * FROM hooks WHERE run_id = :run AND hook_id = :id{_HOOK_LIVE}",
    "hook_disposed": (
        "UPDATE hooks SET status = 'disposed', updated = :at "
        f"WHERE run_id = :run AND hook_id = :id{_HOOK_LIVE} RETURNING *"
    ),
}
#: A step is not started any more when its run has ended: on line 5.x not even one that runs.
START_IN_LIVE_RUN: Final = _move_step("running", _START, f" AND {_RUN_LIVE}{_HAS_TIME}")
#: A start that brings the input of its step.
CREATE_AND_START: Final = _insert(
    "steps", "step_id, status, attempt, started", ":id, 'running', 1, CAST(:at AS bigint)"
)
#: With the end of a run its hooks are released: a token is held by a hook that is active.
RELEASE: Final = (
    "UPDATE hooks SET status = 'disposed', updated = :at WHERE run_id = :run AND status = 'active'"
)
#: The next position is read in the statement that takes it, in the transaction that moved the entity.
_NEXT: Final = "(SELECT coalesce(max(e.position), 0) FROM events e WHERE e.run_id = :run) + 1"
APPEND: Final = (
    "INSERT INTO events (run_id, position, entry, once, digest) "
    f"VALUES (:run, {_NEXT}, :entry, :once, :digest) RETURNING position"
)


def append_if_moved(kind: str) -> str:
    """The statement, behind ``WITH moved AS (a move)``, that adds the event of the move, or both of them."""
    texts = (":created", ":entry") if kind == CREATED_AND_STARTED else (":entry",)
    new = ", ".join(f"({place}, CAST({text} AS text))" for place, text in enumerate(texts))
    return (
        "INSERT INTO events (run_id, position, entry, once, digest) "
        f"SELECT moved.run_id, {_NEXT} + new.place, new.entry, CAST(:once AS text), CAST(:digest AS text) "
        f"FROM moved, (VALUES {new}) AS new (place, entry) RETURNING position"
    )


#: The event that a resumption of a hook made before, or that set the same attributes.
KNOWN: Final = "SELECT * FROM events WHERE run_id = :run AND once = :once"

#: What an event is about, as it is now; to say why it was refused.
LOOK: Final = {
    "run": "SELECT * FROM runs WHERE run_id = :run",
    "step": f"SELECT * FROM steps WHERE {_STEP}",
    "wait": "SELECT * FROM waits WHERE run_id = :run AND wait_id = :id",
    "hook": "SELECT * FROM hooks WHERE run_id = :run AND hook_id = :id",
}
HOOK_BY_ID: Final = "SELECT * FROM hooks WHERE hook_id = :id AND status = 'active'"
HOOK_BY_TOKEN: Final = "SELECT * FROM hooks WHERE token = :token AND status = 'active'"
LISTS: Final = {
    "step": "SELECT * FROM steps WHERE run_id = :run ORDER BY created, step_id",
    "hook": "SELECT * FROM hooks WHERE run_id = :run AND status = 'active' ORDER BY created, hook_id",
}
_LOG: Final = "SELECT * FROM events WHERE run_id = :run AND position"
EVENTS: Final = {
    "asc": f"{_LOG} > :after ORDER BY position LIMIT :limit",
    "desc": f"{_LOG} < :after ORDER BY position DESC LIMIT :limit",
}

#: A second message with the key of one that is not done is that message.
PUT: Final = (
    "INSERT INTO messages (message_id, queue, body, once, due, attempt) "
    "VALUES (:message, :queue, :body, :once, :due, 0) "
    "ON CONFLICT (queue, once) DO UPDATE SET once = excluded.once RETURNING message_id"
)
#: ``{locking}``: how two takers keep from waiting for each other, where they could.
TAKE: Final = (
    "UPDATE messages SET due = :until, attempt = attempt + 1 WHERE message_id = ("
    "SELECT message_id FROM messages WHERE queue = :queue AND due <= :at ORDER BY due LIMIT 1{locking}"
    ") RETURNING *"
)
DONE: Final = "DELETE FROM messages WHERE message_id = :message"
AGAIN: Final = "UPDATE messages SET due = :due WHERE message_id = :message"

_NAME: Final = re.compile(r":([a-z]+)")


@cache
def _numbered(sql: str, mark: str) -> tuple[str, tuple[str, ...]]:
    names: dict[str, int] = {}
    text = _NAME.sub(lambda found: f"{mark}{names.setdefault(found[1], len(names) + 1)}", sql)
    return text, tuple(names)


def bind(sql: str, values: Mapping[str, Any], mark: str) -> tuple[str, tuple[Any, ...]]:
    """The statement with numbered parameters (``$1`` or ``?1``), and their values in order."""
    text, names = _numbered(sql, mark)
    return text, tuple(values[name] for name in names)
