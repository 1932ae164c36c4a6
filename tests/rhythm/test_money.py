"""Money recovered: summed by month and year, each sum with its tickets, put right with a reason."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hotline.errors import Invalid
from hotline.tickets import filters
from hotline.unit_of_work import unit_of_work
from models import Role, Ticket, TicketEvent, db
from tests.handoffs.house import accept, answer, hand_off, make_house
from tests.makers import make_ticket, make_user


def recovered(yuan, at, phone="13912345678"):
    ticket = make_ticket(phone=phone)
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        row.money_recovered_fen, row.money_recovered_at = int(yuan * 100), at
    return ticket


def local(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def test_each_sum_leads_to_exactly_its_tickets(clock, sign_in):
    inside = [
        recovered(12000.50, local("2026-11-01T00:00:00"), "13900000001"),
        recovered(300, local("2026-11-16T09:00:00"), "13900000002"),
    ]
    recovered(5000, local("2026-10-31T23:59:59"), "13900000003")
    recovered(99, local("2025-12-31T23:59:59"), "13900000004")
    make_ticket(phone="13900000005")
    client = sign_in(make_user(Role.SUPERVISOR))
    page = client.get("/money").text

    assert "17,300.50元" in page
    assert re.search(r'href="/tickets\?money=2026-11">12,300.50元<', page)
    listed = client.get("/tickets?money=2026-11").text
    assert set(re.findall(r"\d{8}-\d{4}", listed)) == {ticket.number for ticket in inside}
    assert "12,000.50元" in listed
    assert 'name="money" value="2026-11"' in listed, "the list says what narrows it"
    assert client.get("/tickets?money=2026-13").status_code == 422
    whole_year = client.get("/tickets?money=2026").text
    assert len(set(re.findall(r"\d{8}-\d{4}", whole_year))) == 3
    assert "99.00元" in client.get("/money?year=2025").text
    assert client.get("/money?year=never").status_code == 200


def test_in_english_the_sign_stands_before_the_amount(clock, sign_in):
    recovered(12000.50, local("2026-11-01T00:00:00"))
    assert "¥12,000.50" in sign_in(make_user(Role.SUPERVISOR, locale="en")).get("/money").text


def test_each_month_says_in_how_many_tickets(clock, sign_in):
    recovered(300, local("2026-11-16T09:00:00"), "13900000001")
    recovered(500, local("2026-11-17T09:00:00"), "13900000002")
    recovered(5000, local("2026-10-31T23:59:59"), "13900000003")
    page = sign_in(make_user(Role.SUPERVISOR)).get("/money").text
    rows = re.findall(r">(2026-\d\d)</td><td[^>]*>(\d+)<", page)
    assert {month: int(number) for month, number in rows if number != "0"} == {
        "2026-10": 1,
        "2026-11": 2,
    }


@pytest.mark.parametrize("asked", [1999, 2027, 99999])
def test_of_a_year_that_was_not_this_one_is_shown(clock, sign_in, asked):
    page = sign_in(make_user(Role.SUPERVISOR)).get(f"/money?year={asked}")
    assert page.status_code == 200
    assert "2026-11" in page.text


def test_the_year_begins_at_our_midnight(clock, sign_in):
    clock.set(local("2027-01-01T00:30:00"))
    recovered(300, clock.time)
    page = sign_in(make_user(Role.SUPERVISOR)).get("/money").text
    assert "/tickets?money=2027-01" in page


def test_a_department_reports_money_and_it_counts_from_that_day(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    answer(house, money_recovered_fen=1_250_000)
    assert house.ticket.money_recovered_at == clock.time


def test_a_wrong_amount_is_put_right_with_a_reason_that_stays(clock, sign_in):
    ticket = recovered(12000, local("2026-11-02T09:00:00"))
    boss = sign_in(make_user(Role.SUPERVISOR))
    place = f"/tickets/{ticket.id}/money"
    assert place in boss.get(f"/tickets/{ticket.id}").text
    form = {"version": db.session.get_one(Ticket, ticket.id).version, "money": "1,200.00"}

    no_reason = boss.post(place, data=form)
    assert no_reason.status_code == 422
    assert "1,200.00" in no_reason.text
    clock.advance(days=40)
    boss = sign_in(make_user(Role.SUPERVISOR))
    assert boss.post(place, data={**form, "reason": "多写了一个零"}).status_code == 303

    db.session.expire_all()
    row = db.session.get_one(Ticket, ticket.id)
    assert row.money_recovered_fen == 120_000
    assert row.money_recovered_at == local("2026-11-02T09:00:00"), "it counts in its own month"
    (event,) = db.session.scalars(select(TicketEvent).where(TicketEvent.kind == "correct_money"))
    assert (event.data["before"], event.data["after"]) == (1_200_000, 120_000)
    story = boss.get(f"/tickets/{ticket.id}").text
    assert "12,000.00元 → 1,200.00元" in story
    assert "多写了一个零" in story
    assert boss.post(place, data={**form, "reason": "再来"}).status_code == 409, "an old form"


def test_nothing_is_an_amount_too(clock, sign_in):
    ticket = recovered(12000, local("2026-11-02T09:00:00"))
    version = db.session.get_one(Ticket, ticket.id).version
    form = {"version": version, "money": "0", "reason": "记错了工单"}
    boss = sign_in(make_user(Role.SUPERVISOR))
    assert boss.post(f"/tickets/{ticket.id}/money", data=form).status_code == 303
    assert "/tickets?money=2026-11" not in boss.get("/money").text


@pytest.mark.parametrize("money", ["-5", "viel", "1.234", "12000"])
def test_an_amount_that_cannot_be_is_refused(clock, sign_in, money):
    ticket = recovered(12000, local("2026-11-02T09:00:00"))
    version = db.session.get_one(Ticket, ticket.id).version
    form = {"version": version, "money": money, "reason": "更正"}
    place = f"/tickets/{ticket.id}/money"
    assert sign_in(make_user(Role.SUPERVISOR)).post(place, data=form).status_code == 422


def test_the_database_knows_no_negative_amount(app, clock):
    ticket = recovered(12000, clock.time)
    with pytest.raises(IntegrityError), unit_of_work():
        update = "UPDATE tickets SET money_recovered_fen = -1 WHERE id = :id"
        db.session.execute(text(update), {"id": ticket.id})


@pytest.mark.parametrize("value", ["2026-13", "26", "2026-1", "november", "2026-11-01"])
def test_only_a_month_or_a_year_is_asked_for(value):
    with pytest.raises(Invalid):
        filters.month_or_year(value)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR])
def test_who_reads_the_sums_does_not_change_them(clock, sign_in, role):
    ticket = recovered(12000, clock.time)
    client, place = sign_in(make_user(role)), f"/tickets/{ticket.id}/money"
    version = db.session.get_one(Ticket, ticket.id).version
    form = {"version": version, "money": "1", "reason": "更正"}
    assert client.get(place).status_code == 403
    assert client.post(place, data=form).status_code == 403
    assert db.session.get_one(Ticket, ticket.id).money_recovered_fen == 1_200_000


def test_an_operator_puts_nothing_right(clock, sign_in):
    ticket = recovered(12000, clock.time)
    page = sign_in(make_user(Role.OPERATOR)).get(f"/tickets/{ticket.id}").text
    assert "12,000.00元" in page
    assert f"/tickets/{ticket.id}/money" not in page
