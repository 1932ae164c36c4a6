"""What the first pages after a start would wait for is there before they are asked for."""

from hotline import warm
from hotline.calendars import official
from models import Role, db
from tests.makers import make_ticket, make_user


def test_the_first_page_reads_no_template_and_no_calendar(app, sign_in, monkeypatch):
    official.days_of.cache_clear()
    ticket, client = make_ticket(), sign_in(make_user(Role.SUPERVISOR))
    app.jinja_env.cache.clear()
    warm.up(app)
    known = official.days_of.cache_info().misses

    def read(*_: object) -> None:
        raise AssertionError("a template was read again")

    monkeypatch.setattr(app.jinja_env, "compile", read)
    for path in ("/tickets", f"/tickets/{ticket.id}", "/queue", "/now"):
        assert client.get(path).status_code == 200
    assert official.days_of.cache_info().misses == known


def test_nothing_is_asked_of_the_database(app, count_queries):
    """The process that is forked has no connection, which would be shared."""
    db.session.remove()
    db.engine.dispose()
    count_queries.clear()
    warm.up(app)
    assert count_queries == []
    assert db.engine.pool.checkedin() == db.engine.pool.checkedout() == 0
