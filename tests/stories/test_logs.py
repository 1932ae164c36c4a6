"""Whatever happens to a caller, the log says nothing by which anybody could know who it was."""

import json
import logging

import pytest
import sqlalchemy as sa
import structlog

from hotline import scheduler
from hotline.calls import service as calls
from hotline.telephony import inbox
from models import Role, Ticket, User, Webhook, db
from tests.makers import make_category, make_department, make_user
from tests.stories.paper import Reader
from tests.stories.street import Telephone
from tests.telephony.company import Company

NUMBER, NAME, EMAIL = "+8613490010004", "李铁柱", "linxiao@huiyin.example"
QUESTION, WORDS = "工地三个月没发工资，老板电话也不接", "项目部答应本周五前把三个月工资一次补齐。"
PERSONAL = ("3490010004", "9001 0004", NAME, QUESTION, WORDS, EMAIL)


@pytest.fixture
def house(app, clock):
    legal = make_department("legal", name_zh="权益保障部")
    operator = make_user(Role.OPERATOR, display_name="林晓", email=EMAIL)
    return make_category(lead=legal), legal, operator


def sweep_everything(app):
    db.session.rollback()
    for job in scheduler.JOBS:
        scheduler.run_job(app, job)


def lines(written):
    """What was logged; every line is one JSON object."""
    return [json.loads(line) for line in written.splitlines() if line.startswith("{")]


def test_a_whole_story_leaves_no_trace_of_the_caller(app, house, sign_in, clock, capsys, caplog):
    wages, legal, operator = house
    company, desk = Company.of(app), Reader(sign_in(operator))
    handler = make_user(Role.HANDLER, department=legal, email="fengyuan@huiyin.example")
    desk.sends("/seat", state="free")
    call = Telephone(company, NUMBER).dial()
    call.is_answered_by(operator)
    desk.opens("/workspace")
    ticket = desk.finds(r'action="/workspace/(\d+)/save"')
    desk.sends(
        f"/workspace/{ticket}/hand_off",
        caller_kind="worker", category=wages.id, question=QUESTION, name=NAME,
        number=NUMBER, department=legal.id,
    )  # fmt: skip
    call.talk_ends(180)
    desk.opens(f"/tickets?q={NUMBER[3:]}")
    sweep_everything(app)
    clock.advance(days=9)  # nobody accepts: reminders, and a ladder of them
    sweep_everything(app)
    db.session.rollback()
    queue = Reader(sign_in(db.session.get_one(User, handler.id)))
    queue.opens("/queue")
    queue.sends(f"/tickets/{ticket}/accept", back="queue")
    queue.opens(f"/tickets/{ticket}/answer")
    queue.sends(f"/tickets/{ticket}/answer", is_solved="yes", words=WORDS, report="已约谈")
    clock.advance(days=3)  # nobody rings back
    sweep_everything(app)
    Telephone(company, NUMBER).dial().hang_up(30)
    sweep_everything(app)

    captured = capsys.readouterr()
    written = captured.out + captured.err + caplog.text
    told = lines(captured.err)
    assert {"swept", "message"} <= {line["event"] for line in told}
    assert captured.out == ""
    assert db.session.get_one(Ticket, int(ticket)).question == QUESTION
    found = [secret for secret in PERSONAL if secret in written]
    assert not found, [line for line in written.splitlines() if any(s in line for s in found)]


def test_what_goes_wrong_leaves_none_either(app, clock, capsys, caplog, monkeypatch):
    def stumble(*_, **__):
        raise ValueError(f"{NUMBER} and 134 9001 0004 cannot be read")

    monkeypatch.setattr(calls, "receive", stumble)
    Telephone(Company.of(app), NUMBER).dial()
    assert db.session.scalars(sa.select(Webhook)).one().error
    monkeypatch.setattr(inbox, "take_in", stumble)
    app.testing = False
    company = Company.of(app)
    assert company.post("voice", company.fields("CA" + "1" * 32, From=NUMBER)).status_code < 600
    scheduler.run_job(app, scheduler.Job("stumble", stumble, scheduler.JOBS[0].every))
    app.logger.error("Exception on /callers/%s", NUMBER)

    captured = capsys.readouterr()
    events = {line["event"] for line in lines(captured.err)}
    assert {"webhook not interpreted", "a sweep failed", "Exception on /callers/…"} <= events
    assert "cannot be read" in captured.err
    assert [secret for secret in PERSONAL if secret in captured.out + captured.err] == []


KEPT = {"file": "20261120T013000-4f1e.json", "ticket": 12345678, "day": "2026-11-20"}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("13490010004", "…"),
        ("of +8613490010004:", "of …:"),
        ("134 9001 0004", "…"),
        ("0755-12351000", "0755-…"),
        ("?To=%2B8613490010004&From=", "?To=…&From="),
        ("20261116-0001", "20261116-0001"),
        ("404", "404"),
    ],
)
def test_numbers_of_people_go_and_all_others_stay(app, capsys, said, written):
    structlog.get_logger().info(said, **KEPT)
    (line,) = lines(capsys.readouterr().err)
    assert line["event"] == written
    assert {name: line[name] for name in KEPT} == KEPT
    assert line["timestamp"].startswith("20")


def test_the_level_is_that_of_the_settings(make_app, capsys):
    make_app(LOG_LEVEL="ERROR")
    structlog.get_logger().info("quiet")
    structlog.get_logger().error("loud")
    assert [line["event"] for line in lines(capsys.readouterr().err)] == ["loud"]
    assert logging.getLogger("app").handlers
