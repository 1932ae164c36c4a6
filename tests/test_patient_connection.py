"""What a server was taught outlasts the way back, until a statement fails."""

import pytest
import sqlalchemy as sa

from hotline.unit_of_work import unit_of_work
from models import Counter, db

OFTEN = 8  # the driver prepares what it sees for the sixth time


@pytest.fixture
def kept(app, engine_name):
    """How many statements about counters the server of this connection keeps."""
    if engine_name != "postgresql":
        pytest.skip("SQLite keeps them by itself")

    def kept():
        known = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%counters%'"
        return db.session.scalar(sa.text(known))

    return kept


def ask():
    db.session.scalars(sa.select(Counter)).all()
    db.session.rollback()


def test_what_every_page_asks_stays_prepared_after_the_page(kept):
    for _ in range(OFTEN):
        ask()
    assert kept() == 1


def test_after_an_error_nothing_is_kept(kept):
    for _ in range(OFTEN):
        ask()
    with pytest.raises(sa.exc.ProgrammingError):
        db.session.execute(sa.text("SELECT no_such_column FROM counters"))
    db.session.rollback()
    assert kept() == 0
    ask()


def test_what_was_written_is_taken_back(kept):
    for _ in range(OFTEN):
        ask()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        db.session.add(Counter(name="n", value=1))
        db.session.flush()
        raise ZeroDivisionError
    assert db.session.get(Counter, "n") is None
    assert kept() > 0


@pytest.fixture
def widened(kept):
    """`widened()`: another connection makes a column of counters wider; put back afterwards."""

    def widen(length):
        with db.engine.connect() as other:
            other.execute(sa.text(f"ALTER TABLE counters ALTER COLUMN name TYPE varchar({length})"))
            other.commit()

    before = Counter.__table__.c.name.type.length
    yield lambda: widen(before + 1)
    db.session.rollback()
    widen(before)


def test_a_table_that_changed_meanwhile_is_known_anew_after_one_error(kept, widened):
    """A new release changes tables while the old one still answers."""
    for _ in range(OFTEN):
        ask()
    db.session.connection()  # the one that was taught
    widened()
    with pytest.raises(sa.exc.NotSupportedError, match="must not change result type"):
        ask()
    db.session.rollback()
    ask()
