"""One number for all rows of a table: equal in two databases when their rows are equal.

Rows are hashed one by one and the hashes summed up, so that nobody has to agree on an order.
"""

import hashlib
from collections.abc import Callable

import sqlalchemy as sa

from hotline.operations.manifest import Table

# Made anew from other tables: the search index of SQLite and what it keeps its pieces in.
MADE_ANEW = "search_fts"
ROUND = 2**256
# How PostgreSQL writes a row as text depends on these.
IN_ONE_WAY = (
    "SET LOCAL timezone TO 'UTC'",
    "SET LOCAL datestyle TO 'ISO, MDY'",
    "SET LOCAL intervalstyle TO 'postgres'",
    "SET LOCAL bytea_output TO 'hex'",
    "SET LOCAL extra_float_digits TO 1",
)
# Two halves of 64 bits each: PostgreSQL adds numbers, not bytes.
SUM_ON_POSTGRESQL = """
SELECT count(*),
       coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0),
       coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0)
FROM (SELECT encode(sha256(convert_to(one::text, 'UTF8')), 'hex') AS hash FROM {table} AS one) AS _
"""


def of_tables(connection: sa.Connection) -> dict[str, Table]:
    """Rows and digest of every table, as the transaction of `connection` sees them."""
    digest: Callable[[sa.Connection, str], Table] = _on_sqlite
    if connection.dialect.name == "postgresql":
        digest = _on_postgresql
        for setting in IN_ONE_WAY:
            connection.exec_driver_sql(setting)
    quote = connection.dialect.identifier_preparer.quote
    return {name: digest(connection, quote(name)) for name in names(connection)}


def names(connection: sa.Connection) -> list[str]:
    """The tables that hold something of their own."""
    found = sa.inspect(connection).get_table_names()
    return sorted(name for name in found if not name.startswith(MADE_ANEW))


def _on_sqlite(connection: sa.Connection, table: str) -> Table:
    count = total = 0
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    for row in driver.execute(f"SELECT * FROM {table}"):  # noqa: S608 - quoted above
        count += 1
        total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest())
    return Table(count, f"{total % ROUND:064x}")


def _on_postgresql(connection: sa.Connection, table: str) -> Table:
    count, left, right = connection.exec_driver_sql(SUM_ON_POSTGRESQL.format(table=table)).one()
    return Table(count, f"{left}/{right}")
