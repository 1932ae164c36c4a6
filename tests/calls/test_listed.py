"""The list of calls: none lost between two pages, what each row says, what narrows it."""

import re
from datetime import timedelta

import pytest

from hotline.calls import lists
from hotline.calls.came import Share
from hotline.calls.filters import LAST_DAY, CallFilter
from hotline.figures import board
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import Call, CallResult, CallState, Direction, Role, Ticket, db
from tests.makers import make_ticket, make_user

SECOND = timedelta(seconds=1)


@pytest.fixture
def boss(app, clock):
    return make_user(Role.SUPERVISOR, locale="en")


@pytest.fixture
def rang(app, clock):
    """`rang(ago)`: a call that came so long ago and was missed; `waited`: picked up then."""
    tickets = [make_ticket(phone="13911110001")]

    def rang(ago, waited=None, **fields):
        begun, here = clock() - ago, db.session.get_one(Ticket, tickets[0].id)
        call = Call(
            **{
                "provider": "simulator",
                "call_ref": f"CA{begun.timestamp()}{len(tickets)}",
                "direction": Direction.INBOUND,
                "ticket_id": here.id,
                "caller_id": here.caller_id,
                "number": "+8613911110001",
                "state": CallState.ENDED,
                "result": CallResult.MISSED if waited is None else CallResult.ANSWERED,
                "started_at": begun,
                "answered_at": None if waited is None else begun + waited * SECOND,
                "pickup_seconds": waited,
                "ended_at": begun + 75 * SECOND,
                "heard_at": begun,
                **fields,
            }
        )
        tickets.append(here)
        with unit_of_work():
            db.session.add(call)
        return call

    return rang


def listed(boss, clock, size=500, **wanted):
    """All pages of the list."""
    found, after = [], ""
    while True:
        asked = Asked(boss, clock())
        page = lists.page_of(CallFilter(**wanted), asked, after=after, size=size)
        found += [call.id for call in page.calls]
        after = page.after
        if not after:
            return found


def connection(boss, clock):
    asked = Asked(boss, clock())
    return board.read(asked.at, asked.tomorrow, boss).rates.connection


def cells(page):
    """The rows as they are read: waited, talked, operator, telephone."""
    rows = re.findall(r"<tr>\s*(<td.*?)</tr>", page, re.S)
    plain = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [[re.sub(r"<[^>]+>|\s+", "", cell) for cell in row][2:6] for row in plain]


def test_of_calls_of_one_instant_none_is_lost_between_two_pages(boss, clock, rang):
    old, new, first, second = (rang(timedelta(hours=ago)) for ago in (9, 1, 2, 2))
    wanted = [new.id, second.id, first.id, old.id]
    for size in (1, 2, 3, 500):
        assert listed(boss, clock, size) == wanted, size


def test_the_last_24_hours_are_those_of_the_moment(boss, clock, rang):
    rang(timedelta(hours=24))
    inside = rang(timedelta(hours=24) - SECOND)
    assert listed(boss, clock, since=LAST_DAY) == [inside.id]
    assert connection(boss, clock) == Share(0, 1), "and so are those of the rate"
    clock.advance(seconds=1)
    assert listed(boss, clock, since=LAST_DAY) == []
    assert connection(boss, clock) == Share(0, 0)


def test_both_days_are_in_it_from_our_midnight_on(boss, clock, rang):
    midnight = timedelta(hours=9, minutes=30)
    rang(midnight)  # Monday
    last, first = rang(midnight + SECOND), rang(midnight + timedelta(hours=24))  # of Sunday
    rang(midnight + timedelta(hours=24) + SECOND)  # Saturday
    found = listed(boss, clock, since="2026-11-15", until="2026-11-15")
    assert found == [last.id, first.id]


def test_each_says_how_long_it_waited_and_was_talked(boss, clock, rang, sign_in):
    operator = make_user(Role.OPERATOR, display_name="周敏")
    rang(timedelta(hours=3))
    rang(timedelta(hours=2), waited=14, operator_id=operator.id)
    rang(timedelta(seconds=20), state=CallState.RINGING, result=None, ended_at=None)
    assert cells(sign_in(boss).get("/calls/list").text) == [
        ["–", "–", "–", "139****0001"],
        ["0:14", "1:01", "周敏", "139****0001"],
        ["1:15", "–", "–", "139****0001"],
    ]


def test_it_is_narrowed_to_who_takes_calls_and_to_nobody_else(boss, clock, sign_in):
    make_user(Role.OPERATOR, display_name="周敏")
    make_user(Role.HANDLER, display_name="冯工")
    page = sign_in(boss).get("/calls/list").text
    choice = re.search(r'<select[^>]*name="operator".*?</select>', page, re.S)[0]
    assert "周敏" in choice
    assert "冯工" not in choice


@pytest.mark.parametrize(
    ("fate", "holds"),
    [("missed", True), ("unconnected", True), ("counted", True), ("connected", False)],
)
def test_a_call_of_which_only_its_end_is_known_was_not_connected(boss, clock, rang, fate, holds):
    result = CallResult.MISSED if fate == "missed" else None
    call = rang(timedelta(hours=1), result=result)
    assert listed(boss, clock, result=fate) == [call.id] * holds


def test_picked_up_and_yet_given_up_is_one_of_them_alone(boss, clock, rang):
    """The company may report both: what was answered was connected."""
    call = rang(timedelta(hours=1), waited=3, result=CallResult.ABANDONED)
    found = {fate: listed(boss, clock, result=fate) for fate in ("connected", "abandoned")}
    assert found == {"connected": [call.id], "abandoned": []}


def test_picked_up_nobody_knows_how_fast_is_not_in_time(boss, clock, rang):
    call = rang(timedelta(hours=1), waited=3, pickup_seconds=None)
    found = {fate: listed(boss, clock, result=fate) for fate in ("connected", "in_time", "late")}
    assert found == {"connected": [call.id], "in_time": [], "late": [call.id]}
