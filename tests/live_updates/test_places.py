"""A stream's place comes back, whatever becomes of its browser."""

import socket
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from hotline.live_updates import service, streams
from hotline.live_updates import service as live_updates
from hotline.live_updates.line import UNANSWERED_MILLISECONDS, Line
from hotline.unit_of_work import unit_of_work
from models import Role, db
from tests.live_updates.endings import end_streams
from tests.live_updates.listener import sign_in
from tests.makers import make_user
from tests.telephony.server import serving

AT_ONCE = 3  # seconds; the next word of a silent stream comes after 8, the one that fails after 16


@pytest.fixture(autouse=True)
def places(monkeypatch) -> streams.Places:
    monkeypatch.setattr(streams, "places", streams.Places())
    return streams.places


def until(is_so: Callable[[], bool], seconds: float = AT_ONCE) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


class TestPlaces:
    def test_it_comes_back_at_the_end_of_the_stream_and_only_once(self, places):
        place = places.take(2, 1)
        with place:
            assert places.taken == 1
        place.__exit__()
        del place
        assert places.taken == 0

    def test_it_comes_back_when_its_stream_never_began(self, places):
        """A request may fail between the view and the first frame."""

        def stream(place):
            with place:
                yield "frame"

        begun_never = stream(places.take(1, 1))
        assert places.take(1, 1) is None
        del begun_never
        assert places.taken == 0

    def test_it_comes_back_when_nobody_closes_its_stream(self, places):
        def stream(place):
            with place:
                yield "frame"

        begun = stream(places.take(1, 1))
        assert next(begun) == "frame"
        del begun
        assert places.taken == 0

    def test_one_person_leaves_places_to_the_others(self, places):
        mine = [places.take(100, 1) for _ in range(streams.MOST_OF_ONE)]
        assert all(mine)
        assert places.take(100, 1) is None
        assert places.take(100, 2) is not None
        mine.pop()
        assert places.take(100, 1) is not None

    def test_none_is_given_once_the_streams_are_ending(self, places):
        streams.stop()
        try:
            assert places.take(1, 1) is None
            assert places.taken == 0
        finally:
            streams.stopping.clear()


class TestBrowsersThatGo:
    @pytest.fixture
    def open_stream(self, make_app, app) -> Callable[[], socket.socket]:
        """A stream on a bare connection, so that it can be left in any way."""
        operator = make_user(Role.OPERATOR)
        with serving(make_app, SQLALCHEMY_DATABASE_URI=app.config["SQLALCHEMY_DATABASE_URI"]) as it:
            base = it.config["PUBLIC_BASE_URL"]
            cookies = sign_in(base, operator.username).cookies.items()
            header = "; ".join(f"{name}={value}" for name, value in cookies)

            def open_stream() -> socket.socket:
                line = socket.create_connection(("127.0.0.1", it.config["PORT"]))
                line.sendall(f"GET /live HTTP/1.1\r\nHost: x\r\nCookie: {header}\r\n\r\n".encode())
                return line

            yield open_stream
            end_streams()

    def test_who_closes_the_page_is_noticed_before_anything_is_written(self, open_stream, places):
        line = open_stream()
        assert b"retry:" in read_until(line, b"retry:")
        line.close()
        assert until(lambda: places.taken == 0)

    def test_who_leaves_without_having_read_is_noticed(self, open_stream, places):
        line = open_stream()
        assert until(lambda: places.taken == 1)
        line.close()
        assert until(lambda: places.taken == 0)

    def test_who_resets_the_connection_is_noticed(self, open_stream, places):
        line = open_stream()
        assert until(lambda: places.taken == 1)
        at_once = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        line.close()
        assert until(lambda: places.taken == 0)

    def test_who_stays_keeps_the_place(self, open_stream, places):
        with closing(open_stream()) as line:
            read_until(line, b"retry:")
            assert not until(lambda: places.taken == 0, seconds=1.5)


def read_until(line: socket.socket, words: bytes) -> bytes:
    line.settimeout(10)
    heard = b""
    while words not in heard and (more := line.recv(4096)):
        heard += more
    return heard


class TestLine:
    def test_it_is_cut_when_the_other_end_closes_and_what_came_is_left_to_be_read(self):
        here, there = socket.socketpair()
        with closing(here):
            line = Line({"gunicorn.socket": here})
            assert not line.is_cut
            there.sendall(b"GET")
            assert not line.is_cut
            assert here.recv(3) == b"GET"
            there.close()
            assert line.is_cut

    def test_it_is_never_known_as_cut_where_the_server_does_not_show_it(self):
        assert not Line({}).is_cut

    @pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone has it")
    def test_who_vanishes_without_a_word_is_given_up_soon(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            there = socket.create_connection(server.getsockname())
            here, _address = server.accept()
            with closing(there), closing(here):
                Line({"werkzeug.socket": here})
                patience = here.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
                assert patience == UNANSWERED_MILLISECONDS


def test_streams_wake_when_the_whole_is_committed_not_a_savepoint_in_it(app, clock, monkeypatch):
    """A webhook writes inside a savepoint: its call must not wait for the next reading."""
    woken_inside = []

    class Awake:
        def __enter__(self) -> None: ...
        def __exit__(self, *_error: object) -> None: ...

        def notify_all(self) -> None:
            woken_inside.append(db.session().in_nested_transaction())

    monkeypatch.setattr(service, "awake", Awake())
    with unit_of_work(), db.session.begin_nested():
        live_updates.post("hotline", "call", clock())
    assert woken_inside == [False]
