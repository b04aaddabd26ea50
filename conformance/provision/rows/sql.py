"""Which rows a SQL statement touches. ``sqlglot`` parses it; without that package keys are tables."""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from conformance.core.gates import Rows
from conformance.provision.rows.tables import Anything, Dialect, Table, Tables, Unclear

#: A parameter of a statement as a host sends it: True for one that is not shown.
Parameter = str | bool | None

#: Functions of PostgreSQL that the parser has no class for and that touch nothing. Others may touch anything.
_HARMLESS: Final = frozenset(
    {
        *(
            "gen_random_uuid",
            "clock_timestamp",
            "statement_timestamp",
            "transaction_timestamp",
            "to_timestamp",
        ),
        *("jsonb_set", "jsonb_build_object", "json_build_object", "row_to_json", "to_jsonb", "to_json"),
        *("btrim", "char_length", "octet_length"),
        *("datetime", "julianday", "unixepoch", "randomblob", "hex", "typeof", "json_set", "json_array"),
    }
)
_QUOTED_OR_PARAMETER: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\d+)")
_QUOTED_OR_QUESTION: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\?(\d*)")
#: Texts with escapes, and texts in dollars.
_UNUSUAL: Final = re.compile(r"\b[EeUu]&?'|\$[A-Za-z_]\w*\$|\$\$")
_WHOLE: Final = re.compile(r"0|[1-9]\d{0,17}")
_PLAIN_CASTS: Final = frozenset({"TEXT", "VARCHAR", "UUID", "INT", "BIGINT"})


def available() -> bool:
    """Whether the parser is installed."""
    return importlib.util.find_spec("sqlglot") is not None


def rows_of(sql: str, parameters: Sequence[Parameter], tables: Tables) -> list[Rows]:
    """The rows that a statement touches.

    Raises :class:`Unclear` when only its tables are known, and :class:`Anything` when they are not.
    """
    return _Statement(_parsed(sql, tables.dialect), parameters, tables).rows()


@lru_cache(maxsize=2000)
def _parsed(sql: str, dialect: Dialect) -> Any:
    import sqlglot  # noqa: PLC0415 (only where it is installed)
    from sqlglot.errors import SqlglotError  # noqa: PLC0415 (as above)

    if _UNUSUAL.search(sql):
        raise Unclear(sql)
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it does not know is unclear here, and no news
    try:
        return sqlglot.parse_one(_named(sql, dialect), read=dialect)
    except SqlglotError as error:
        raise Unclear(sql) from error


def _named(sql: str, dialect: Dialect) -> str:
    """The same with a name for each parameter: ``:p1``."""
    if dialect == "postgres":
        # The parser takes `$1,$` for the beginning of a text in dollars.
        return _QUOTED_OR_PARAMETER.sub(lambda found: f" :p{found[1]} " if found[1] else found[0], sql)
    last = 0

    def name(found: re.Match[str]) -> str:
        nonlocal last
        if not found[0].startswith("?"):
            return found[0]
        last = int(found[1]) if found[1] else last + 1
        return f" :p{last} "

    return _QUOTED_OR_QUESTION.sub(name, sql)


