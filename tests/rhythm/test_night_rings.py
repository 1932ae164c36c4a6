"""Which calls a night holds, what was heard in them, and what is owed of them in the morning."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.callbacks import emergency
from hotline.callbacks import service as callbacks
from hotline.rhythm import morning_views, nights, ringers
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    CallResult,
    Direction,
    Outcome,
    Role,
    SpecialDay,
    Ticket,
    User,
    db,
)
from tests.makers import make_ticket, make_user
from tests.rhythm.house import rings
from tests.rhythm.test_night import MINUTE, NIGHT, rows

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 15)
CLOSING = datetime(2026, 11, 13, 9, 30, tzinfo=UTC)  # Friday 17:30
OPENING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)  # Monday 08:30


@pytest.fixture
def operator(app, clock):
    return make_user(Role.OPERATOR)


def promised(ticket, kind, at):
    with unit_of_work():
        return callbacks.promise(db.session.get_one(Ticket, ticket.id), kind, at=at)


def about(ticket, user):
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = user.id


def night(clock, viewer):
    return nights.of(nights.span_of(MONDAY, clock()), viewer=viewer)


def shown(clock, viewer):
    """The same as the page shows it."""
    return ringers.shown(night(clock, viewer).ringers)


def others(clock, viewer, until=None):
    until = until or clock() + timedelta(days=5)
    return nights.other_debts(night(clock, viewer), until, viewer=viewer)


def test_it_holds_the_minute_of_the_closing_and_not_that_of_the_opening(operator, clock):
    rings("13911110001", CLOSING, CallResult.MISSED)
    rings("13911110002", OPENING, CallResult.MISSED)
    assert [one.number for one in night(clock, operator).ringers] == ["+8613911110001"]


def test_what_we_rang_in_the_night_is_no_call_of_it(operator, clock):
    rings("13911110001", NIGHT, CallResult.ANSWERED, operator=operator)
    with unit_of_work():
        db.session.scalars(select(Call)).one().direction = Direction.OUTBOUND
    assert night(clock, operator).ringers == []


def test_what_was_heard_in_a_ring_is_read_first_too(operator, clock):
    rings("13911110001", NIGHT, CallResult.MISSED)
    with unit_of_work():
        callbacks.record_attempt(
            db.session.scalars(select(Callback)).one(),
            Outcome.SOMEBODY_ELSE,
            actor=db.session.get_one(User, operator.id),
            at=NIGHT + MINUTE,
            note="家人说他爬塔吊去了",
        )
    (one,) = night(clock, operator).ringers
    assert one.words == ("爬塔吊",)


@pytest.mark.parametrize(
    ("now", "is_morning"),
    [
        ("2026-11-16 08:29", True),
        ("2026-11-16 09:29", True),
        ("2026-11-16 09:30", False),
        ("2026-11-15 07:00", False),  # a Sunday
    ],
)
def test_the_morning_is_the_first_hour_of_a_working_day(app, now, is_morning):
    at = datetime.fromisoformat(f"{now}+08:00")
    assert nights.is_morning(at.date(), at) is is_morning


class TestSomebodyWaits:
    """Whoever comes is led to the night by a call that nobody has returned, and by nothing else."""

    def waits(self, clock, viewer):
        return nights.somebody_waits(MONDAY, clock(), viewer=viewer)

    def test_since_the_house_closed(self, operator, clock):
        promised(make_ticket(), CallbackKind.RETURN_CALL, CLOSING - MINUTE)
        assert not self.waits(clock, operator)
        promised(make_ticket(phone="13800000001"), CallbackKind.RETURN_CALL, CLOSING)
        assert self.waits(clock, operator)

    def test_for_a_call_that_is_returned(self, operator, clock):
        promised(make_ticket(), CallbackKind.TELL, NIGHT)
        assert not self.waits(clock, operator)

    @pytest.mark.parametrize("is_over", [True, False])
    def test_until_it_was_or_cannot_be(self, operator, clock, is_over):
        one = promised(make_ticket(), CallbackKind.RETURN_CALL, NIGHT)
        with unit_of_work():
            if is_over:
                callbacks.settle(one.ticket, at=clock(), end=CallbackEnd.KEPT)
            else:
                one.exhausted_at = clock()
        assert not self.waits(clock, operator)

    def test_and_not_for_whom_it_is_about(self, operator, clock):
        about(rings("13911110001", NIGHT, CallResult.MISSED), operator)
        assert not self.waits(clock, operator)
        assert self.waits(clock, make_user(Role.OPERATOR))


class TestAlsoDue:
    """What is to be rung this morning besides the callers of the night."""

    def test_no_caller_of_the_night_is_named_twice(self, operator, clock):
        rings("13911110001", NIGHT, CallResult.MISSED)
        told = promised(make_ticket(), CallbackKind.TELL, NIGHT)
        assert others(clock, operator) == [told]

    def test_only_what_is_due_by_then(self, operator, clock):
        told = promised(make_ticket(), CallbackKind.TELL, NIGHT)
        assert others(clock, operator, told.due_at) == [told]
        assert others(clock, operator, told.due_at - MINUTE) == []

    def test_nothing_about_the_reader(self, operator, clock):
        ticket = make_ticket()
        promised(ticket, CallbackKind.TELL, NIGHT)
        about(ticket, operator)
        assert others(clock, operator) == []

    def test_it_stands_under_today_alone_and_under_the_whole_night(self, operator, clock, sign_in):
        promised(make_ticket(), CallbackKind.TELL, CLOSING)
        clock.set(datetime(2026, 11, 17, 1, tzinfo=UTC))  # the day after it fell due
        client = sign_in(operator)
        pages = {query: client.get(f"/morning{query}").text for query in ("", "?only=owed")}
        assert ["今早还应回电" in page for page in pages.values()] == [True, False]
        assert "今早还应回电" not in client.get("/morning?on=2026-11-16").text


def test_the_morning_ends_with_lunch_and_on_a_day_off_at_noon(app, clock):
    assert nights.end_of_morning(MONDAY) == datetime(2026, 11, 16, 4, tzinfo=UTC)
    assert nights.end_of_morning(SUNDAY) == datetime(2026, 11, 15, 4, tzinfo=UTC)
    with unit_of_work():
        hours = [[540, 690], [840, 1020]]  # 09:00 to 11:30, 14:00 to 17:00
        db.session.add(SpecialDay(on=MONDAY, is_working=True, intervals=hours))
    assert nights.end_of_morning(MONDAY) == datetime(2026, 11, 16, 3, 30, tzinfo=UTC)


def test_what_was_returned_in_the_night_says_so_and_what_was_long_ago_does_not(
    operator, clock, sign_in
):
    old = rings("13911110001", CLOSING - timedelta(days=3), CallResult.MISSED)
    with unit_of_work():
        callbacks.settle(db.session.get_one(Ticket, old.id), at=CLOSING, end=CallbackEnd.NOT_NEEDED)
    rings("13911110001", NIGHT, CallResult.ANSWERED, operator=operator)
    new = rings("13911110002", NIGHT, CallResult.MISSED)
    with unit_of_work():
        callbacks.settle(db.session.get_one(Ticket, new.id), at=NIGHT, end=CallbackEnd.KEPT)

    again, back = sorted(shown(clock, operator), key=lambda one: one.number)
    assert (list(again.promises), [one.end for one in back.promises]) == ([], [CallbackEnd.KEPT])
    assert back.owed == []
    assert night(clock, operator).count_of("owed") == 0
    assert "已兑现" in sign_in(operator).get("/morning").text


def test_a_debt_about_oneself_is_not_told_beside_another_call(operator, clock):
    first = rings("13911110001", CLOSING, CallResult.MISSED)
    rings("13911110001", NIGHT, CallResult.ANSWERED, operator=operator)
    about(first, operator)
    (one,) = night(clock, operator).ringers
    assert (one.promises, len(one.calls)) == ([], 1)


def test_what_is_to_be_told_stands_with_who_rang_about_it(operator, clock):
    """The wife rang about it, the husband, to whom it is owed, about something else."""
    matter = make_ticket(phone="13911110001")
    told = promised(matter, CallbackKind.TELL, NIGHT)
    rings("13911110002", NIGHT, CallResult.ANSWERED, operator=operator, about=matter)
    rings("13911110001", NIGHT + MINUTE, CallResult.ANSWERED, operator=operator)
    owed = {one.number[-1]: one.owed for one in shown(clock, operator)}
    assert owed == {"1": [], "2": [told]}


def test_of_what_a_number_is_owed_the_nearest_limit_stands_first(operator, clock):
    matter = make_ticket(phone="13911110001")
    told = promised(matter, CallbackKind.TELL, NIGHT)
    rings("13911110001", NIGHT, CallResult.ANSWERED, operator=operator, about=matter)
    rings("13911110001", NIGHT + MINUTE, CallResult.MISSED)
    (one,) = shown(clock, operator)
    assert [promise.kind for promise in one.owed] == [CallbackKind.RETURN_CALL, CallbackKind.TELL]
    assert one.owed[0].due_at < told.due_at


def test_danger_comes_before_words_and_the_last_one_first(operator, clock):
    for n, note in enumerate(("", "", "堵路", "堵路")):
        ticket = rings(f"1391111000{n}", NIGHT + n * MINUTE, CallResult.VOICEMAIL, note=note)
        if not note:
            with unit_of_work():
                here = db.session.get_one(Ticket, ticket.id)
                actor = db.session.get_one(User, operator.id)
                emergency.raise_alarm(here, actor=actor, at=NIGHT)
    found = [one.number[-1] for one in night(clock, operator).ringers]
    assert found == ["1", "0", "3", "2"]


def test_the_matters_of_a_number_stand_with_the_last_one_first(operator, clock):
    first, last = (
        rings("13911110001", NIGHT + n * MINUTE, CallResult.ANSWERED, operator=operator)
        for n in range(2)
    )
    (one,) = shown(clock, operator)
    assert [ticket.id for ticket in one.tickets] == [last.id, first.id]


def test_of_two_calls_of_a_number_only_those_that_were_missed_are_shown(operator, clock):
    ticket = rings("13911110001", NIGHT, CallResult.MISSED)
    rings("13911110001", NIGHT + MINUTE, CallResult.ABANDONED, about=ticket)
    (one,) = nights.narrowed(night(clock, operator), "missed")
    assert [call.result for call in one.calls] == [CallResult.MISSED]


def test_a_long_night_is_read_page_by_page(operator, clock, sign_in, monkeypatch):
    monkeypatch.setattr(morning_views, "A_PAGE", 2)
    for n in range(3):
        rings(f"1391111000{n}", NIGHT + n * MINUTE, CallResult.ANSWERED, operator=operator)
    client = sign_in(operator)
    page = client.get("/morning").text
    following = re.search(r'href="(/morning\?[^"]*from=2)"', page)[1].replace("&amp;", "&")
    assert rows(page) + rows(client.get(following).text) == [
        "139****0002",
        "139****0001",
        "139****0000",
    ]


@pytest.mark.parametrize("asked", ["1999-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_not_of_our_time_is_the_nearest_that_is(clock, sign_in, asked):
    assert sign_in(make_user(Role.OPERATOR)).get(f"/morning?on={asked}").status_code == 200
