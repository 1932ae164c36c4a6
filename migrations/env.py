"""How Alembic runs our migrations: in one transaction, foreign keys checked at the end.

On SQLite a batch migration recreates its table; with foreign keys on, the children would be deleted
on the way. So they are off here and everything is checked before the commit.
"""

import warnings
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Enum, text

db = current_app.extensions["migrate"].db

# Made by a migration for one database only, and unknown to the models: the search index of each,
# and the tables of procrastinate.
NOT_OURS = ("search_fts", "ix_search_documents_tokens", "procrastinate_")
# SQLite tells nobody what such an index holds: tests/test_plans.py sees that it is there and used.
warnings.filterwarnings("ignore", message=".*expression-based index")


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    return not (kind in ("table", "index") and name and name.startswith(NOT_OURS))


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations say sa.DateTime(timezone=True) and sa.String, and never import our code."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_name=include_name,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    is_sqlite = connection.dialect.name == "sqlite"
    with context.begin_transaction():
        context.run_migrations()
        if is_sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")


def main() -> None:
    engine = db.engine
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Outside any transaction, where the pragma counts.
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")
            connection = connection.execution_options(writes=True)
        try:
            run(connection)
        finally:
            if connection.dialect.name == "sqlite":
                connection.rollback()
                raw.execute("PRAGMA foreign_keys=ON")


main()
