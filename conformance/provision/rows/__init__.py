"""Which rows an operation touches, from what a host says of it and what the database says of its tables.

A host sends statements with their parameters, or what a command does to documents. :mod:`.sql` and
:mod:`.documents` read from them which rows are touched; :mod:`.tables` knows what a change may meet: unique
indexes, foreign keys, counters. In doubt it is the table, or anything.
"""

from conformance.provision.rows.describe import MISSING, Described, RowKeys
from conformance.provision.rows.tables import Table, Tables, Unique

__all__ = ["MISSING", "Described", "RowKeys", "Table", "Tables", "Unique"]
