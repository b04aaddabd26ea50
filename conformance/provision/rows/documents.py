"""Which documents of a MongoDB collection a command touches, from what the host says of it."""

from __future__ import annotations

from typing import Any

from conformance.core.gates import Rows
from conformance.provision.rows.tables import Tables


def rows_of(statement: dict[str, Any], tables: Tables) -> list[Rows]:
    """The documents. Raises :class:`.Anything` for a collection that is not known."""
    collection = tables.find("", statement["collection"])
    where, sets = statement.get("filter", {}), statement.get("sets")
    # A document that comes without an id keeps its own, or gets a new one that nobody else has.
    if "document" in statement:
        return collection.made({"_id": None, **statement["document"]})
    if "replaces" in statement:
        after = collection.made({"_id": None, **statement["replaces"]}, new=statement["upsert"])
        return [*collection.deleted(where), *after]
    if "removes" in statement:
        return collection.deleted(where)
    if sets is not None:
        return collection.changed(where, None if sets is True else sets)
    return [collection.found(where)]
