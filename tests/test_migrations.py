"""Migrations lead from nothing to the models and back, with tickets in the tables."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from hotline.unit_of_work import unit_of_work
from models import SearchDocument, Ticket, TicketStatus, db
from tests.stages import make_house, put

ROOT = Path(__file__).parent.parent


def is_ours(name, kind, parents):
    others = ("search_fts", "ix_search_documents_tokens", "procrastinate_")
    return not (name and name.startswith(others))


def tables():
    return set(sa.inspect(db.engine).get_table_names())


def leave_the_database_alone():
    db.session.remove()
    db.engine.dispose()


# SQLite tells nobody what such an index holds: tests/test_plans.py sees that it is there and used.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_make_what_the_models_say(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_ours}
        )
        assert compare_metadata(context, db.metadata) == []


def constraints(kind):
    """The names that stand in the database, of CHECKs or of foreign keys."""
    inspector = sa.inspect(db.engine)
    get = inspector.get_check_constraints if kind == "check" else inspector.get_foreign_keys
    return {row["name"] for table in inspector.get_table_names() for row in get(table)}


def test_every_named_rule_of_the_models_stands_in_the_database(app):
    """Alembic compares no CHECKs, so they are compared here."""
    checks = {
        str(c.name)
        for table in db.metadata.tables.values()
        for c in table.constraints
        if isinstance(c, sa.CheckConstraint) and not c._type_bound
    }
    assert len(checks) > 15
    assert checks <= constraints("check")
    keys = {
        str(key.name)
        for table in db.metadata.tables.values()
        for key in table.foreign_key_constraints
    }
    assert keys <= constraints("foreign key")


def test_down_and_up_again_on_a_filled_database(app, clock):
    house = make_house()
    for status in TicketStatus:
        put(house, status, clock(), phone=f"1391234000{list(TicketStatus).index(status)}")
    leave_the_database_alone()
    downgrade(revision="base")
    assert tables() <= {"alembic_version"}
    upgrade()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 0
    ticket = put(make_house(), TicketStatus.CLOSED, clock())
    assert db.session.get_one(Ticket, ticket.id).status is TicketStatus.CLOSED


def test_upgrading_keeps_every_row_and_every_rule(app, clock):
    """A second `upgrade` on a filled database changes nothing."""
    house = make_house()
    for status in TicketStatus:
        put(house, status, clock())
    before = {t: db.session.scalar(sa.text(f"SELECT count(*) FROM {t}")) for t in tables()}
    rules = constraints("check")
    leave_the_database_alone()
    upgrade()
    assert {t: db.session.scalar(sa.text(f"SELECT count(*) FROM {t}")) for t in before} == before
    assert constraints("check") == rules


def test_the_search_index_follows_the_rows(app, clock, engine_name):
    ticket = put(make_house(), TicketStatus.OPEN, clock())
    if engine_name == "sqlite":
        check = "INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)"
        with unit_of_work():
            db.session.execute(sa.text(check))
            db.session.delete(db.session.get_one(SearchDocument, ticket.id))
            db.session.flush()
            db.session.execute(sa.text(check))
    else:
        indexes = sa.text("SELECT indexdef FROM pg_indexes WHERE tablename = 'search_documents'")
        assert any("USING gin" in row for row in db.session.scalars(indexes))


def test_migrations_import_nothing_of_ours():
    for path in (ROOT / "migrations/versions").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import models" not in text
        assert "from models" not in text
        assert "from hotline" not in text


@pytest.mark.parametrize("command", [["db", "upgrade"], ["db", "check"]])
def test_the_command_line_does_it_too(app, database_uri, tmp_path, command):
    env = {
        "PATH": "",
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": database_uri.replace("+psycopg", ""),
        "DATA_DIR": str(tmp_path),
        "FLASK_SKIP_DOTENV": "1",
    }
    leave_the_database_alone()
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
