"""The live board: each figure said by a story, and recomputed by a slow loop over rows."""

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from random import Random

import pytest

from hotline.calls import came, filters, list_words, lists
from hotline.calls.came import FATES, Share
from hotline.calls.filters import CallFilter
from hotline.demo import service as demo
from hotline.figures import board, queries
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import (
    BY_HAND,
    Call,
    Callback,
    CallResult,
    CallState,
    Direction,
    Handoff,
    HandoffRole,
    Role,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.calls.conftest import hang_up, report_leg, ring, sit  # noqa: F401 - fixtures
from tests.makers import _HASH, make_ticket, make_user
from tests.stages import make_house, put

LINK = re.compile(r'href="(/calls/list\?[^"]*)"[^>]*>([\d.]+)(%?)<')
ROW = re.compile(r'class="hy-num" href="/tickets/\d+"')


@pytest.fixture
def boss(app, clock, tmp_path):
    with unit_of_work():
        demo.seed(clock(), Random(11), password_hash=_HASH, sounds=tmp_path)
    return db.session.scalars(db.select(User).where(User.username == "sup")).one()


def board_now(clock, viewer=None):
    db.session.rollback()
    asked = Asked(viewer or make_user(Role.SUPERVISOR), clock())
    return board.read(asked.at, asked.tomorrow, viewer)


class TestACallThatWaits:
    """People ring; the two figures follow, each of its own calls."""

    def test_twenty_seconds_are_too_long(self, clock, ring, report_leg, hang_up, sit):  # noqa: F811
        sit()
        quick = ring("+8613900000001")
        clock.advance(seconds=9)
        report_leg(quick, "in-progress")
        assert board_now(clock).rates.pick_up.permille == 1000
        clock.advance(minutes=2)
        hang_up(quick, 131)

        sit()
        slow = ring("+8613900000002")
        waiting = board_now(clock).waiting
        assert (waiting.number, waiting.since_at) == (1, slow.started_at)
        clock.advance(seconds=20)
        assert board_now(clock).waiting.since_at == clock() - timedelta(seconds=20)
        report_leg(slow, "in-progress")

        now = board_now(clock)
        assert (now.waiting.number, now.waiting.since_at) == (0, None)
        assert now.rates.pick_up == Share(1, 2)
        assert now.rates.pick_up.permille == 500
        assert now.rates.connection == Share(2, 2)

    def test_a_late_report_that_it_rang_earlier_is_believed(
        self,
        clock,
        ring,  # noqa: F811
        report_leg,  # noqa: F811
        hang_up,  # noqa: F811
        sit,  # noqa: F811
    ):
        sit()
        call = ring()  # the first report of it comes when it has rung for 20 seconds
        clock.advance(seconds=4)
        report_leg(call, "in-progress")
        assert board_now(clock).rates.pick_up == Share(1, 1)
        clock.advance(seconds=60)
        hang_up(call, 84)
        assert board_now(clock).rates.pick_up == Share(0, 1)
        assert db.session.get_one(Call, call.id).pickup_seconds == 24

    def test_who_gives_up_counts_and_who_gives_up_at_once_does_not(self, clock, ring, hang_up, sit):  # noqa: F811
        sit(SeatState.AFTER_CALL)  # somebody writes up, so people wait
        for number, seconds in (("+8613900000001", 40), ("+8613900000002", 2)):
            hang_up(ring(number), seconds)
        ring("+8613900000003")

        now = board_now(clock)
        rates = now.rates
        assert (rates.unconnected, rates.hung_up_early, rates.under_way) == (1, 1, 1)
        assert now.waiting.number == 1
        assert rates.connection == Share(0, 1)
        assert rates.pick_up.permille is None  # of nothing there is no rate

    def test_where_nobody_is_there_it_is_no_matter_how_soon_one_gives_up(
        self,
        clock,
        ring,  # noqa: F811
        hang_up,  # noqa: F811
    ):
        hang_up(ring(), 2)
        assert board_now(clock).rates.connection == Share(0, 1)

    def test_after_a_day_it_is_forgotten(self, clock, ring, hang_up):  # noqa: F811
        hang_up(ring(), 40)
        clock.advance(hours=23, minutes=59)
        assert board_now(clock).rates.connection == Share(0, 1)
        clock.advance(minutes=2)
        assert board_now(clock).rates.connection == Share(0, 0)

    def test_what_was_logged_by_hand_is_no_ring(self, app, clock):
        put(make_house(), TicketStatus.OPEN, clock())
        assert db.session.scalars(db.select(Call)).one().answered_at
        assert board_now(clock).rates == came.Rates(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("share", "permille", "is_enough"),
    [
        (Share(949, 1000), 949, False),
        (Share(94_999, 100_000), 949, False),  # not rounded up to the target it misses
        (Share(95, 100), 950, True),
        (Share(9_999, 10_000), 999, True),
        (Share(7, 7), 1000, True),
    ],
)
def test_a_rate_never_looks_better_than_it_is(share, permille, is_enough):
    assert (share.permille, share.reaches(95)) == (permille, is_enough)


def any_calls(rng, at, tickets, operators, number=160):
    """Calls of every fate, also such as no story would tell, around the edge of the day."""
    for which in range(number):
        ticket = rng.choice(tickets)
        started_at = at - timedelta(seconds=rng.randrange(60, 30 * 3600))
        state = rng.choice([CallState.ENDED] * 6 + list(CallState))
        waited = rng.randrange(0, 40)
        is_answered = state is CallState.TALKING or (
            state is CallState.ENDED and rng.random() < 0.7
        )
        others = [result for result in CallResult if result is not CallResult.ANSWERED]
        result = CallResult.ANSWERED if is_answered else rng.choice([*others, None])
        answered_at = started_at + timedelta(seconds=waited) if is_answered else None
        yield Call(
            provider=rng.choice(["simulator", "simulator", "twilio", *BY_HAND]),
            call_ref=f"any{which}",
            direction=rng.choice([Direction.INBOUND] * 5 + [Direction.OUTBOUND]),
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            number="+8613912345678",
            state=state,
            result=result if state is CallState.ENDED else None,
            operator_id=rng.choice(operators).id if is_answered else None,
            started_at=started_at,
            answered_at=answered_at,
            pickup_seconds=waited if is_answered else None,
            ended_at=started_at + timedelta(minutes=3) if state is CallState.ENDED else None,
            heard_at=at,
        )


def fate_of(call, limit):
    """In which of the four a call is, and whether it was picked up in time; said the slow way."""
    if call.answered_at:
        return "connected", (call.answered_at - call.started_at).total_seconds() <= limit
    if call.state is not CallState.ENDED:
        return "under_way", False
    if call.result is CallResult.HUNG_UP_EARLY:
        return "hung_up_early", False
    return "unconnected", False


@pytest.mark.parametrize("seed", range(3))
def test_the_rates_are_those_of_a_slow_loop(app, clock, sign_in, seed):
    rng, boss = Random(seed), make_user(Role.SUPERVISOR)
    operators = [make_user(Role.OPERATOR) for _ in range(3)]
    tickets = [make_ticket(phone=f"139000000{n:02d}") for n in range(8)]
    with unit_of_work():
        db.session.get_one(Ticket, tickets[0].id).about_user_id = boss.id
        db.session.add_all(any_calls(rng, clock(), tickets, operators))
    rang = [
        call
        for call in db.session.scalars(db.select(Call))
        if call.direction is Direction.INBOUND and call.provider not in BY_HAND
    ]
    for viewer in (None, boss):
        seen = [call for call in rang if viewer is None or call.ticket_id != tickets[0].id]
        of_the_day = [call for call in seen if call.started_at > clock() - timedelta(hours=24)]
        fates = Counter(fate_of(call, 15)[0] for call in of_the_day)
        in_time = sum(fate_of(call, 15)[1] for call in of_the_day)
        now = board_now(clock, viewer)
        assert vars(now.rates) == {**dict.fromkeys(came.COUNTED, 0), **fates, "in_time": in_time}
        on_the_line = (CallState.RINGING, CallState.WAITING)
        waiting = [call.started_at for call in seen if call.state in on_the_line]
        assert now.waiting == came.Waiting(len(waiting), min(waiting, default=None))
    assert len(of_the_day) < len(seen) < len(rang)

    page = sign_in(boss).get("/now").get_data(as_text=True)
    links = [(unescape(url), said) for url, said, sign in LINK.findall(page) if not sign]
    assert len(links) >= 8
    for url, said in links:
        assert rows_behind(sign_in(boss), url) == int(said), url


def rows_behind(browser, url):
    """How many rows a list of calls has, through all its pages."""
    found = 0
    while url:
        page = browser.get(url).get_data(as_text=True)
        found += len(ROW.findall(page))
        following = re.search(r'href="(/calls/list\?[^"]*after=[^"]*)"', page)
        url = unescape(following[1]) if following else ""
    return found


def test_every_call_of_a_day_has_one_of_the_four_fates(app, clock):
    tickets, operators = [make_ticket()], [make_user(Role.OPERATOR)]
    with unit_of_work():
        db.session.add_all(any_calls(Random(5), clock(), tickets, operators))
    asked = Asked(make_user(Role.SUPERVISOR), clock())

    def ids(fate):
        page = lists.page_of(CallFilter(result=fate), asked, size=500)
        return Counter(call.id for call in page.calls)

    four = ids("connected") + ids("unconnected") + ids("under_way") + ids("hung_up_early")
    assert four == ids("")
    assert set(four.values()) == {1}
    assert ids("counted") == ids("connected") + ids("unconnected")
    assert ids("connected") == ids("in_time") + ids("late")
    assert set(list_words.FATES) == set(FATES)


def test_what_departments_hold_is_what_a_slow_loop_finds(boss, clock):
    for hours in (0, 7, 50):
        clock.advance(hours=hours)
        asked = Asked(boss, clock())
        for viewer in (None, boss):
            found = {
                row.department.id: (row.held, row.unaccepted, row.due_today, row.overdue)
                for row in board.by_department(asked.at, asked.tomorrow, viewer)
            }
            assert found == slowly_by_department(asked, viewer)
    assert sum(overdue for *_rest, overdue in found.values()) > 3


def slowly_by_department(asked, viewer):
    held: dict[int, list[int]] = {}
    for ticket in db.session.scalars(db.select(Ticket)):
        if ticket.department_id is None or (viewer and ticket.about_user_id == viewer.id):
            continue
        (live,) = [
            handoff
            for handoff in db.session.scalars(
                db.select(Handoff).where(Handoff.ticket_id == ticket.id)
            )
            if handoff.role is HandoffRole.LEAD and handoff.ended_at is None
        ]
        counts = held.setdefault(ticket.department_id, [0, 0, 0, 0])
        counts[0] += 1
        counts[1] += ticket.status is TicketStatus.QUEUED
        if live.paused_at is None:
            counts[2] += asked.at < live.due_at < asked.tomorrow
            counts[3] += live.due_at <= asked.at
    return {department: tuple(counts) for department, counts in held.items()}


def test_the_debts_are_those_of_a_slow_loop(boss, clock):
    with unit_of_work():
        some = db.session.scalars(db.select(Ticket).where(Ticket.closed_at.is_(None)).limit(3))
        for ticket in some:
            ticket.is_emergency = True
    clock.advance(hours=5)
    asked = Asked(boss, clock())
    due, late = set(), set()
    for one in db.session.scalars(db.select(Callback)):
        if one.ended_at or one.exhausted_at or one.receipt_due_at:
            continue
        was_late = bool(one.first_attempt_at and one.first_attempt_at > one.first_due_at)
        if one.due_at <= asked.at or was_late:
            late.add(one.ticket_id)
        elif one.due_at < asked.tomorrow:
            due.add(one.ticket_id)
    unclosed = [
        ticket
        for ticket in db.session.scalars(db.select(Ticket))
        if ticket.status is not TicketStatus.CLOSED
    ]
    emergencies = sum(ticket.is_emergency for ticket in unclosed)
    debts = board.debts(asked.at, asked.tomorrow)
    assert debts == board.Debts(len(unclosed), len(due), len(late), emergencies)
    assert min(len(due) + len(late), emergencies) > 0
    oldest = board.read(asked.at, asked.tomorrow, None).oldest
    first = min(
        (ticket.opened_at, ticket.id) for ticket in unclosed if ticket.kept_since_at is None
    )
    assert (oldest.opened_at, oldest.ticket_id) == first
    page = queries.now(asked)
    figures = (page.figures[name].number for name in ("owed", "callback_due", "callback_overdue"))
    assert tuple(figures) == (debts.owed, debts.callback_due, debts.callback_overdue)


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
    def test_of_a_confidential_call_a_reviewer_sees_no_number(self, app, clock, sign_in, ring):  # noqa: F811
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

    def test_what_is_about_me_is_not_there(self, app, clock, sign_in, ring):  # noqa: F811
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


LITTLE = r" USING (COVERING )?INDEX ix_(tickets_unclosed|tickets_outer_owed|feedback_unsigned)"
TABLES = "tickets|calls|handoffs|callbacks|feedback|holds|ticket_events"
WHOLE = re.compile(rf"\bSCAN ({TABLES})\b(?!{LITTLE})")


def test_nothing_looks_at_what_is_over(app, clock, engine_name):
    """Every table with a history is read through an index, by the page and by the wall."""
    if engine_name != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics: bench/ measures it")
    put(make_house(), TicketStatus.CLOSED, clock())
    asked = Asked(make_user(Role.SUPERVISOR), clock())
    said = []

    def note(connection, _cursor, statement, parameters, *_rest):
        said.append((statement, parameters))

    db.session.rollback()
    db.event.listen(db.engine, "before_cursor_execute", note)
    queries.now(asked)
    board.read(asked.at, asked.tomorrow, None)
    board.debts(asked.at, asked.tomorrow)
    db.event.remove(db.engine, "before_cursor_execute", note)
    selects = [(s, p) for s, p in said if s.startswith("SELECT")]
    assert len(selects) >= 8
    for statement, parameters in selects:
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        steps = "\n".join(row[3] for row in plan)
        assert not WHOLE.search(steps), f"{statement}\n{steps}"
