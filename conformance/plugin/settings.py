"""Options in a file: ``world-conformance.toml``, or ``[tool.world-conformance]`` in ``pyproject.toml``.

A key is an option without ``--world-``. What the command line gives wins. ``python -m`` this module writes
the JSON Schema that editors check such files with.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.core.content import content
from conformance.core.output import write_whole
from conformance.plugin.options import LONGEST, Option, declared

_FILE: Final = "world-conformance.toml"
_PROJECT: Final = "pyproject.toml"
_TABLE: Final = "world-conformance"
#: what a command line says of one run, and what it alone may allow
_NOT_IN_A_FILE: Final = ("replay", "manifest-shell")
#: which World is judged; where the command line says one of these, none of them is taken from the file
WHICH_WORLD: Final = ("world", "path", "package", "class", "manifest")
_PATHS: Final = ("FILE", "DIR")
_PAIRS: Final = "KEY=VALUE"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file says: its path, none when there is none, and the values by key, as pytest has them."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def key_of(option: Option) -> str:
    """Its key in a file: ``budget`` for ``--world-budget``, ``world`` for ``--world``."""
    return option.name.removeprefix("--").removeprefix("world-")


def keys() -> dict[str, Option]:
    """The options that a file may give, by key."""
    found = {key_of(option): option for option in declared()}
    return {key: option for key, option in found.items() if key not in _NOT_IN_A_FILE}


def settle(config: pytest.Config) -> None:
    """Give each option that the command line leaves out the value of the file, or its default.

    Raises ``pytest.UsageError``: a file that cannot be read, or says what no option is.
    """
    option = config.option
    settings = read_settings(Path.cwd())
    named = any(getattr(option, each.dest) for each in declared() if key_of(each) in (*WHICH_WORLD, "replay"))
    used: list[str] = []
    for each in declared():
        if getattr(option, each.dest) is not None:
            continue
        key = key_of(each)
        if key in settings.values and not (named and key in WHICH_WORLD):
            used.append(key)
            setattr(option, each.dest, settings.values[key])
        else:
            setattr(option, each.dest, each.default)
    #: which options a file gave, for the first lines of the output
    option.world_settings = f"{settings.path and settings.path.name}: {', '.join(used)}" if used else ""


def read_settings(folder: Path) -> Settings:
    """What the nearest file says, in ``folder`` or above. Raises ``pytest.UsageError``."""
    for place in (folder, *folder.parents):
        own, project = place / _FILE, place / _PROJECT
        table = _read(project).get("tool", {}).get(_TABLE) if project.is_file() else None
        if own.is_file() and table is not None:
            raise pytest.UsageError(f"{own} and [tool.{_TABLE}] in {project} exclude each other: keep one")
        if own.is_file():
            return _settings(own, _read(own), _FILE)
        if table is not None:
            return _settings(project, table, f"[tool.{_TABLE}] in {_PROJECT}")
    return Settings()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise pytest.UsageError(f"cannot read {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise pytest.UsageError(f"{path}: {error}") from None


def _settings(path: Path, table: Any, where: str) -> Settings:
    """The values of a table that fits the schema. Raises ``pytest.UsageError``."""
    if not isinstance(table, dict):
        raise pytest.UsageError(f"{where} is not a table")
    known = keys()
    for key in table:
        if key in _NOT_IN_A_FILE:
            raise pytest.UsageError(f"{where}: {key!r} is an option of the command line only")
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise pytest.UsageError(f"{where}: there is no key {key!r}; {hint}")
    import jsonschema  # noqa: PLC0415 (only for a file that is there)

    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema()).iter_errors(table))
    if error is not None:
        raise pytest.UsageError(f"{where}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
    return Settings(path, {key: _value(known[key], value, path.parent) for key, value in table.items()})


def _value(option: Option, value: Any, folder: Path) -> Any:
    """A value of a file as pytest has it; a path is meant from the folder of the file."""
    if option.attributes.get("metavar") == _PAIRS:
        return [
            f"{name}={each if isinstance(each, str) else json.dumps(each)}" for name, each in value.items()
        ]
    if option.attributes.get("action") == "append":
        values = [value] if isinstance(value, str) else value
        return [_from(folder, each) if key_of(option) == "world" else each for each in values]
    if option.attributes.get("metavar") in _PATHS:
        return _relative(folder, value)
    return value


def _from(folder: Path, worlds: str) -> str:
    """Names of Worlds with commas between, of which those with a slash are folders."""
    return ",".join(_relative(folder, word) if "/" in word else word for word in worlds.split(","))


def _relative(folder: Path, path: str) -> str:
    """A path of a file, as it is written from the folder that pytest runs in."""
    if folder == Path.cwd():
        return path
    return os.path.relpath(folder / Path(path).expanduser())


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the table."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "config-1.json",
        "title": "Options of workflow-world-conformance",
        "description": f"{_FILE}, or [tool.{_TABLE}] in {_PROJECT}. The command line wins.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _shape(option) for key, option in keys().items()},
    }


def _shape(option: Option) -> dict[str, Any]:
    """The schema of one value."""
    attributes = option.attributes
    text = {"type": "string", "minLength": 1}
    shape: dict[str, Any] = text
    if attributes.get("metavar") == _PAIRS:
        shape = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
    elif attributes.get("action") == "append":
        shape = {"type": ["string", "array"], "minLength": 1, "minItems": 1, "items": text}
    elif attributes.get("action") == "store_true":
        shape = {"type": "boolean"}
    elif "choices" in attributes:
        shape = {"enum": list(attributes["choices"])}
    elif attributes.get("type") is int:
        shape = {"type": "integer"}
    elif attributes.get("metavar") == "SECONDS":
        shape = {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST}
    return {"description": attributes["help"], **shape}


def schema_path() -> Path:
    """Where the published schema lies."""
    return content("reports") / "schema" / "config-1.json"


if __name__ == "__main__":
    write_whole(schema_path(), json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")
