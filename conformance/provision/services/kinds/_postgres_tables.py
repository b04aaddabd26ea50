"""What PostgreSQL's catalogue says of tables: columns, unique indexes, foreign keys, defaults."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from conformance.provision.rows.tables import Comparison, Table, Tables, Unique

_OURS: Final = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
#: Plain tables with nothing behind them: no trigger of a user, no rule, no policy, no parent and no child.
_TABLES: Final = f"""
SELECT c.oid::int8, n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND c.relkind = 'r' AND NOT (c.relhasrules OR c.relrowsecurity OR c.relispartition)
AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
AND NOT EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
"""
_NAMES: Final = f"""
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
"""
#: Defaults that no other insert has a part in. Any other function may be a counter.
_STABLE: Final = "^(now|gen_random_uuid|clock_timestamp|statement_timestamp|transaction_timestamp)[(][)]$"
#: A collation that is not deterministic takes different texts for the same.
_COLUMNS: Final = f"""
SELECT a.attrelid::int8, a.attnum::int4, a.attname::text, t.typname::text, t.typtype::text,
  coalesce(o.collisdeterministic, true), d.oid IS NOT NULL OR a.attidentity <> '',
  a.attidentity <> ''
    OR regexp_replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), '{_STABLE}', '') ~ '[(]'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE a.attnum > 0 AND NOT a.attisdropped
"""
#: What else a unique index looks at (its predicate, its expressions) is in the dependencies.
_UNIQUE: Final = """
SELECT i.indrelid::int8, array_to_string(i.indkey, ' '),
  coalesce((to_jsonb(i)->>'indnullsnotdistinct')::bool, false), i.indisexclusion,
  array_to_string(ARRAY(SELECT d.refobjsubid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0), ' ')
FROM pg_index i WHERE i.indisunique OR i.indisexclusion
"""
_REFERENCES: Final = "SELECT conrelid::int8, confrelid::int8 FROM pg_constraint WHERE contype = 'f'"
_TEXTS: Final = frozenset({"text", "varchar", "name"})
_NUMBERS: Final = frozenset({"int2", "int4", "int8"})


def tables_of(session: Any) -> Tables:
    """The tables of the database that a session is in."""
    names = {int(oid): (str(schema), str(name)) for oid, schema, name in session.run(_TABLES)}
    columns: dict[int, dict[int, str]] = defaultdict(dict)
    compared: dict[int, dict[str, Comparison]] = defaultdict(dict)
    filled: dict[int, set[str]] = defaultdict(set)
    counted: dict[int, set[str]] = defaultdict(set)
    for oid, number, column, kind, form, exact, default, counter in session.run(_COLUMNS):
        columns[oid][number] = column
        comparison = _comparison(kind, form) if exact else None
        if comparison is not None:
            compared[oid][column] = comparison
        if default:
            filled[oid].add(column)
        if counter:
            counted[oid].add(column)
    unique: dict[int, list[Unique]] = defaultdict(list)
    for oid, key, nulls, exclusion, watched in session.run(_UNIQUE):
        numbers = [int(number) for number in key.split()]
        looked_at = {int(number) for number in watched.split()} | {number for number in numbers if number}
        # An expression has the number 0: then it is not known which rows meet.
        plain = [] if exclusion else [columns[oid][number] for number in numbers if number]
        every = frozenset(columns[oid][number] for number in looked_at)
        unique[oid].append(Unique(tuple(plain), every, bool(nulls) or not all(numbers) or exclusion))
    related: dict[int, set[str]] = defaultdict(set)
    for child, parent in session.run(_REFERENCES):
        for one, other in ((child, parent), (parent, child)):
            if other in names:
                related[one].add(".".join(names[other]))
    # A name that is in two schemas is not clear without one, whatever the other is.
    schemas: dict[str, dict[str, Table | None]] = defaultdict(dict)
    for schema, name in session.run(_NAMES):
        schemas[schema][name] = None
    for oid, (schema, name) in names.items():
        schemas[schema][name] = Table(
            f"{schema}.{name}",
            compared[oid],
            tuple(unique[oid]),
            frozenset(filled[oid]),
            frozenset(counted[oid]),
            frozenset(related[oid]),
        )
    return Tables(schemas)


def _comparison(kind: str, form: str) -> Comparison | None:
    if kind in _TEXTS or form == "e":
        return "text"
    return "int" if kind in _NUMBERS else "uuid" if kind == "uuid" else None
