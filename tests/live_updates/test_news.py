"""What happens is read once for all streams of a process, and none of them misses any of it."""

import socket
from contextlib import ExitStack, closing

import pytest

from hotline.accounts import sessions
from hotline.live_updates import ear as ear_module
from hotline.live_updates import feed, news, streams, views, wire
from hotline.live_updates import service as live_updates
from hotline.live_updates.ear import Ear, Listener
from hotline.live_updates.line import Line
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
def its_news(app, monkeypatch):
    """The test takes the turns of the thread that reads; what many hear is not held back."""
    monkeypatch.setattr(news.News, "_run", lambda its_news: None)
    monkeypatch.setattr(ear_module, "HELD_AT_MOST", 0.0)
    return news.of(app)


@pytest.fixture
def listen(its_news):
    """Ears of this process, each with what it has heard when it opened."""

    def listen(*audiences, ref=1, still_count=everybody, line=None):
        listener = Listener(ref, still_count, lambda refs: dict.fromkeys(refs, audiences))
        ear = Ear(listener, line or Line({}))
        stack.enter_context(its_news.told_to(ear))
        assert its_news.catch_up(ear, feed.Reader(feed.newest_id())) == []
        its_news.turn()
        return ear

    with ExitStack() as stack:
        yield listen


@pytest.fixture
def heard(its_news):
    """What an ear hears in the next turn, without waiting for what does not come."""

    def heard(ear):
        its_news.turn()
        its_news.turn()
        return [] if ear._untold.empty() else ear.hear()

    return heard


@pytest.fixture
def kinds(heard):
    return lambda ear: [update.kind for update in heard(ear)]


def test_one_reading_serves_all(listen, kinds, clock, count_queries):
    ears = [listen("hotline") for _ in range(20)]
    post(clock, "hotline", "supervisors", "hotline")
    count_queries.clear()
    assert [kinds(ear) for ear in ears] == [["call", "call"]] * 20
    assert len(count_queries) <= 3
    assert [kinds(ear) for ear in ears] == [[]] * 20


def test_each_hears_what_is_meant_for_them(listen, heard, clock):
    mine, yours = listen("user:1", "hotline"), listen("user:2")
    post(clock, "user:1", "user:2", "department:3")
    assert [one.audience for one in heard(mine)] == ["user:1"]
    assert [one.audience for one in heard(yours)] == ["user:2"]


def test_what_is_committed_late_under_a_lower_id_is_heard_and_nothing_twice(listen, heard, clock):
    put(40, clock)
    ear = listen("hotline")
    put(42, clock)
    assert [one.id for one in heard(ear)] == [42]
    later = listen("hotline")
    put(41, clock)
    assert [one.id for one in heard(ear)] == [41]
    assert [one.id for one in heard(later)] == [41]


def test_what_is_committed_while_a_stream_begins_is_heard_once(its_news, listen, heard, clock):
    """Between its own reading and the next of all others."""
    listen("hotline")
    ear = Ear(Listener(1, everybody, lambda refs: dict.fromkeys(refs, ["hotline"])), Line({}))
    reader = feed.Reader(feed.newest_id())
    with its_news.told_to(ear):
        put(7, clock)
        assert [one.id for one in its_news.catch_up(ear, reader)] == [7]
        put(8, clock)
        assert [one.id for one in heard(ear)] == [8]


def test_who_takes_nothing_is_told_to_look_at_everything(listen, its_news, kinds, clock):
    ear = listen("hotline")
    for _ in range(ear_module.MOST_UNTOLD + 1):
        post(clock, "hotline")
        its_news.turn()
        its_news.turn()
    assert ear.hear() == [None]
    assert wire.ALL["kind"] in wire._told([None], ear, wire.whole)
    post(clock, "hotline", kind="ticket")
    assert kinds(ear) == ["ticket"]


def test_a_copy_of_the_database_that_was_put_back_is_heard_from_its_end(listen, heard, clock):
    put(4711, clock)
    ear = listen("hotline")
    with unit_of_work():
        db.session.execute(db.delete(LiveUpdate))
    put(5, clock)
    assert heard(ear) == []
    put(6, clock)
    assert [one.id for one in heard(ear)] == [6]


@pytest.mark.parametrize("audience", ["hotline", "user:2"])
def test_who_counts_no_more_hears_nothing_of_what_came_with_it(
    listen, heard, kinds, clock, audience
):
    counting = {2}
    over = listen(audience, ref=2, still_count=lambda refs: counting & set(refs))
    stays = listen(audience)
    counting.clear()
    post(clock, audience)
    assert heard(over) is None
    assert kinds(stays) == ["call"]


