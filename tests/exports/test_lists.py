"""Lists taken away: the rows of the page, all of them, as this viewer may read them."""

import csv
import io
import os
from datetime import datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.exports import download, pieces, ticket_pages
from hotline.exports.slots import AT_ONCE, slots
from hotline.handoffs import service as handoffs
from hotline.tickets import service as tickets
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Call,
    CallbackKind,
    CallResult,
    CallState,
    Department,
    Direction,
    Role,
    Ticket,
    User,
    db,
)
from tests.makers import make_category, make_department, make_ticket, make_user

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def no_export_is_left_running():
    yield
    assert slots.running() == frozenset()


@pytest.fixture
def house(app, clock):
    return House(clock)


class House:
    """A hotline with one department and a few tickets, the last one of a caller who is afraid."""

    def __init__(self, clock):
        self.clock = clock
        self.operator = make_user(Role.OPERATOR, display_name="周敏")
        self.legal = make_department("legal", name_zh="权益保障部")
        self.handler = make_user(Role.HANDLER, department=self.legal)
        self.category = make_category(lead=self.legal)
        self.plain = self.ticket("拖欠工资三个月", "13900000001", "王建国")
        self.hostile = self.ticket("=cmd|' /C calc'!A0", "13900000002", "@李梅")
        self.afraid = self.ticket("赵小红说班长打人", "13900000003", "赵小红")
        with unit_of_work():
            ticket = db.session.get_one(Ticket, self.afraid)
            ticket.is_confidential, ticket.safe_summary = True, "有职工反映班组管理问题"

    def ticket(self, question, phone, name):
        self.clock.advance(minutes=7)
        made = make_ticket(
            operator=self.operator,
            category=self.category,
            phone=phone,
            question=question,
            caller_name=name,
        )
        return made.id

    def hand_off(self, *ticket_ids, note=""):
        for ticket_id in ticket_ids:
            with unit_of_work():
                handoffs.hand_off(
                    db.session.get_one(Ticket, ticket_id),
                    db.session.get_one(Department, self.legal.id),
                    actor=db.session.get_one(User, self.operator.id),
                    at=self.clock.time,
                    note=note,
                )


def taken(client, path, **form):
    """What a form answers: the rows as dictionaries by their headings, in the English page."""
    form = {"format": "xlsx", **form}
    answer = client.post(path, data=form, buffered=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Disposition"].isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    return rows_of(answer, form["format"])


def rows_of(answer, form):
    if form == "csv":
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(lines[0], row, strict=True)) for row in lines[1:]]


def local(at):
    return at.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


def english(person):
    with unit_of_work():
        db.session.get_one(User, person.id).locale = "en"
    return person


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


def test_more_rows_than_a_page_and_than_a_piece_come_once_each_in_order(
    house, sign_in, monkeypatch
):
    monkeypatch.setattr(pieces, "PIECE", 2)
    monkeypatch.setattr(pieces, "KEYS_AT_ONCE", 2)
    more = [house.ticket(f"第{n}件", f"138{n:08d}", "某人") for n in range(6)]
    rows = taken(sign_in(english(house.operator)), "/tickets/export", format="csv")
    titles = [row["What was asked"] for row in rows]
    assert titles[: len(more)] == [f"第{n}件" for n in reversed(range(6))]
    assert len(titles) == len(set(titles)) == 9


def test_what_changes_meanwhile_is_neither_lost_nor_doubled(house, app, monkeypatch):
    """The list is that of the moment it was asked for; nobody who writes waits for it."""
    monkeypatch.setattr(pieces, "PIECE", 1)
    viewer = db.session.get_one(User, house.operator.id)
    with app.test_request_context():
        table = ticket_pages.table(Filter(status="open"), Asked(viewer, house.clock.time))
        rows = iter(table.rows)
        read = [next(rows)]
        house.hand_off(house.plain)  # leaves the filter while the file is on its way
        house.ticket("新来的", "13700000000", "后来者")
        read += list(rows)
    assert table.count == 3
    assert [row[3] for row in read] == ["赵小红", "@李梅", "王建国"]


def test_what_somebody_may_no_longer_see_is_left_out(house, app, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 1)
    viewer = db.session.get_one(User, house.operator.id)
    with app.test_request_context():
        rows = iter(ticket_pages.table(Filter(), Asked(viewer, house.clock.time)).rows)
        next(rows)
        with unit_of_work():
            db.session.get_one(Ticket, house.plain).about_user_id = house.operator.id
        assert [row[3] for row in rows] == ["@李梅"]


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


def test_the_workbook_says_what_it_holds(house, sign_in):
    client = sign_in(english(house.operator))
    answer = client.post("/tickets/export", data={"format": "xlsx", "q": "拖欠"}, buffered=True)
    about = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1]
    notes = dict(about.iter_rows(values_only=True))
    assert notes["List"] == "Tickets"
    assert notes["Exported by"] == "周敏"
    assert notes["Number, name or words"] == "拖欠"
    assert datetime.fromisoformat(notes["Exported at"]) == local(house.clock.time)


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


def test_one_export_a_person_at_a_time(house, sign_in):
    client, form = sign_in(house.operator), {"format": "csv"}
    slots.take(house.operator.id)  # in another tab
    assert client.post("/tickets/export", data=form).status_code == 429
    other = sign_in(make_user(Role.OPERATOR)).post("/tickets/export", data=form, buffered=True)
    assert other.status_code == 200
    slots.give_back(house.operator.id)
    assert client.post("/tickets/export", data=form, buffered=True).status_code == 200


def test_few_in_all(house, sign_in):
    for stranger in range(1000, 1000 + AT_ONCE):
        slots.take(stranger)
    refused = sign_in(house.operator).post("/tickets/export", data={"format": "csv"})
    assert refused.status_code == 429
    for stranger in range(1000, 1000 + AT_ONCE):
        slots.give_back(stranger)


def test_a_failed_export_gives_its_place_back(house, sign_in, monkeypatch):
    client = sign_in(house.operator)

    def broken(*_args, **_more):
        raise OSError("no space left")

    monkeypatch.setattr(download, "xlsx_file", broken)
    assert client.post("/tickets/export", data={"format": "xlsx"}).status_code == 500
    assert client.post("/tickets/export", data={"format": "csv"}, buffered=True).status_code == 200


def test_what_a_killed_process_left_behind_goes_with_the_next_export(house, app, sign_in):
    folder = app.config["DATA_DIR"] / "exports"
    old, young = folder / "export-old", folder / "export-young"
    for draft, age in ((old, 13), (young, 1)):
        draft.mkdir(parents=True)
        (draft / "rows").write_text("王建国", encoding="utf-8")
        at = (house.clock.time - timedelta(hours=age)).timestamp()
        os.utime(draft, (at, at))
    taken(sign_in(english(house.operator)), "/tickets/export")
    assert list(folder.iterdir()) == [young]


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
