"""Lists taken away: the rows of the page, all of them, as this viewer may read them."""

import io
from datetime import datetime, timedelta
from urllib.parse import unquote

import openpyxl
import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Call,
    CallbackKind,
    CallResult,
    CallState,
    Direction,
    Role,
    Ticket,
    User,
    db,
)
from tests.exports.lists.house import english, local, taken
from tests.makers import make_department, make_user


def test_every_row_of_the_list_is_there_as_the_page_shows_it(house, sign_in):
    client = sign_in(english(house.operator))
    house.hand_off(house.hostile)

    rows = taken(client, "/tickets/export")

    shown = list(db.session.scalars(select(Ticket).order_by(Ticket.opened_at.desc())))
    assert [row["Number"] for row in rows] == [ticket.number for ticket in shown]
    assert [row["What was asked"] for row in rows] == [ticket.subject for ticket in shown]
    assert [row["Opened"] for row in rows] == [local(ticket.opened_at) for ticket in shown]
    assert [row["Caller"] for row in rows] == ["赵小红", "@李梅", "王建国"]
    assert [row["Status"] for row in rows] == ["To handle", "To accept", "To handle"]
    assert [row["With"] for row in rows] == [None, "Legal Department", None]
    assert [row["Marks"] for row in rows] == ["Confidential", None, None]
    assert [row["Accountable"] for row in rows] == ["周敏", None, "周敏"]
    page = client.get("/tickets").text
    for row in rows:
        assert row["Number"] in page
        assert row["Caller"] in page


def test_the_file_is_called_after_the_list_in_the_readers_language(house, sign_in):
    answer = sign_in(house.operator).post("/tickets/export", data={"format": "csv"}, buffered=True)
    name = answer.headers["Content-Disposition"]
    assert name.isascii()
    assert unquote(name).endswith("UTF-8''工单 2026-11-16 0951.csv")


def test_csv_holds_the_same_as_the_workbook(house, sign_in):
    client = sign_in(english(house.operator))
    book, text = taken(client, "/tickets/export"), taken(client, "/tickets/export", format="csv")

    def plain(value):
        return "" if value is None else str(value)

    assert [row["Number"] for row in text] == [row["Number"] for row in book]
    assert [row["Opened"] for row in text] == [plain(row["Opened"]) for row in book]
    assert text[1]["What was asked"] == f"'{book[1]['What was asked']}"  # no formula
    assert text[1]["Caller"] == "'@李梅"
    assert text[0]["Caller"] == book[0]["Caller"]


def test_the_list_is_narrowed_as_the_page_is(house, sign_in):
    house.hand_off(house.plain)
    client = sign_in(english(house.operator))
    (row,) = taken(client, "/tickets/export", status="queued")
    assert row["Number"] == db.session.get_one(Ticket, house.plain).number
    assert taken(client, "/tickets/export", status="suspended") == []
    assert client.post("/tickets/export", data={"format": "csv", "status": "x"}).status_code == 422


def test_a_department_takes_its_own_and_of_the_confidential_no_name(house, sign_in):
    house.hand_off(house.plain, house.afraid, note="赵小红请尽快联系")
    client = sign_in(english(house.handler))

    for form in ("xlsx", "csv"):
        rows = taken(client, "/tickets/export", format=form)
        assert len(rows) == 2
        afraid, plain = rows
        assert plain["Caller"] == "王建国"
        assert afraid["Caller"] == "Confidential"
        assert afraid["What was asked"] == "有职工反映班组管理问题"
        assert not afraid["Kind of caller"]
        queue = taken(client, "/queue/export", tab="accept", format=form)
        assert {row["Note to the department"] for row in queue} == {
            "赵小红请尽快联系",  # of the other ticket, whose caller is somebody else
            "＊＊＊请尽快联系",
        }
        everything = repr(rows) + repr([r for r in queue if r["Marks"] == "Confidential"])
        assert "赵小红" not in everything
        assert "13900000003" not in everything


def test_another_department_takes_nothing(house, sign_in):
    house.hand_off(house.plain)
    other = make_user(Role.HANDLER, department=make_department("finance"), locale="en")
    client = sign_in(other)
    assert taken(client, "/tickets/export") == []
    for tab in ("accept", "work", "return", "assist", "earlier"):
        assert taken(client, "/queue/export", tab=tab) == []


