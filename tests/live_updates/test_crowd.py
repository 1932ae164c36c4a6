"""Pages that can wait are served one after the other, and never before those that cannot."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from flask import Flask

from hotline import extensions
from hotline.live_updates import crowd

CAN_WAIT = {crowd.CAN_WAIT: "yes"}


@pytest.fixture
def drawing(make_app) -> Iterator[tuple[Flask, threading.Event, threading.Semaphore]]:
    """An application one page of which is drawn until it is told to end; how many are drawn."""
    app, ends, begun = make_app(), threading.Event(), threading.Semaphore(0)

    def slow() -> str:
        begun.release()
        assert ends.wait(20)
        return "drawn"

    def fails() -> str:
        raise ZeroDivisionError

    app.add_url_rule("/slow", view_func=extensions.csrf.exempt(slow), methods=["GET", "POST"])
    app.add_url_rule("/quick", view_func=lambda: "quick")
    app.add_url_rule("/fails", view_func=fails)
    yield app, ends, begun
    ends.set()


@pytest.fixture
def ask(drawing) -> Iterator[Callable[..., Future]]:
    app = drawing[0]
    with ThreadPoolExecutor(20) as threads:

        def ask(url, headers=CAN_WAIT):
            return threads.submit(lambda: app.test_client().get(url, headers=headers).status_code)

        yield ask
        drawing[1].set()


def test_who_can_wait_does_and_who_cannot_does_not(drawing, ask):
    _app, ends, begun = drawing
    first = ask("/slow")
    assert begun.acquire(timeout=10)
    second = ask("/quick")
    assert ask("/quick", {}).result(10) == 200
    assert not second.done()
    ends.set()
    assert first.result(10) == second.result(10) == 200


def test_what_is_sent_holds_up_nobody(drawing):
    app, _ends, begun = drawing
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(app.test_client().post, "/slow", headers=CAN_WAIT)
        assert begun.acquire(timeout=10)
        assert app.test_client().get("/quick", headers=CAN_WAIT).status_code == 200
        drawing[1].set()
        assert sent.result(10).status_code == 200


def test_nobody_waits_for_ever(drawing, ask, monkeypatch):
    monkeypatch.setattr(crowd, "LONGEST_SECONDS", 0.1)
    _app, ends, begun = drawing
    first = ask("/slow")
    assert begun.acquire(timeout=10)
    assert ask("/quick").result(10) == 503
    ends.set()
    assert first.result(10) == 200
    assert ask("/quick").result(10) == 200


def test_only_a_few_threads_wait(drawing, ask, monkeypatch):
    monkeypatch.setattr(crowd, "LONGEST_SECONDS", 20.0)
    _app, ends, begun = drawing
    first = ask("/slow")
    assert begun.acquire(timeout=10)
    others = [ask("/quick") for _ in range(crowd.MOST_WAITING + 3)]
    refused = [one for one in others if _is_refused(one)]
    assert len(refused) >= 3
    ends.set()
    assert first.result(10) == 200
    assert [one.result(10) for one in others if one not in refused] == [200] * (
        len(others) - len(refused)
    )


def test_a_page_that_fails_gives_its_turn_to_the_next(drawing, ask):
    assert ask("/fails").result(10) == 500
    assert ask("/quick").result(10) == 200


def _is_refused(answer: Future) -> bool:
    try:
        return answer.result(1) == 503
    except TimeoutError:
        return False
