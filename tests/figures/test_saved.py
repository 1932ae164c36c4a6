"""Saved reports: kept with a name, sent once about the days that are over, to who may read them."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from hotline.errors import Invalid, NotFound
from hotline.figures import jobs, saved
from hotline.outbox import jobs as outbox_jobs
from hotline.outbox.attachment import Attachment
from hotline.outbox.senders import Envelope, Mail
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    MessageStatus,
    OutboxAttachment,
    OutboxMessage,
    Role,
    SavedReport,
    Schedule,
    TicketStatus,
    db,
)
from tests.handoffs.house import at
from tests.makers import make_user
from tests.outbox.post_office import PostOffice
from tests.stages import make_house, put


@pytest.fixture
def boss(app, clock):
    return make_user(Role.SUPERVISOR, email="boss@union.example", locale="zh")


def keep(boss, clock, schedule=Schedule.WEEKLY, **more):
    with unit_of_work():
        return saved.save(
            "每周情况",
            {"by": "department"},
            **{"schedule": schedule, "recipients": [boss], "actor": boss, "at": clock.time, **more},
        )


def letters():
    found = select(OutboxMessage).where(OutboxMessage.kind == "report")
    return db.session.scalars(found.order_by(OutboxMessage.id)).all()


def test_a_weekly_report_is_sent_once_on_the_first_working_morning(boss, clock):
    house = make_house()
    put(house, TicketStatus.CLOSED, clock.time)  # on Monday the 16th
    keep(boss, clock)
    assert jobs.send_due_reports() == 0  # about last week it was too late to ask
    clock.set(at("2026-11-22 12:00"))  # Sunday
    assert jobs.send_due_reports() == 0
    clock.set(at("2026-11-23 07:00"))  # Monday, before the house opens
    assert jobs.send_due_reports() == 0
    clock.set(at("2026-11-23 09:05"))
    assert jobs.send_due_reports() == 1
    assert jobs.send_due_reports() == 0
    clock.advance(days=2)
    assert jobs.send_due_reports() == 0

    (letter,) = letters()
    assert letter.address == "boss@union.example"
    assert letter.subject == "每周情况 2026-11-16至2026-11-22"
    assert "诉求量: 1" in letter.body
    file = db.session.scalars(select(OutboxAttachment)).one()
    book = openpyxl.load_workbook(BytesIO(file.content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[-1][0] == "合计"
    assert rows[-1][rows[0].index("诉求量")] == 1


def test_after_a_long_sleep_only_the_last_days_are_sent(boss, clock):
    keep(boss, clock, Schedule.MONTHLY)
    clock.set(at("2027-02-03 10:00"))
    assert jobs.send_due_reports() == 1
    assert [one.subject for one in letters()] == ["每周情况 2027年1月"]


def test_each_gets_it_in_their_language_and_about_what_they_may_see(boss, clock):
    house = make_house()
    put(house, TicketStatus.ANSWERED, clock.time)
    head = house["head"]
    with unit_of_work():
        head.email, head.locale = "head@union.example", "en"
    stranger = make_user(
        Role.HEAD, department=house.office, email="other@union.example", locale="en"
    )
    keep(boss, clock, recipients=[boss, head, stranger])
    clock.set(at("2026-11-23 09:05"))
    assert jobs.send_due_reports() == 1
    bodies = {one.address: one.body for one in letters()}
    assert "Matters: 1" in bodies["head@union.example"]
    assert "Matters: 0" in bodies["other@union.example"]
    assert "诉求量: 1" in bodies["boss@union.example"]


def test_who_has_left_or_may_no_more_gets_none(boss, clock):
    keep(boss, clock)
    with unit_of_work():
        boss.is_active = False
    clock.set(at("2026-11-23 09:05"))
    assert jobs.send_due_reports() == 1
    assert letters() == []


@pytest.mark.parametrize(
    ("how", "field"),
    [({"recipients": []}, "recipients"), ({"recipients": "operator"}, "recipients")],
)
def test_who_may_not_read_reports_is_sent_none(boss, clock, how, field):
    if how["recipients"] == "operator":
        how = {"recipients": [make_user(Role.OPERATOR, email="op@union.example")]}
    with pytest.raises(Invalid) as refused:
        keep(boss, clock, **how)
    assert refused.value.field == field


def test_each_keeps_their_own_and_a_supervisor_all(boss, clock):
    house = make_house()
    own, of_boss = keep(house["head"], clock), keep(boss, clock)
    assert saved.of(house["head"]) == [own]
    assert saved.of(boss) == [own, of_boss]
    with pytest.raises(NotFound), unit_of_work():
        saved.delete(of_boss.id, actor=house["head"], at=clock.time)
    with unit_of_work():
        saved.delete(own.id, actor=boss, at=clock.time)
    assert saved.of(boss) == [of_boss]
    with pytest.raises(NotFound), unit_of_work():
        saved.delete(own.id, actor=boss, at=clock.time)


def test_one_keeps_so_many_and_no_more(boss, clock):
    head = make_user(Role.HEAD, email="head@union.example")
    with unit_of_work():
        for number in range(saved.MOST - 1):
            db.session.add(
                SavedReport(
                    name=f"第{number}份",
                    asked={},
                    schedule=Schedule.NEVER,
                    owner_id=head.id,
                    created_at=clock.time,
                )
            )
    keep(head, clock)
    with pytest.raises(Invalid) as refused:
        keep(head, clock)
    assert refused.value.field == "name"


def test_who_has_left_cannot_be_chosen(boss, clock):
    make_user(Role.SUPERVISOR, is_active=False)
    make_user(Role.SUPERVISOR, email="")
    make_user(Role.OPERATOR)
    assert saved.possible_recipients() == [boss]


def test_what_others_keep_leaves_room_for_ones_own(boss, clock, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 2)
    head = make_user(Role.HEAD, email="head@union.example")
    for actor in (head, head, boss, boss):
        keep(boss, clock, actor=actor)
    for actor in (head, boss):
        with pytest.raises(Invalid):
            keep(boss, clock, actor=actor)


def test_the_letter_arrives_with_its_table(boss, clock, app):
    office = PostOffice()
    try:
        mail = Mail("127.0.0.1", office.port, "hotline@union.example", starttls=False)
        content = b"PK\x03\x04 a table"
        file = Attachment("统计报表 2026.xlsx", "application/vnd.ms-excel", content)
        mail.send(Envelope(7, boss.email, "每周情况", "您好", attachments=(file,)))
        (letter,) = office.letters
        (file,) = letter.iter_attachments()
        assert (file.get_filename(), file.get_content()) == ("统计报表 2026.xlsx", content)
        assert "您好" in letter.get_body().get_content()
    finally:
        office.shutdown()
        office.server_close()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_a_name_of_two_lines_writes_no_header(boss, clock, app, end):
    office = PostOffice()
    try:
        mail = Mail("127.0.0.1", office.port, "hotline@union.example", starttls=False)
        mail.send(Envelope(7, boss.email, f"每周{end}Bcc: other@union.example", "您好"))
        (letter,) = office.letters
        assert letter["Bcc"] is None
        assert letter["Subject"] == "每周 Bcc: other@union.example"
    finally:
        office.shutdown()
        office.server_close()


def test_the_outbox_hands_the_table_over(boss, clock):
    keep(boss, clock)
    clock.set(at("2026-11-23 09:05"))
    jobs.send_due_reports()
    outbox_jobs.deliver_due_messages()
    assert [one.status for one in letters()] == [MessageStatus.SENT]


def test_on_the_page(boss, clock, sign_in):
    browser = sign_in(boss)
    typed = {"name": "按接线员", "by": "operator", "urgency": "urgent", "schedule": "monthly"}
    assert browser.post("/reports/saved", data=typed).status_code == 422  # to whom?
    typed["recipients"] = str(boss.id)
    assert browser.post("/reports/saved", data=typed).status_code == 303
    page = browser.get("/reports/saved").text
    assert "按接线员" in page
    row = db.session.scalars(select(SavedReport)).one()
    assert row.asked == {"by": "operator", "urgency": "urgent"}
    assert "/reports?period=2026-11&amp;by=operator&amp;urgency=urgent" in page

    typed |= {"name": "未转办的", "department": "none"}
    assert browser.post("/reports/saved", data=typed).status_code == 303
    assert "department=none" in browser.get("/reports/saved").text  # and not of everybody's
    nobodys = db.session.scalars(select(SavedReport).where(SavedReport.id != row.id)).one()
    assert browser.post(f"/reports/saved/{nobodys.id}/delete").status_code == 303

    colleague = sign_in(make_user(Role.REVIEWER))
    assert "按接线员" not in colleague.get("/reports/saved").text
    assert colleague.post(f"/reports/saved/{row.id}/delete").status_code == 404
    assert browser.post(f"/reports/saved/{row.id}/delete").status_code == 303
    assert db.session.scalars(select(SavedReport)).all() == []
    kinds = db.session.scalars(select(AuditEvent.kind)).all()
    assert {"save_report", "delete_report"} <= set(kinds)
