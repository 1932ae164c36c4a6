"""Each column of a list taken away, and what is read anew while the file is on its way."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.callbacks.queries import Place
from hotline.calls.filters import CallFilter
from hotline.exports import call_pages, callback_pages, handoff_pages
from hotline.exports.handoff_pages import Watch
from hotline.exports.row_pages import Words
from hotline.handoffs import service as handoffs
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Call,
    CallbackKind,
    Collective,
    Handoff,
    HandoffRole,
    ReturnReason,
    Role,
    Ticket,
    TicketStatus,
    Urgency,
    User,
    db,
)
from tests.exports.lists.house import english, local, taken
from tests.handoffs.house import set_ticket
from tests.makers import make_user
from tests.stages import make_house, put

PHONES = ("13911110001", "13911110002")
NUMBERS = [f"139****{phone[-4:]}" for phone in PHONES]


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def pair(house, clock):
    """Two tickets in work, the second an hour younger."""
    first = put(house, TicketStatus.ACCEPTED, clock(), PHONES[0])
    clock.advance(hours=1)
    return first, put(house, TicketStatus.ACCEPTED, clock(), PHONES[1])


def promised(ticket, owner, clock, **how):
    with unit_of_work():
        here, user = db.session.get_one(Ticket, ticket.id), db.session.get_one(User, owner.id)
        return callbacks.promise(here, CallbackKind.TELL, at=clock(), owner=user, **how)


def rang(*tickets):
    """What was written down by hand came through the telephone."""
    with unit_of_work():
        calls = db.session.scalars(select(Call).where(Call.ticket_id.in_([t.id for t in tickets])))
        for call in calls:
            call.provider = "simulator"


def tables(viewer, at):
    """The lists that hold two rows each, as they are read while they are sent."""
    return {
        "calls": call_pages.table(CallFilter(), Asked(viewer, at)),
        "callbacks": callback_pages.table(viewer, Place.DUE),
        "handoffs": handoff_pages.watched_table(viewer, Watch.OVERDUE, at),
    }


@pytest.mark.parametrize("name", ["calls", "callbacks", "handoffs"])
def test_what_became_one_about_the_reader_is_left_out(house, pair, app, clock, name):
    boss = db.session.get_one(User, house["supervisor"].id)
    rang(*pair)
    for ticket in pair:
        promised(ticket, boss, clock)
    clock.advance(days=60)
    with app.test_request_context():
        table = tables(boss, clock())[name]
        assert table.count >= 2
        set_ticket(db.session.get_one(Ticket, pair[0].id), about_user_id=boss.id)
        said = repr(list(table.rows))
        assert pair[1].number in said
        assert pair[0].number not in said


def test_callbacks_come_most_overdue_first_each_with_its_times(house, pair, clock, sign_in):
    boss = english(house["supervisor"])
    later = promised(pair[0], boss, clock, due_at=clock() + timedelta(days=3))
    sooner = promised(pair[1], boss, clock, window="noon")
    between = put(house, TicketStatus.ACCEPTED, clock(), "13911110003")
    between = promised(between, boss, clock, due_at=clock() + timedelta(days=2))
    rows = taken(sign_in(boss), "/callbacks/export", place="due")
    assert [row["Telephone"] for row in rows] == [NUMBERS[1], "139****0003", NUMBERS[0]]
    for row, one in zip(rows, (sooner, between, later), strict=True):
        assert row["By when"] == local(one.due_at)
        assert row["Promised"] == local(one.promised_at)
        assert row["Promised by"] == local(one.first_due_at)
        assert row["Not before"] == local(one.not_before_at)
        assert row["First rung"] is None
        assert (row["Rung in vain"], row["At most"]) == (0, 3)
        assert row["Accountable"] == boss.display_name


def test_whose_caller_one_may_not_know_is_rung_from_the_card(house, clock, sign_in):
    ticket = put(house, TicketStatus.ACCEPTED, clock())
    handler = english(house["handler"])
    promised(ticket, handler, clock)
    set_ticket(
        db.session.get_one(Ticket, ticket.id),
        is_confidential=True,
        safe_summary="一名职工反映工资问题",
    )
    (row,) = taken(sign_in(handler), "/callbacks/export", place="due")
    assert (row["Caller"], row["Telephone"]) == ("Confidential", None)
    assert row["Matter"] == "一名职工反映工资问题"


def test_a_handoff_comes_with_all_its_times(house, pair, clock, sign_in):
    client = sign_in(english(house["handler"]))
    rows = {row["Number"]: row for row in taken(client, "/queue/export", tab="work")}
    led = select(Handoff).where(Handoff.ticket_id == pair[0].id, Handoff.role == HandoffRole.LEAD)
    lead = db.session.scalars(led).one()
    row = rows[pair[0].number]
    assert row["Handed off"] == local(lead.handed_off_at)
    assert row["To accept by"] == local(lead.accept_due_at)
    assert row["Accepted"] == local(lead.accepted_at)
    assert row["To answer by"] == local(lead.handle_due_at)
    assert len({lead.handed_off_at, lead.accept_due_at, lead.handle_due_at}) == 3
    assert row["Ended"] is None


def test_what_a_department_asks_back_is_not_what_it_has_not_accepted(house, pair, clock, sign_in):
    with unit_of_work():
        handoffs.ask_return(
            db.session.get_one(Ticket, pair[0].id),
            actor=db.session.get_one(User, house["handler"].id),
            at=clock(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    client = sign_in(english(house["operator"]))
    lists = {
        which: [row["Number"] for row in taken(client, "/watch/export", which=which)]
        for which in ("returns", "extensions", "unaccepted")
    }
    assert lists == {"returns": [pair[0].number], "extensions": [], "unaccepted": []}


def test_a_closed_ticket_says_how_long_it_took_and_how_often_it_moved(house, clock, sign_in):
    ticket = put(house, TicketStatus.CLOSED, clock())
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        row.opened_at = row.closed_at - timedelta(hours=50)
        row.handoff_count, row.rework_count, row.chased_count = 3, 2, 1
    (said,) = taken(sign_in(english(house["operator"])), "/tickets/export")
    assert said["From opening to close"] == timedelta(hours=50)
    assert (said["Hand-overs"], said["Reworks"], said["Chased"]) == (3, 2, 1)
    assert said["Accountable"] is None


def test_of_many_callers_one_reads_whether_they_are_one_matter_or_linked(app, clock):
    words = Words()
    with app.test_request_context(headers={"Accept-Language": "en"}):
        for number, mark in ((3, "Linked"), (10, "Collective")):
            ticket = Ticket(collective=Collective(callers_count=number), urgency=Urgency.NORMAL)
            assert words.marks_of(ticket) == mark
        critical = Ticket(urgency=Urgency.CRITICAL, is_supervised=True)
        assert words.marks_of(critical) == f"{words.label(Urgency.CRITICAL)}, Supervised"


def test_the_trail_says_how_the_calls_were_narrowed(house, clock, sign_in):
    rang(put(house, TicketStatus.OPEN, clock()))
    form = {"result": "in_time", "operator": str(house["operator"].id), "since": "24h"}
    taken(sign_in(make_user(Role.REVIEWER)), "/calls/list/export", **form)
    entry = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export")).one()
    said = dict(entry.data["asked"])
    assert set(said) == {"How it went", "Operator", "Rang from"}
    assert said["Operator"] == house["operator"].display_name
    assert "15" in said["How it went"]


def test_the_auditor_takes_what_was_asked_for_and_the_trail_says_so(house, pair, clock, sign_in):
    client = sign_in(make_user(Role.AUDITOR, locale="en"))
    rows = taken(client, "/audit/tickets/export", number=pair[0].number, day="2026-11-16")
    assert {row["Ticket"] for row in rows} == {pair[0].number}
    assert taken(client, "/audit/export", day="2026-11-15") == []
    last = select(AuditEvent).where(AuditEvent.kind == "export").order_by(AuditEvent.id)
    asked = [dict(one.data["asked"]) for one in db.session.scalars(last)]
    assert asked == [
        {"Ticket": pair[0].number, "Day": "2026-11-16"},
        {"Day": "2026-11-15"},
    ]


def test_the_workbook_says_how_many_rows_it_holds(house, pair, sign_in, app):
    client = sign_in(english(house["operator"]))
    answer = client.post("/tickets/export", data={"format": "xlsx"}, buffered=True)
    about = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1]
    assert dict(about.iter_rows(values_only=True))["Rows"] == "2"


CHOICES = (
    ({"owner": "me", "state": "overdue"}, {"Accountable": "Me", "What about it": "Overdue"}),
    ({"owner": "pool", "status": "unclosed"}, {"Accountable": "The pool", "Status": "Not closed"}),
    ({"mark": "supervised", "urgency": "urgent"}, {"Mark": "Supervised", "Urgency": "Urgent"}),
    (
        {"since": "2026-11-01", "until": "2026-11-20"},
        {"Opened from": "2026-11-01", "to": "2026-11-20"},
    ),
)


@pytest.mark.parametrize(("form", "said"), CHOICES)
def test_a_list_says_in_words_by_what_it_was_narrowed(house, sign_in, form, said):
    taken(sign_in(english(house["operator"])), "/tickets/export", **form)
    assert asked_of_the_last() == said


def test_people_departments_and_categories_are_said_by_their_names(house, sign_in):
    form = {
        "owner": str(house["colleague"].id),
        "department": str(house.legal.id),
        "category": str(house.wages.id),
    }
    taken(sign_in(english(house["operator"])), "/tickets/export", **form)
    assert asked_of_the_last() == {
        "Accountable": house["colleague"].display_name,
        "Department": house.legal.name_en,
        "Category": house.wages.name_en,
    }


def asked_of_the_last():
    (entry,) = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export"))
    return dict(entry.data["asked"])


def test_the_trail_taken_away_names_who_failed_to_sign_in_and_what_went_by_itself(
    house, client, sign_in
):
    for username in ("nobody", house["operator"].username):
        client.post("/login", data={"username": username, "password": "wrong"})
    auditor = sign_in(make_user(Role.AUDITOR, locale="en"))
    rows = taken(auditor, "/audit/export", kind="login_failed")
    known = house["operator"].display_name
    assert [row["Who"] for row in rows] == [known, "Unknown name"]
