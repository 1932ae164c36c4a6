"""Seats on the board, and the list of calls behind it."""

from datetime import timedelta
from random import Random

import pytest

from hotline.calls import came, filters, lists
from hotline.calls.filters import CallFilter
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import Role, Seat, SeatState, Ticket, db
from tests.figures.board.reading import board_now, rows_behind
from tests.figures.board.test_calls import any_calls
from tests.makers import make_ticket, make_user


class TestSeats:
    def test_who_sits_where_and_since_when(self, app, clock):
        first, second = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
        gone = make_user(Role.OPERATOR, is_active=False)
        with unit_of_work():
            for user, minutes in ((second, 5), (first, 30), (gone, 60)):
                since_at = clock() - timedelta(minutes=minutes)
                db.session.add(Seat(user_id=user.id, state=SeatState.FREE, since_at=since_at))
        free = board_now(clock).seats[SeatState.FREE]
        assert [(seat.user.id, seat.since_at) for seat in free] == [
            (first.id, clock() - timedelta(minutes=30)),
            (second.id, clock() - timedelta(minutes=5)),
        ]

    def test_an_empty_room_is_said(self, app, clock, sign_in):
        boss = make_user(Role.SUPERVISOR, locale="en")
        assert "nobody is at the telephone" in sign_in(boss).get("/now").text
        with unit_of_work():
            db.session.add(Seat(user_id=boss.id, state=SeatState.AFTER_CALL, since_at=clock()))
        assert "nobody is at the telephone" not in sign_in(boss).get("/now").text


class TestTheListOfCalls:
    def test_of_a_confidential_call_a_reviewer_sees_no_number(self, app, clock, sign_in, ring):
        call = ring("+8613912345678")
        reviewer, boss = make_user(Role.REVIEWER), make_user(Role.SUPERVISOR)
        for viewer in (reviewer, boss):
            page = sign_in(viewer).get("/calls/list").text
            assert "139****5678" in page
            assert "13912345678" not in page
        with unit_of_work():
            db.session.get_one(Ticket, call.ticket_id).is_confidential = True
        assert "139****5678" not in sign_in(reviewer).get("/calls/list").text
        assert "139****5678" in sign_in(boss).get("/calls/list").text

    def test_what_is_about_me_is_not_there(self, app, clock, sign_in, ring):
        boss, call = make_user(Role.SUPERVISOR), ring()
        assert rows_behind(sign_in(boss), "/calls/list") == 1
        with unit_of_work():
            db.session.get_one(Ticket, call.ticket_id).about_user_id = boss.id
        assert rows_behind(sign_in(boss), "/calls/list") == 0

    def test_narrowed_by_day_and_operator(self, app, clock):
        asked = Asked(make_user(Role.SUPERVISOR), clock())
        tickets, operators = [make_ticket()], [make_user(Role.OPERATOR) for _ in range(2)]
        with unit_of_work():
            db.session.add_all(any_calls(Random(3), clock(), tickets, operators))
        everything = lists.page_of(CallFilter(), asked, size=500).calls
        midnight = asked.start_of(clock().date())
        for wanted, is_in in (
            (CallFilter(since="2026-11-16"), lambda call: call.started_at >= midnight),
            (CallFilter(until="2026-11-15"), lambda call: call.started_at < midnight),
            (
                CallFilter(operator=str(operators[0].id)),
                lambda call: call.operator_id == operators[0].id,
            ),
        ):
            found = {call.id for call in lists.page_of(wanted, asked, size=500).calls}
            assert found == {call.id for call in everything if is_in(call)}
            assert 0 < len(found) < len(everything)

    @pytest.mark.parametrize(
        "wrong", ["result=x", "since=yesterday", "until=2026-13-01", "operator=x", "after=x"]
    )
    def test_nonsense_is_refused_beside_its_field(self, app, clock, sign_in, wrong):
        answer = sign_in(make_user(Role.SUPERVISOR)).get(f"/calls/list?{wrong}")
        assert answer.status_code == 422

    def test_the_last_day_is_the_day_of_the_rates(self, app, clock):
        assert CallFilter(since=filters.LAST_DAY).chosen == {"since": "24h"}
        assert timedelta(hours=24) == came.A_DAY