class _Statement:
    """A statement that was parsed, with its parameters."""

    def __init__(self, tree: Any, parameters: Sequence[Parameter], tables: Tables) -> None:
        from sqlglot import exp  # noqa: PLC0415 (only where it is installed)

        self.exp = exp
        self.tree = tree
        self.parameters = parameters
        self.tables = tables

    def _name(self, identifier: Any) -> str:
        name = _name(identifier)
        return name if self.tables.dialect == "postgres" else name.lower()

    def rows(self) -> list[Rows]:
        exp = self.exp
        if isinstance(self.tree, exp.Command):  # which the parser does not know
            raise Unclear(self.tree.name)
        for call in self.tree.find_all(exp.Anonymous):
            if call.name.lower() not in _HARMLESS:
                raise Anything(call.name)
        views = {self._name(each.args["alias"].this) for each in self.tree.find_all(exp.CTE)}
        found: list[Rows] = []
        for node in self.tree.find_all(exp.Table):
            if not isinstance(node.this, exp.Identifier) or node.args.get("catalog"):
                raise Anything("the result of a function")
            schema, name = self._name(node.args.get("db")), self._name(node.this)
            if not schema and name in views:
                continue
            found += self._of(node, self.tables.find(schema, name))
        return found

    def _of(self, node: Any, table: Table) -> list[Rows]:
        """The rows of one of its tables."""
        exp = self.exp
        home = node.find_ancestor(exp.Select, exp.Insert, exp.Update, exp.Delete, exp.Merge)
        target = home is not None and (home.this is node or home.this is node.parent)
        if isinstance(home, exp.Select):
            source = home.args.get("from_") or home.args.get("from")
            alone = source is not None and source.this is node and not home.args.get("joins")
            return [table.found(self._where(home, node, table, alone=alone and not node.args.get("joins")))]
        if isinstance(home, exp.Update) and target:
            alone = not (home.args.get("from_") or home.args.get("from"))
            return table.changed(self._where(home, node, table, alone=alone), self._sets(home.expressions))
        if isinstance(home, exp.Delete) and target:
            return table.deleted(self._where(home, node, table, alone=not home.args.get("using")))
        if isinstance(home, exp.Insert) and target:
            return self._inserted(home, table)
        return table.whole

    def _where(self, home: Any, node: Any, table: Table, *, alone: bool) -> dict[str, str | None]:
        """The equalities that a row of the table must meet. ``alone``: it is the only one in there."""
        exp = self.exp
        found: dict[str, str | None] = {}
        where = home.args.get("where")
        for condition in self._all(where.this) if where is not None else ():
            if not isinstance(condition, exp.EQ):
                continue
            for column, value in ((condition.left, condition.right), (condition.right, condition.left)):
                if not isinstance(column, exp.Column) or not isinstance(column.this, exp.Identifier):
                    continue
                name, of = self._name(column.this), self._name(column.args.get("table"))
                own = of == self._name(_alias(node)) if of else alone and name in table.columns
                known, text = self._constant(value)
                if own and known and text is not None:
                    found[name] = text
        return found

    def _all(self, condition: Any) -> Iterator[Any]:
        """The conditions that must all be met."""
        if isinstance(condition, self.exp.Paren):
            yield from self._all(condition.this)
        elif isinstance(condition, self.exp.And):
            yield from self._all(condition.left)
            yield from self._all(condition.right)
        else:
            yield condition

    def _sets(self, assignments: Sequence[Any]) -> set[str] | None:
        found = set()
        for each in assignments:
            if not isinstance(each, self.exp.EQ) or not isinstance(each.this, self.exp.Column):
                return None
            found.add(self._name(each.this.this))
        return found

    def _inserted(self, insert: Any, table: Table) -> list[Rows]:
        exp = self.exp
        if not isinstance(insert.this, exp.Schema) or not isinstance(insert.expression, exp.Values):
            return table.whole
        if str(insert.args.get("alternative") or "IGNORE").upper() != "IGNORE" or insert.args.get(
            "overwrite"
        ):
            return table.whole  # it may take the place of other rows
        names = [self._name(each) for each in insert.this.expressions]
        conflict = insert.args.get("conflict")
        if conflict is not None and conflict.expressions:
            sets = self._sets(conflict.expressions)
            if sets is None or any(index.watched & sets for index in table.unique):
                return table.whole
        rows: list[Rows] = []
        for each in insert.expression.expressions:
            if not isinstance(each, exp.Tuple) or len(each.expressions) != len(names):
                return table.whole
            values: dict[str, str | None] = {}
            given = dict(zip(names, each.expressions, strict=True))
            for name, node in given.items():
                if isinstance(node, exp.Var) and node.name.upper() == "DEFAULT":
                    continue
                known, text = self._constant(node)
                if known:
                    values[name] = text
            absent = [name for name, node in given.items() if isinstance(node, exp.Var)]
            columns = {column for index in table.unique for column in index.columns}
            for name in (columns - given.keys()) | set(absent):
                if name not in table.filled:
                    values[name] = None
            counted = table.counted & given.keys() - set(absent)
            rows += table.made(values | {name: values.get(name) for name in counted})
            if conflict is not None and conflict.expressions:
                rows += table.met(values)
        return rows

    def _constant(self, node: Any) -> tuple[bool, str | None]:
        """Whether it is a value that is known, and which (None: NULL)."""
        exp = self.exp
        if isinstance(node, exp.Paren):
            return self._constant(node.this)
        if isinstance(node, exp.Cast) and node.to.this.name in _PLAIN_CASTS and not node.to.expressions:
            return self._constant(node.this)
        if isinstance(node, exp.Null):
            return True, None
        if isinstance(node, exp.Literal):
            # A number may be stored as a text that is written in another way.
            plain = node.is_string or self.tables.dialect == "postgres" or _WHOLE.fullmatch(node.name)
            return (True, str(node.this)) if plain else (False, None)
        if isinstance(node, exp.Placeholder) and re.fullmatch(r"p\d+", node.name):
            at = int(node.name[1:]) - 1
            value = self.parameters[at] if at < len(self.parameters) else True
            return (False, None) if isinstance(value, bool) else (True, value)
        return False, None


def _alias(node: Any) -> Any:
    alias = node.args.get("alias")
    return alias.this if alias is not None and alias.this is not None else node.this


def _name(identifier: Any) -> str:
    """A name as the database knows it: what is not quoted is in lower case."""
    if identifier is None:
        return ""
    return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).lower()
