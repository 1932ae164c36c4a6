"""Live updates over a real server: they arrive, none is lost, and they end when they should."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from requests import Session
from werkzeug.serving import make_server

from hotline.accounts import sessions
from hotline.live_updates import feed, jobs, streams
from hotline.live_updates import service as live_updates
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, LoginSession, Role, User, db
from tests.live_updates.endings import end_streams
from tests.live_updates.listener import Listener, sign_in
from tests.makers import make_department, make_user


@pytest.fixture
def base(app) -> Iterator[str]:
    """The address of this test's application on a real, threaded server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
    end_streams()


@pytest.fixture
def operator(app) -> User:
    return make_user(Role.OPERATOR)


@pytest.fixture
def browser(base, operator, clock) -> Session:
    """The operator has been signed in for a minute."""
    browser = sign_in(base, operator.username)
    clock.advance(minutes=1)
    return browser


def post(clock, *audiences: str, kind: str = "callbacks") -> None:
    with unit_of_work():
        for place, audience in enumerate(audiences):
            live_updates.post(audience, kind, clock(), place=place)


def test_what_happens_arrives_at_once(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        begun = time.monotonic()
        post(clock, "hotline", f"user:{operator.id}")
        assert listener.events(2) == ["callbacks", "callbacks"]
        assert time.monotonic() - begun < 1.5


def test_a_stream_that_broke_misses_nothing(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        post(clock, "hotline", kind="ticket")
        assert listener.events(1) == ["ticket"]
    clock.advance(minutes=1)
    post(clock, "hotline", "hotline", "hotline")
    with Listener(browser, base, last_id=listener.last_id) as again:
        assert again.events(3) == ["callbacks"] * 3


def test_what_is_a_few_seconds_old_is_told_again(base, browser, clock):
    """It may have been committed behind what a page shows: the page knows what it has heard."""
    post(clock, "hotline", kind="call")
    clock.advance(seconds=2)
    with Listener(browser, base) as listener:
        assert listener.events(1) == ["call"]
    clock.advance(seconds=5)
    with Listener(browser, base) as later:
        post(clock, "hotline", kind="ticket")
        assert later.events(1) == ["ticket"]


def test_who_comes_back_after_a_night_is_told_to_look_at_everything(base, browser, clock):
    with Listener(browser, base) as listener:
        post(clock, "hotline")
        listener.events(1)
    post(clock, "hotline", "hotline")
    clock.advance(minutes=20)
    sweep_all_but_the_newest()
    with Listener(browser, base, last_id=listener.last_id) as again:
        assert again.events(2) == ["all", "callbacks"]


def test_who_heard_of_numbers_that_are_no_more_is_told_to_look_at_everything(base, browser, clock):
    """A database was put back from its copy: the numbers begin anew."""
    post(clock, "hotline")
    clock.advance(minutes=1)
    with Listener(browser, base, last_id="4711") as listener:
        assert listener.events(1) == ["all"]
        post(clock, "hotline", kind="ticket")
        assert listener.events(1) == ["ticket"]


def test_more_streams_than_places_are_sent_away_for_a_while(base, app, browser, clock):
    open_ones = [Listener(browser, base) for _ in range(app.config["HUIYIN"].MAX_STREAMS)]
    one_too_many = Listener(browser, base)

    assert one_too_many.answer.status_code == 503
    assert int(one_too_many.answer.headers["Retry-After"]) > 0
    for listener in [*open_ones, one_too_many]:
        listener.answer.close()


def test_the_end_of_the_session_is_the_end_of_the_stream(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        with unit_of_work():
            sessions.end_all(operator, at=clock())
        assert listener.runs_to_its_end()


def test_a_disabled_person_hears_nothing_more(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        with unit_of_work():
            operator.is_active = False
            live_updates.post("hotline", "call", clock())
        assert listener.runs_to_its_end()


def test_told_to_stop_every_stream_ends_within_a_second(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        begun = time.monotonic()
        streams.stop()
        assert listener.runs_to_its_end()
        assert time.monotonic() - begun < 1.5


def test_a_waiting_stream_holds_no_connection(base, browser, operator, clock):
    with Listener(browser, base) as listener:
        post(clock, "hotline")
        listener.events(1)
        db.session.rollback()
        threading.Event().wait(0.1)
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_listening_is_no_sign_that_somebody_sits_there(base, browser, operator, clock):
    signed_in_at = clock() - timedelta(minutes=1)
    clock.advance(minutes=5)
    with Listener(browser, base):
        browser.get(f"{base}/live/poll", timeout=10)
    db.session.rollback()
    assert db.session.scalars(db.select(LoginSession.active_at)).one() == signed_in_at


def test_a_stranger_hears_nothing(client):
    assert client.get("/live").status_code == 303
    assert client.get("/live/poll").status_code == 303


class TestPolling:
    def test_it_tells_again_what_may_have_been_committed_late(self, sign_in, operator, clock):
        client = sign_in(operator)
        put(12, clock)
        assert client.get("/live/poll?after=12").json["last"] == 12
        put(11, clock)
        assert {one["id"] for one in client.get("/live/poll?after=12").json["updates"]} == {11, 12}

    def test_what_was_swept_away_is_told_as_everything(self, sign_in, operator, clock):
        for number in (1, 2, 9):
            put(number, clock)
        sweep_all_but_the_newest()
        told = sign_in(operator).get("/live/poll?after=1").json
        assert told == {"last": 9, "updates": [{"id": 9, "kind": "all", "data": {}}]}

    def test_it_tells_what_came_and_where_to_go_on(self, sign_in, operator, clock):
        client = sign_in(operator)
        last = client.get("/live/poll").json["last"]
        post(clock, "hotline", "department:99", "hotline")

        told = client.get(f"/live/poll?after={last}").json
        assert [update["kind"] for update in told["updates"]] == ["callbacks", "callbacks"]
        clock.advance(minutes=1)
        assert client.get(f"/live/poll?after={told['last']}").json["updates"] == []

    @pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "٣"])
    def test_nonsense_means_from_now_on(self, sign_in, operator, clock, after):
        post(clock, "hotline")
        clock.advance(minutes=1)
        answer = sign_in(operator).get("/live/poll", query_string={"after": after})
        assert answer.status_code == 200
        assert answer.json["updates"] == []


class TestAudiences:
    def test_everybody_hears_what_concerns_them_and_no_more(self, app):
        legal = make_department("legal")
        kept = make_department("union")
        operator = make_user(Role.OPERATOR)
        handler = make_user(Role.HANDLER, department=legal)
        supervisor = make_user(Role.SUPERVISOR)
        auditor = make_user(Role.AUDITOR)
        with unit_of_work():
            kept.keeper_id = handler.id

        assert feed.audiences_of(operator) == [f"user:{operator.id}", "hotline"]
        assert set(feed.audiences_of(handler)) == {
            f"user:{handler.id}", f"department:{legal.id}", f"department:{kept.id}"
        }  # fmt: skip
        assert set(feed.audiences_of(supervisor)) == {
            f"user:{supervisor.id}", "hotline", "supervisors"
        }  # fmt: skip
        assert feed.audiences_of(auditor) == [f"user:{auditor.id}"]


class TestReading:
    def test_what_is_committed_late_under_a_lower_id_is_read_too(self, app, clock):
        reader = feed.Reader(10)
        put(12, clock)
        assert [one.id for one in reader.read(["hotline"])] == [12]
        put(11, clock)
        assert [one.id for one in reader.read(["hotline"])] == [11]
        assert reader.read(["hotline"]) == []
        assert reader.last_id == 12

    def test_what_came_before_is_not_read(self, app, clock):
        put(9, clock)
        assert feed.Reader(10).read(["hotline"]) == []

    def test_old_updates_go_and_the_newest_stays_so_that_ids_go_on(self, app, clock):
        put(1, clock)
        put(2, clock)
        clock.advance(days=1)
        assert jobs.forget_old_live_updates() == 1
        assert feed.newest_id() == 2


def put(number: int, clock) -> None:
    with unit_of_work():
        update = LiveUpdate(id=number, at=clock(), audience="hotline", kind="call", data={})
        db.session.add(update)


def sweep_all_but_the_newest() -> None:
    with unit_of_work():
        db.session.execute(db.delete(LiveUpdate).where(LiveUpdate.id < feed.newest_id()))
