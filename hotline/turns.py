"""Letting transactions about one thing follow each other on PostgreSQL; SQLite's all do anyway.

A rule that looks before it writes takes its turn first, and looks at the database afterwards, not
at what was loaded before: meanwhile somebody else may have been there.
"""

from sqlalchemy import func, select

from models import db


def take(name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
