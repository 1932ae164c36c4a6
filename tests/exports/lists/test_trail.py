"""Exports in the trail, and the trail exported."""

from sqlalchemy import select

from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Role, Ticket, User, db
from tests.exports.lists.house import english, taken
from tests.makers import make_user


def test_each_export_stands_in_the_trail(house, sign_in, clock):
    sign_in(house.operator).post(
        "/tickets/export",
        data={"format": "csv", "status": "open", "q": "赵小红", "department": house.legal.id},
        buffered=True,
    )
    entry = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export")).one()
    assert (entry.actor_id, entry.subject, entry.at) == (house.operator.id, "Tickets", clock.time)
    assert entry.data["rows"] == 0
    assert entry.data["asked"] == [
        ["Number, name or words", ""],  # a name is no business of the trail's
        ["Status", "待处理"],
        ["Department", "权益保障部"],
    ]
    page = sign_in(make_user(Role.AUDITOR)).get("/audit?kind=export").text
    assert "导出" in page
    assert "CSV" in page
    assert "待处理" in page
    assert "赵小红" not in page


def test_the_rows_in_the_trail_are_those_that_left(house, sign_in):
    rows = taken(sign_in(english(house.operator)), "/tickets/export")
    entry = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export")).one()
    assert entry.data["rows"] == len(rows) == 3


def test_the_auditor_takes_the_trail_and_no_word_of_a_caller(house, sign_in):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.plain)
        tickets.note(ticket, "悄悄话", actor=db.session.get_one(User, house.operator.id),
                     at=house.clock.time)  # fmt: skip
    client = sign_in(make_user(Role.AUDITOR, locale="en", display_name="沈正"))

    acts = taken(client, "/audit/export", kind="login")
    assert [(row["Who"], row["What"]) for row in acts] == [("沈正", "Signed in")]
    happened = taken(client, "/audit/tickets/export", format="csv")
    assert len(happened) >= 7
    assert {row["Ticket"] for row in happened} == set(db.session.scalars(select(Ticket.number)))
    everything = repr(happened)
    for word in ("悄悄话", "王建国", "赵小红", "拖欠", "1390000"):
        assert word not in everything
    exported = taken(client, "/audit/export", kind="export")
    assert [row["Touched"] for row in exported][-1] == "What people did"


def test_the_trail_is_the_auditors_alone(house, sign_in):
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        client = sign_in(make_user(role))
        assert client.post("/audit/export", data={"format": "csv"}).status_code == 403
    refused = sign_in(make_user(Role.AUDITOR)).post("/tickets/export", data={"format": "csv"})
    assert refused.status_code == 403
