"""The letters of saved reports: once each, about what was asked, in the language of the reader."""

from datetime import UTC

import pytest
from sqlalchemy import select

from hotline.errors import Invalid
from hotline.figures import jobs, saved
from hotline.outbox import jobs as outbox_jobs
from hotline.outbox import service as outbox
from hotline.outbox.attachment import Attachment
from hotline.outbox.senders import Mail
from hotline.unit_of_work import unit_of_work
from models import (
    Channel,
    OutboxAttachment,
    Role,
    SavedReport,
    Schedule,
    TicketStatus,
    Urgency,
    User,
    UserRole,
    db,
)
from tests.figures.test_saved import boss as boss  # a fixture
from tests.figures.test_saved import keep, letters
from tests.handoffs.house import at
from tests.makers import make_user
from tests.outbox.post_office import PostOffice
from tests.stages import make_house, put

MONDAY = at("2026-11-23 09:05")  # the week of the stopped clock is over


def saved_again(row, **fields):
    with unit_of_work():
        here = db.session.get_one(SavedReport, row.id)
        for name, value in fields.items():
            setattr(here, name, value)


def bodies():
    return {letter.address: letter.body for letter in letters()}


def test_the_page_says_when_it_was_sent_last(boss, clock, sign_in):
    keep(boss, clock)
    assert "上次" not in sign_in(boss).get("/reports/saved").text
    clock.set(MONDAY)
    jobs.send_due_reports()
    row = db.session.scalars(select(SavedReport)).one()
    assert (row.sent_for, row.sent_at) == ("2026-11-16..2026-11-22", MONDAY)
    clock.advance(minutes=5)
    assert "上次" in sign_in(boss).get("/reports/saved").text


def test_of_two_who_find_it_due_one_sends_it(boss, clock, monkeypatch):
    row_id = keep(boss, clock).id
    clock.set(MONDAY)
    monkeypatch.setattr(saved, "due", lambda _at: [row_id, row_id])
    assert jobs.send_due_reports() == 1
    assert len(letters()) == 1


def test_who_was_promoted_away_gets_none(boss, clock):
    keep(boss, clock)
    with unit_of_work():
        db.session.get_one(User, boss.id).role_rows = [UserRole(role=Role.OPERATOR)]
    clock.set(MONDAY)
    assert jobs.send_due_reports() == 1
    assert letters() == []


def test_who_has_no_address_any_more_gets_none_and_the_others_theirs(boss, clock):
    other = make_user(Role.SUPERVISOR, email="other@union.example")
    keep(boss, clock, recipients=[boss, other])
    with unit_of_work():
        db.session.get_one(User, boss.id).email = ""
    clock.set(MONDAY)
    assert jobs.send_due_reports() == 1
    assert list(bodies()) == ["other@union.example"]


def test_who_leaves_while_it_is_reckoned_gets_none(boss, clock):
    with unit_of_work():
        boss.is_active = False
    with unit_of_work():
        file = Attachment("表.xlsx", "application/vnd.ms-excel", b"PK")
        how = {"subject": "每周情况", "body": "您好", "at": clock(), "dedupe_key": "report:1"}
        assert outbox.send_file(boss, file=file, **how) is None
    assert letters() == []


def test_what_nobody_wants_sent_is_not(boss, clock):
    keep(boss, clock, Schedule.NEVER)
    clock.set(MONDAY)
    assert jobs.send_due_reports() == 0


def test_it_says_what_it_was_narrowed_to(boss, clock):
    house = make_house()
    urgent, _normal = (put(house, TicketStatus.OPEN, clock(), f"1391111000{n}") for n in range(2))
    with unit_of_work():
        urgent.urgency = Urgency.URGENT
    row = keep(boss, clock)
    saved_again(row, asked={"by": "department", "urgency": "urgent"})
    clock.set(MONDAY)
    jobs.send_due_reports()
    assert "诉求量: 1" in bodies()["boss@union.example"]


def test_each_letter_has_its_own_table_under_a_name_in_its_language(boss, clock):
    english = make_user(Role.SUPERVISOR, email="boss@union.example.org", locale="en")
    keep(boss, clock, recipients=[boss, english])
    clock.set(MONDAY)
    jobs.send_due_reports()
    names = {}
    for letter in letters():
        (file,) = outbox.attachments_of(letter.id)
        names[letter.address] = file.name
        assert file.content.startswith(b"PK")
    assert names["boss@union.example"].startswith("统计报表 2026-11-23")
    assert names["boss@union.example.org"].startswith("Reports 2026-11-23")
    assert all(name.endswith(".xlsx") for name in names.values())
    assert len(db.session.scalars(select(OutboxAttachment)).all()) == 2


def test_the_table_leaves_the_house_with_its_letter(boss, clock, app):
    office = PostOffice()
    try:
        mail = Mail("127.0.0.1", office.port, "hotline@union.example", starttls=False)
        app.extensions["senders"] = {Channel.EMAIL: mail}
        keep(boss, clock)
        clock.set(MONDAY)
        jobs.send_due_reports()
        assert outbox_jobs.deliver_due_messages() == 1
        (letter,) = office.letters
        (file,) = letter.iter_attachments()
        assert file.get_filename().startswith("统计报表 2026-11-23")
        assert file.get_content().startswith(b"PK")
    finally:
        office.shutdown()
        office.server_close()


def test_who_asks_on_monday_morning_means_the_week_that_begins(boss, clock):
    """At seven it is still Sunday in UTC: the week before was over all the same."""
    clock.set(at("2026-11-23 07:00").astimezone(UTC))
    keep(boss, clock)
    clock.set(MONDAY)
    assert jobs.send_due_reports() == 0
    clock.set(at("2026-11-30 09:05"))
    assert jobs.send_due_reports() == 1


@pytest.mark.parametrize("name", ["", "  ", "长" * 65])
def test_it_needs_a_name_that_fits(boss, clock, sign_in, name):
    typed = {"name": name, "schedule": "weekly", "recipients": str(boss.id)}
    answer = sign_in(boss).post("/reports/saved", data=typed)
    assert answer.status_code == 422
    assert name.strip() in answer.text
    assert f'value="{boss.id}" checked' in answer.text, "who was chosen is chosen still"
    typed["name"] = "长" * 64
    assert sign_in(boss).post("/reports/saved", data=typed).status_code == 303


def test_who_has_no_address_cannot_be_sent_one(boss, clock):
    nobody = make_user(Role.SUPERVISOR, email="")
    with pytest.raises(Invalid) as refused:
        keep(boss, clock, recipients=[nobody])
    assert refused.value.field == "recipients"


def test_only_those_who_were_chosen_get_it(boss, clock, sign_in):
    make_user(Role.SUPERVISOR, email="other@union.example")
    typed = {"name": "给我的", "schedule": "weekly", "recipients": str(boss.id)}
    assert sign_in(boss).post("/reports/saved", data=typed).status_code == 303
    (row,) = db.session.scalars(select(SavedReport))
    assert [person.id for person in row.recipients] == [boss.id]