def test_whose_browser_has_gone_is_told_nothing_more(listen, heard, clock):
    here, there = socket.socketpair()
    with closing(here):
        ear = listen("user:1", line=Line({"gunicorn.socket": here}))
        post(clock, "user:1")
        assert heard(ear) != []
        there.close()
        post(clock, "user:1")
        assert heard(ear) is None


def test_who_may_hear_something_else_hears_it_within_a_second(its_news, heard, clock, monkeypatch):
    """Moved to another department, or no supervisor any more: the stream stays open."""
    passed = [1000.0]
    monkeypatch.setattr(news.time, "monotonic", lambda: passed[0])
    audiences = ["hotline", "supervisors"]
    ear = Ear(Listener(1, everybody, lambda refs: dict.fromkeys(refs, audiences)), Line({}))
    with its_news.told_to(ear):
        its_news.catch_up(ear, feed.Reader(feed.newest_id()))
        assert heard(ear) == []
        audiences[:] = ["hotline", "department:3"]
        post(clock, "supervisors", "department:3")
        assert [one.audience for one in heard(ear)] == ["supervisors"], "asked a moment ago"
        passed[0] += news.ANEW_SECONDS
        post(clock, "supervisors", "department:3", "hotline")
        assert [one.audience for one in heard(ear)] == ["department:3", "hotline"]


def test_hundreds_are_asked_in_a_few_queries_what_they_may_hear(app, clock, count_queries):
    people = [make_user(Role.AUDITOR), *(make_user(Role.OPERATOR) for _ in range(6))]
    with unit_of_work():
        for user in people:
            sessions.start(user, at=clock())
    auditor, operator = people[0].id, people[1].id
    ids = {one.user_id: one.id for one in db.session.scalars(db.select(LoginSession))}
    db.session.remove()
    count_queries.clear()
    hears = views._audiences(ids.values())
    assert len(count_queries) <= 3
    assert hears[ids[auditor]] == [f"user:{auditor}"]
    assert hears[ids[operator]] == [f"user:{operator}", "hotline"]
    assert len(hears) == 7


class TestManyPages:
    @pytest.fixture
    def passed(self, its_news, monkeypatch):
        """By a clock that the test moves; each is held back as long as it may be."""
        passed = [1000.0]
        monkeypatch.setattr(news.time, "monotonic", lambda: passed[0])
        monkeypatch.setattr(ear_module.random, "random", lambda: 1.0)
        monkeypatch.setattr(ear_module, "HELD_AT_MOST", 2.0)
        monkeypatch.setattr(streams, "places", streams.Places())
        for number in range(200):
            monkeypatch.setitem(streams.places._of, number, 1)
        return passed

    def test_what_many_hear_waits_and_who_is_rung_does_not(
        self, passed, listen, its_news, heard, clock
    ):
        rung, other = listen("user:1", "hotline"), listen("user:2", "hotline")
        watches = listen("user:3", "hotline", "supervisors")
        post(clock, "hotline", "user:1")
        assert [one.audience for one in heard(rung)] == ["hotline", "user:1"]
        assert [one.audience for one in heard(watches)] == ["hotline"]
        passed[0] += 1.9
        assert heard(other) == []
        passed[0] += 0.2
        assert [one.audience for one in heard(other)] == ["hotline"]

    def test_what_is_held_back_is_told_with_what_comes_for_this_one(
        self, passed, listen, its_news, heard, clock
    ):
        """Else a browser that comes back would say that it has heard further than it has."""
        ear = listen("user:1", "hotline")
        post(clock, "hotline")
        assert heard(ear) == []
        post(clock, "user:1")
        assert [one.audience for one in heard(ear)] == ["hotline", "user:1"]
        passed[0] += 5
        assert heard(ear) == []

    def test_a_steady_stream_of_news_puts_nothing_off(self, passed, listen, its_news, heard, clock):
        ear = listen("hotline")
        for _ in range(3):
            post(clock, "hotline")
            assert heard(ear) == []
            passed[0] += 0.7
        assert len(heard(ear)) == 3

    def test_each_is_told_how_many_they_are(self, listen):
        operator, supervisor = listen("hotline"), listen("hotline", "supervisors")
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


def test_news_begin_where_the_process_does(listen, its_news, heard, clock):
    post(clock, "hotline")
    ear = listen("hotline")
    assert heard(ear) == []
    post(clock, "hotline")
    assert len(heard(ear)) == 1


def put(number, clock):
    with unit_of_work():
        update = LiveUpdate(id=number, at=clock(), audience="hotline", kind="call", data={})
        db.session.add(update)
    with live_updates.awake:
        live_updates.awake.notify_all()
