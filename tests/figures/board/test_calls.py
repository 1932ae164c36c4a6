"""The live board on calls: each rate by a story, and by a slow loop over rows."""

from collections import Counter
from datetime import timedelta
from html import unescape
from random import Random

import pytest

from hotline.calls import came, list_words, lists
from hotline.calls.came import FATES, Share
from hotline.calls.filters import CallFilter
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import (
    BY_HAND,
    Call,
    CallResult,
    CallState,
    Direction,
    Role,
    SeatState,
    Ticket,
    TicketStatus,
    db,
)
from tests.figures.board.reading import LINK, board_now, rows_behind
from tests.makers import make_ticket, make_user
from tests.stages import make_house, put


class TestACallThatWaits:
    """People ring; the two figures follow, each of its own calls."""

    def test_twenty_seconds_are_too_long(self, clock, ring, report_leg, hang_up, sit):
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
        ring,
        report_leg,
        hang_up,
        sit,
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

    def test_who_gives_up_counts_and_who_gives_up_at_once_does_not(self, clock, ring, hang_up, sit):
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
        ring,
        hang_up,
    ):
        hang_up(ring(), 2)
        assert board_now(clock).rates.connection == Share(0, 1)

    def test_after_a_day_it_is_forgotten(self, clock, ring, hang_up):
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
