"""The JSON Schema of a line of a record, made from the structs; ``python -m`` this to write it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from conformance.core.content import content
from conformance.core.output import write_whole
from conformance.record.lines import SCHEMA, Line


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line."""
    made = _aligned(msgspec.json.schema(Line))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"record-{SCHEMA}.json",
        "title": "A line of a conformance record",
        **made,
    }


def _aligned(made: Any) -> Any:
    """The same with what docstrings say as Python 3.13 and newer keep them: without their indentation."""
    if isinstance(made, list):
        return [_aligned(each) for each in made]
    if not isinstance(made, dict):
        return made
    return {
        key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _aligned(value)
        for key, value in made.items()
    }


def path() -> Path:
    """Where the published schema lies."""
    return content("reports") / "schema" / f"record-{SCHEMA}.json"


if __name__ == "__main__":
    write_whole(path(), json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")
