"""The rows behind a number: their order from page to page, and what is taken away of them."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hotline.figures import behind
from hotline.figures.measures import MEASURES
from hotline.figures.period import Period
from hotline.figures.sources import Scope
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Role, Ticket, TicketStatus, db
from tests.makers import make_category, make_ticket, make_user
from tests.stages import make_house, put

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def house(app, clock):
    return make_house()


def scope(house, clock):
    return Scope(NOVEMBER, house["supervisor"], clock.time)


def through_all_pages(measure, scope, **how):
    found, after = [], ""
    while True:
        page = behind.page(MEASURES[measure], scope, after=after, size=1, **how)
        found += page.rows
        after = page.after
        if not after:
            return found


def taken(browser, **asked):
    form = {"period": "2026-11", "format": "csv", **asked}
    with browser.post("/reports/behind/export", data=form) as answer:
        assert answer.status_code == 200
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    return [dict(zip(lines[0], row, strict=True)) for row in lines[1:]]


def opened(clock, *hours):
    return [
        make_ticket(phone=f"1391111{n:04d}", at=clock.time - timedelta(hours=ago))
        for n, ago in enumerate(hours)
    ]


def test_the_latest_come_first_and_none_is_lost_between_two_of_the_same_instant(house, clock):
    old, new, first, second = opened(clock, 9, 1, 2, 2)
    wanted = [new.id, second.id, first.id, old.id]
    rows = through_all_pages("matters", scope(house, clock))
    assert [row.ticket.id for row in rows] == wanted
    assert rows[0].at == clock.time - timedelta(hours=1)
    assert {row.seconds for row in rows} == {None}, "no clock is measured by a matter"
    again = through_all_pages("matters", scope(house, clock), slowest=True)
    assert [row.ticket.id for row in again] == wanted, "and none is the slowest"


def test_the_slowest_come_first_and_what_was_not_measured_does_not(house, clock):
    tickets = [
        put(house, TicketStatus.CLOSED, clock.time, f"1391111000{n}") for n in range(4)
    ]  # fmt: skip
    with unit_of_work():
        for ticket, seconds in zip(tickets, (10, 30, 10, None), strict=True):
            db.session.get_one(Ticket, ticket.id).whole_seconds = seconds
    rows = through_all_pages("closed", scope(house, clock), slowest=True)
    assert [(row.ticket.id, row.seconds) for row in rows] == [
        (tickets[1].id, 30),
        (tickets[2].id, 10),
        (tickets[0].id, 10),
    ]
    assert len(behind.page(MEASURES["closed"], scope(house, clock), slowest=True).rows) == 3
    assert len(behind.page(MEASURES["closed"], scope(house, clock)).rows) == 4


def test_the_file_says_the_same_in_the_same_order(house, clock, sign_in):
    for n, seconds in ((1, 7200), (0, 3600)):
        ticket = put(house, TicketStatus.CLOSED, clock.time, f"1391111000{n}")
        with unit_of_work():
            row = db.session.get_one(Ticket, ticket.id)
            row.whole_seconds, row.closed_at = seconds, clock.time - timedelta(hours=n)
    browser = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    rows = taken(browser, measure="closed")
    assert [row["Took"] for row in rows] == ["1:00:00", "2:00:00"]
    assert [row["Counts at"] for row in rows] == ["2026-11-16 09:30:00", "2026-11-16 08:30:00"]
    assert [row["Caller"] for row in rows] == ["No name given"] * 2


def test_of_a_confidential_caller_the_file_says_what_the_page_says(house, clock, sign_in):
    ticket = put(house, TicketStatus.ACCEPTED, clock.time)
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        row.is_confidential, row.safe_summary = True, "一名职工反映工资问题"
        row.caller.name = "王建国"
    for role, caller, asked in (
        (Role.REVIEWER, "Confidential", "一名职工反映工资问题"),
        (Role.SUPERVISOR, "王建国", "工地三个月没发工资"),
    ):
        browser = sign_in(make_user(role, locale="en"))
        (said,) = taken(browser, measure="matters")
        assert (said["Caller"], said["What was asked"]) == (caller, asked)
        page = browser.get("/reports/behind?period=2026-11&measure=matters").text
        assert caller in page
        assert asked in page


def test_the_trail_says_of_which_figure_which_days_and_which_row(house, clock, sign_in):
    make_category("other")
    put(house, TicketStatus.ACCEPTED, clock.time)
    browser = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    department = {"key": str(house.legal.id), "by": "department", "urgency": "normal"}
    assert len(taken(browser, measure="passages", **department)) == 1
    (entry,) = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export"))
    said = dict(entry.data["asked"])
    assert said["Figure"] == "Hand-overs"
    assert said["Row"] == house.legal.name_en
    assert said["Period"] == "November 2026"
    assert "By urgency" in said
