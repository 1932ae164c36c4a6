"""What is posted is heard once, and only of what was committed."""

import pytest
from sqlalchemy import select

from hotline.live_updates import service as live_updates
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, db


def heard():
    db.session.rollback()
    return [(one.kind, one.data) for one in db.session.scalars(select(LiveUpdate))]


def test_what_is_said_twice_in_one_transaction_is_heard_once(app, clock):
    with unit_of_work():
        live_updates.post("hotline", "ticket", clock(), ticket=1)
        live_updates.post("hotline", "ticket", clock(), ticket=2)
        live_updates.post("hotline", "ticket", clock(), ticket=1)
    assert heard() == [("ticket", {"ticket": 1}), ("ticket", {"ticket": 2})]


def test_what_a_savepoint_took_back_is_not_heard(app, clock):
    """As when a webhook cannot be interpreted: the raw row stays, nobody looks for a call."""
    with unit_of_work():
        live_updates.post("hotline", "ticket", clock(), ticket=1)
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            live_updates.post("hotline", "call", clock(), call=1)
            with db.session.begin_nested():
                live_updates.post("hotline", "call", clock(), call=2)
            _ = 1 / 0
        with db.session.begin_nested():
            live_updates.post("hotline", "call", clock(), call=3)
    assert heard() == [("ticket", {"ticket": 1}), ("call", {"call": 3})]


def test_what_was_rolled_back_is_not_heard_with_the_next_transaction(app, clock):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        live_updates.post("hotline", "call", clock(), call=1)
        _ = 1 / 0
    live_updates.post("hotline", "call", clock(), call=2)  # before any transaction began
    with unit_of_work():
        live_updates.post("hotline", "call", clock(), call=3)
    assert heard() == [("call", {"call": 3})]
