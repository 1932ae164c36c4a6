"""What happens is read once for all streams of a process, and none of them misses any of it."""

import pytest

from hotline.accounts import sessions
from hotline.live_updates import ear as ear_module
from hotline.live_updates import feed, news, wire
from hotline.live_updates import service as live_updates
from hotline.live_updates.ear import Ear
from hotline.live_updates.news import Listener, News
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, LoginSession, Role, db
from tests.makers import make_user


def everybody(refs):
    return set(refs)


def post(clock, *audiences, kind="call"):
    with unit_of_work():
        for number, audience in enumerate(audiences):
            live_updates.post(audience, kind, clock(), call=number)


@pytest.fixture
def listen(app):
    """Ears of this process, each with what it has heard when it opened."""

    def listen(*audiences, listener=None):
        reader = feed.Reader(feed.newest_id())
        ear = Ear(app, listener or Listener(1, everybody), lambda: audiences, reader)
        ear.__enter__()
        assert ear.hear() == []
        return ear

    return listen


def kinds(ear):
    return [update.kind for update in ear.hear()]


def test_one_reading_serves_all(listen, clock, count_queries):
    ears = [listen("hotline") for _ in range(20)]
    post(clock, "hotline", "supervisors", "hotline")
    count_queries.clear()
    assert [kinds(ear) for ear in ears] == [["call", "call"]] * 20
    assert len(count_queries) <= 3
    assert [kinds(ear) for ear in ears] == [[]] * 20


def test_each_hears_what_is_meant_for_them(listen, clock):
    mine, yours = listen("user:1", "hotline"), listen("user:2")
    post(clock, "user:1", "user:2", "department:3")
    assert [one.audience for one in mine.hear()] == ["user:1"]
    assert [one.audience for one in yours.hear()] == ["user:2"]


def test_what_is_committed_late_under_a_lower_id_is_heard_and_nothing_twice(listen, clock):
    put(40, clock)
    ear = listen("hotline")
    put(42, clock)
    later = listen("hotline")
    assert [one.id for one in ear.hear()] == [42]
    put(41, clock)
    assert [one.id for one in ear.hear()] == [41]
    assert [one.id for one in later.hear()] == [41]


def test_who_is_too_far_behind_is_told_to_look_at_everything(listen, clock, monkeypatch):
    monkeypatch.setattr(news, "KEPT", 2)
    ear = listen("hotline")
    post(clock, *["hotline"] * 3)
    assert ear.hear() == [None]
    assert wire.ALL["kind"] in wire._told(None, wire.whole, ear)
    post(clock, "hotline")
    assert kinds(ear) == ["call"]


def test_a_copy_of_the_database_that_was_put_back_is_heard_from_its_end(listen, clock):
    put(4711, clock)
    ear = listen("hotline")
    with unit_of_work():
        db.session.execute(db.delete(LiveUpdate))
    put(5, clock)
    assert ear.hear() == []
    put(6, clock)
    assert [one.id for one in ear.hear()] == [6]


def test_who_counts_no_more_hears_nothing_of_what_came_with_it(listen, clock):
    counting = {2}
    theirs = Listener(2, lambda refs: counting & set(refs))
    over, stays = listen("hotline", listener=theirs), listen("hotline")
    counting.clear()
    post(clock, "hotline")
    assert over.hear() is None
    assert kinds(stays) == ["call"]


def test_who_may_hear_something_else_hears_it_within_a_second(app, clock, monkeypatch):
    """Moved to another department, or no supervisor any more: the stream stays open."""
    passed = [1000.0]
    monkeypatch.setattr(ear_module.time, "monotonic", lambda: passed[0])
    audiences = ["hotline", "supervisors"]
    ear = Ear(app, Listener(1, everybody), lambda: audiences, feed.Reader(feed.newest_id()))
    with ear:
        assert ear.hear() == []
        audiences[:] = ["hotline", "department:3"]
        post(clock, "supervisors", "department:3")
        assert [one.audience for one in ear.hear()] == ["supervisors"], "asked a moment ago"
        passed[0] += ear_module.ANEW_SECONDS
        post(clock, "supervisors", "department:3", "hotline")
        assert [one.audience for one in ear.hear()] == ["department:3", "hotline"]


def test_of_what_many_hear_each_is_told_how_many_they_are(listen, app):
    operator, supervisor = listen("user:1", "hotline"), listen("user:2", "hotline", "supervisors")
    assert operator.is_one_of_many(feed.Update(1, "hotline", "call", {}))
    assert operator.is_one_of_many(feed.Update(1, "department:3", "queue", {}))
    assert not operator.is_one_of_many(feed.Update(1, "user:1", "call", {}))
    assert not supervisor.is_one_of_many(feed.Update(1, "hotline", "call", {}))


def test_sessions_count_as_the_pages_say(app, clock):
    """The same limits as for one session alone, asked for all at once."""
    people = [make_user(Role.OPERATOR) for _ in range(5)]
    with unit_of_work():
        for user in people:
            sessions.start(user, at=clock())
    ids = {one.user_id: one.id for one in db.session.scalars(db.select(LoginSession))}
    here, ended, disabled, idle, old = people
    with unit_of_work():
        sessions.end_all(ended, at=clock())
        disabled.is_active = False
        rows = {row.user_id: row for row in db.session.scalars(db.select(LoginSession))}
        rows[idle.id].active_at -= sessions.IDLE_LIMIT
        rows[old.id].started_at -= sessions.ABSOLUTE_LIMIT
    assert sessions.alive_among(ids.values(), clock()) == {ids[here.id]}
    for row in db.session.scalars(db.select(LoginSession)):
        assert sessions.is_alive(row, clock()) == (row.user_id == here.id)


def test_news_begin_where_the_process_does(app, clock):
    post(clock, "hotline")
    fresh = News(app)
    assert fresh.read() == 0
    post(clock, "hotline")
    assert fresh.read() == 1


def put(number, clock):
    with unit_of_work():
        update = LiveUpdate(id=number, at=clock(), audience="hotline", kind="call", data={})
        db.session.add(update)
    with live_updates.awake:
        live_updates.awake.notify_all()
