"""What a copy needs of PostgreSQL, what it leaves behind there, and what nobody may see of it."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hotline.operations import postgres_copies
from hotline.operations.manifest import Unfit
from hotline.unit_of_work import unit_of_work
from models import Counter, db
from tests.operations.test_copies import elsewhere
from tests.operations.test_copies import empty as empty

NOTE = """#!/bin/sh
{{ echo "${{0##*/}}" "$@"; echo "$PGPASSWORD"; }} >> {notes}
exec {program} "$@"
"""
SNAPSHOT = {"isolation_level": "REPEATABLE READ"}
OF_OTHERS = "CREATE VIEW webhooks AS SELECT 1"  # no table of ours, but in the way of one
SCRATCH = "SELECT datname FROM pg_database WHERE datname = '{name}'"


@pytest.fixture(autouse=True)
def on_postgresql(engine_name):
    if engine_name != "postgresql":
        pytest.skip("of PostgreSQL's programs and roles")


def administer(url: sa.URL | str, statement: str) -> list[str]:
    """What one statement of `url` finds, outside any transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        done = connection.exec_driver_sql(statement)
        return list(done.scalars()) if done.returns_rows else []


@pytest.fixture
def role(app):
    """`role(url, right)`: the address as another role has it, with this right."""
    made: list[tuple[str, sa.URL]] = []

    def role(url: sa.URL, right: str) -> sa.URL:
        name = f"huiyin_{uuid4().hex[:12]}"
        made.append((name, url))
        administer(url, f"CREATE ROLE {name} LOGIN PASSWORD 'a word'")
        administer(url, right.format(role=name))
        return url.set(username=name, password="a word")

    yield role
    for name, url in made:
        administer(url, f"REASSIGN OWNED BY {name} TO CURRENT_USER")
        administer(url, f"DROP OWNED BY {name}")
        administer(url, f"DROP ROLE {name}")


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """`seen()`: the words of each program of PostgreSQL's that ran, as everybody on the machine
    sees them, and the password it was given."""
    notes, folder = tmp_path / "notes", tmp_path / "bin"
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        file = folder / name
        file.write_text(NOTE.format(notes=notes, program=shutil.which(name)))
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def seen() -> list[tuple[list[str], str]]:
        lines = notes.read_text().splitlines()
        return list(zip(map(str.split, lines[::2]), lines[1::2], strict=True))

    return seen


@pytest.fixture
def dump(app, tmp_path) -> Path:
    """The file of a copy in which one thing is counted."""
    file = tmp_path / postgres_copies.FILE_NAME
    with unit_of_work():
        db.session.add(Counter(name="n", value=7))
    with db.engine.connect() as connection:
        postgres_copies.take(connection.execution_options(**SNAPSHOT), file)
    return file


@pytest.fixture
def place(empty) -> sa.URL:
    """A database without a table."""
    with empty.app_context():
        return db.engine.url


def test_who_may_not_check_a_copy_is_told_so_before_it_is_made(app, make_app, role, tmp_path):
    uri = role(db.engine.url, "GRANT pg_read_all_data TO {role}")
    other = make_app(SQLALCHEMY_DATABASE_URI=uri.render_as_string(hide_password=False))
    refused = elsewhere(other, "backup", tmp_path / "copies")
    assert (refused.exit_code, "CREATEDB" in refused.output) == (1, True), refused.output
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_comes_back_where_the_roles_have_other_names(dump, place, role):
    there = role(place, f"ALTER DATABASE {place.database} OWNER TO {{role}}")
    postgres_copies.put_back(dump, there)
    assert administer(there, "SELECT value FROM counters") == [7]


def test_what_cannot_be_restored_whole_is_not_restored_in_part(dump, place):
    administer(place, OF_OTHERS)
    with pytest.raises(Unfit) as refusal:
        postgres_copies.put_back(dump, place)
    why = refusal.value.params["why"]
    assert 'relation "webhooks" already exists' in why
    assert "CREATE" not in why, "what a program says besides may quote rows"
    assert postgres_copies.is_empty(place)


def test_a_copy_that_cannot_be_checked_leaves_no_database_behind(app, seen, tmp_path):
    file = tmp_path / "database.dump"
    file.write_bytes(b"nothing that can be restored")
    with pytest.raises(Unfit), postgres_copies.opened(file, db.engine.url):
        pass
    (name,) = [sa.make_url(words[-1].partition("=")[2]).database for words, _ in seen()]
    assert name.startswith("huiyin_check_")
    assert administer(db.engine.url, SCRATCH.format(name=name)) == []


def test_no_program_is_told_the_password_where_everybody_sees_it(app, make_app, seen, tmp_path):
    secret = db.engine.url.password or "correct-horse"
    uri = db.engine.url.set(password=secret).render_as_string(hide_password=False)
    done = elsewhere(make_app(SQLALCHEMY_DATABASE_URI=uri), "backup", tmp_path / "copies")
    assert done.exit_code == 0, done.output
    assert [(words[0], word) for words, word in seen()] == [
        ("pg_dump", secret),
        ("pg_restore", secret),
    ]
    assert not any(secret in " ".join(words) for words, _ in seen())