def test_who_wants_no_name_has_none_in_the_table(house, sign_in):
    with unit_of_work():
        db.session.get_one(Ticket, house.plain).is_nameless = True
    rows = taken(sign_in(english(house.operator)), "/tickets/export")
    assert rows[2]["Caller"] == "No name given"
    assert rows[2]["Marks"] == "No name"


def test_the_queue_comes_in_its_order_with_its_limits(house, sign_in):
    house.hand_off(house.hostile)
    house.clock.advance(hours=1)
    house.hand_off(house.plain)
    rows = taken(sign_in(english(house.handler)), "/queue/export", tab="accept")
    wanted = [db.session.get_one(Ticket, one).number for one in (house.hostile, house.plain)]
    assert [row["Number"] for row in rows] == wanted
    assert rows[0]["To accept by"] - rows[0]["Handed off"] == timedelta(hours=2)


def test_the_hotline_takes_what_it_watches(house, sign_in):
    house.hand_off(house.plain)
    client = sign_in(english(house.operator))
    assert len(taken(client, "/watch/export", which="unaccepted")) == 1
    assert taken(client, "/watch/export", which="overdue") == []
    house.clock.advance(days=20)
    assert len(taken(sign_in(house.operator), "/watch/export", which="overdue")) == 1


def test_numbers_of_callbacks_are_masked(house, sign_in):
    with unit_of_work():
        callbacks.promise(
            db.session.get_one(Ticket, house.plain),
            CallbackKind.TELL,
            at=house.clock.time,
            owner=db.session.get_one(User, house.operator.id),
        )
    client = sign_in(english(house.operator))
    for form in ("xlsx", "csv"):
        (row,) = taken(client, "/callbacks/export", place="due", format=form)
        assert row["Telephone"] == "139****0001"
        assert row["Caller"] == "王建国"
    assert taken(client, "/callbacks/export", place="pool") == []
    refused = client.post("/callbacks/export", data={"place": "colleagues", "format": "csv"})
    assert refused.status_code == 403


def test_the_workbook_says_what_it_holds(house, sign_in):
    client = sign_in(english(house.operator))
    answer = client.post("/tickets/export", data={"format": "xlsx", "q": "拖欠"}, buffered=True)
    about = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1]
    notes = dict(about.iter_rows(values_only=True))
    assert notes["List"] == "Tickets"
    assert notes["Exported by"] == "周敏"
    assert notes["Number, name or words"] == "拖欠"
    assert datetime.fromisoformat(notes["Exported at"]) == local(house.clock.time)


@pytest.mark.parametrize("wrong", [{}, {"format": "pdf"}])
def test_only_what_we_write_can_be_asked_for(house, sign_in, wrong):
    assert sign_in(house.operator).post("/tickets/export", data=wrong).status_code == 422


def test_nobody_is_led_to_export(house, app, sign_in):
    client = sign_in(house.operator)
    assert client.get("/tickets/export").status_code in (404, 405)
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/tickets/export", data={"format": "csv"}).status_code == 400
    assert not db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "export")).all()


def test_calls_come_with_what_they_waited_and_masked_numbers(house, sign_in):
    begun = house.clock.time
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.plain)
        db.session.add_all(
            Call(
                provider="simulator",
                call_ref=f"CA{n}",
                direction=Direction.INBOUND,
                ticket_id=one.id,
                caller_id=one.caller_id,
                number=one.callback_number,
                state=CallState.ENDED,
                result=result,
                operator_id=house.operator.id if waited else None,
                started_at=begun + timedelta(minutes=n),
                answered_at=begun + timedelta(minutes=n, seconds=waited) if waited else None,
                pickup_seconds=waited,
                ended_at=begun + timedelta(minutes=n, seconds=75),
                heard_at=begun,
            )
            for n, (one, result, waited) in enumerate(
                [
                    (ticket, CallResult.ANSWERED, 14),
                    (db.session.get_one(Ticket, house.afraid), CallResult.MISSED, None),
                ]
            )
        )
    client = sign_in(make_user(Role.REVIEWER, locale="en"))
    for form in ("xlsx", "csv"):
        missed, answered = taken(client, "/calls/list/export", format=form)
        assert answered["Telephone"] == "139****0001"
        assert missed["Telephone"] == "Confidential"  # a reviewer does not know this caller
        assert str(answered["Waited"]) == "0:00:14"
        assert str(answered["Talked"]) == "0:01:01"
        assert str(missed["Waited"]) == "0:01:15"
    (only,) = taken(client, "/calls/list/export", result="missed")
    assert only["How it went"] == "Missed"
