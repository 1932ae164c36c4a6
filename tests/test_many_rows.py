"""Many rows by one statement: each as it was given, in that order, with its own number."""

from datetime import timedelta

import pytest

from hotline import many_rows
from hotline.unit_of_work import unit_of_work
from models import Channel, LiveUpdate, MessageStatus, Notification, OutboxMessage, Role, db
from tests.makers import make_user


def lines(user, at, count):
    return [
        {
            "user_id": user.id,
            "dedupe_key": f"line:{number}",
            "text": 'Was "%(name)s" told? 第一行\n第二行',
            "params": {"b": number, "a": {"zh": "权益保障部", "en": None}},
            "at": at + timedelta(microseconds=count - number),
        }
        for number in range(count)
    ]


def test_each_row_has_the_number_that_is_answered_for_it(app, clock):
    user = make_user(Role.OPERATOR)
    rows = lines(user, clock(), 120)
    with unit_of_work():
        before = many_rows.numbered(Notification, rows[:1])
        numbers = many_rows.numbered(Notification, rows[1:])
    for number, row in zip([*before, *numbers], rows, strict=True):
        found = db.session.get_one(Notification, number)
        assert {name: getattr(found, name) for name in row} == row
        assert (found.is_urgent, found.read_at, found.callback_id) == (False, None, None)


def test_what_is_not_said_stands_at_its_default(app, clock):
    message = {
        "dedupe_key": "one",
        "channel": Channel.SMS,
        "kind": "one",
        "address": "+8613712345678",
        "body": "话",
        "status": MessageStatus.PENDING,
        "due_at": clock(),
        "created_at": clock(),
    }
    with unit_of_work():
        many_rows.write(OutboxMessage, [message])
    found = db.session.scalars(db.select(OutboxMessage)).one()
    assert (found.channel, found.status) == (Channel.SMS, MessageStatus.PENDING)
    assert (found.subject, found.attempts, found.provider_ref, found.error) == ("", 0, "", "")
    assert found.not_at_night is False


def test_one_statement_however_many(app, clock, count_queries):
    user = make_user(Role.OPERATOR)
    rows = lines(user, clock(), 90)
    with unit_of_work():
        count_queries.clear()
        many_rows.write(Notification, rows)
        assert len(count_queries) == 1
        assert many_rows.numbered(Notification, []) == ()


def test_nothing_is_written_outside_a_unit_of_work(app, clock):
    update = {"at": clock(), "audience": "hotline", "kind": "ticket", "data": {}}
    with pytest.raises(RuntimeError, match="outside"):
        many_rows.write(LiveUpdate, [update])


def test_what_was_written_is_gone_with_the_rest(app, clock):
    user = make_user(Role.OPERATOR)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        many_rows.write(Notification, lines(user, clock(), 3))
        raise ZeroDivisionError
    assert db.session.scalars(db.select(Notification)).all() == []
