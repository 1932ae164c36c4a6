"""The three stories of a hotline, over HTTP alone: what callers hear and what we read on our pages.

Calls come as signed webhooks, people work with pages and forms, and time passes as it does.
"""

from datetime import UTC, datetime

import pytest

from models import OutboxMessage, Role, db
from tests.makers import make_category, make_department, make_user
from tests.stories.paper import Reader
from tests.stories.street import Telephone
from tests.telephony.company import Company

BUILDER = "+8613490010004"
WORDS = "项目部答应本周五前把三个月工资一次补齐。"
REPORT = "已约谈项目部，责令三日内补发。"
SUNDAY_NIGHT = datetime(2026, 11, 15, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MONDAY_MORNING = datetime(2026, 11, 16, 1, 5, tzinfo=UTC)


@pytest.fixture
def company(app, clock):
    return Company.of(app)


@pytest.fixture
def legal(app):
    return make_department("legal", name_zh="权益保障部")


@pytest.fixture
def wages(legal):
    return make_category(lead=legal)


@pytest.fixture
def operator(app):
    return make_user(Role.OPERATOR, display_name="林晓")


@pytest.fixture
def read(sign_in):
    """`read(user)`: this person sits down at a browser and signs in."""
    return lambda user: Reader(sign_in(user))


@pytest.fixture
def workspace(operator, read):
    reader = read(operator)
    assert "您已空闲" in reader.sends("/seat", state="free")
    return reader


def typed(wages, **more):
    return {
        "caller_kind": "worker",
        "category": wages.id,
        "question": "工地三个月没发工资，老板电话也不接",
        "name": "李铁柱",
        "number": "13490010004",
        **more,
    }


def test_answered_directly(company, workspace, operator, wages, clock):
    call = Telephone(company, BUILDER).dial()
    assert call.heard == ["您好，这里是青澜区总工会职工服务热线。", "正在为您接通接线员，请稍候。"]
    assert "134 9001 0004" in workspace.opens("/workspace")
    assert "待回音 1" in workspace.opens("/workspace")

    clock.advance(seconds=9)
    call.is_answered_by(operator)
    workspace.opens("/workspace")
    form = workspace.finds(r'action="(/workspace/\d+)/save"')
    clock.advance(minutes=4)
    call.talk_ends(240)
    assert call.heard[-1] == "感谢来电，再见。"

    words = workspace.sends(
        f"{form}/answer", **typed(wages, answer="带上考勤到区劳动监察大队投诉。")
    )
    assert "办结：20261116-0001" in words
    assert "等待下一个来电" in words, "the seat is free for the next caller"
    assert "今天的来电，都有回音了。" in words

    clock.advance(minutes=1)
    again = Telephone(company, BUILDER).dial()
    again.is_answered_by(operator)
    card = workspace.opens("/workspace")
    assert "李铁柱" in card
    assert "直接答复" in card
    assert "待回音 1" in card


def test_handed_off_answered_called_back_closed(
    company, workspace, operator, legal, wages, read, clock
):
    handler = make_user(Role.HANDLER, department=legal, display_name="冯远")
    call = Telephone(company, BUILDER).dial()
    call.is_answered_by(operator)
    workspace.opens("/workspace")
    ticket = workspace.finds(r'action="/workspace/(\d+)/save"')
    said = workspace.sends(f"/workspace/{ticket}/hand_off", **typed(wages, department=legal.id))
    assert "您的事已转权益保障部，最迟11月23日（周一）下班前答复您，查询码" in said
    call.talk_ends(180)

    clock.advance(minutes=20)
    queue = read(handler)
    assert "工地三个月没发工资，老板电话也不接" in queue.opens("/queue")
    assert "134****0004" in queue.opens(f"/tickets/{ticket}"), "masked until it is needed"
    queue.sends(f"/tickets/{ticket}/accept", back="queue")
    clock.advance(days=2)
    queue = read(handler)
    assert "工地三个月没发工资" in queue.opens("/queue?tab=work")
    queue.opens(f"/tickets/{ticket}/answer")
    queue.sends(f"/tickets/{ticket}/answer", is_solved="yes", words=WORDS, report=REPORT)

    colleague = make_user(Role.OPERATOR, display_name="何苗")
    ringing = read(colleague)
    refused = ringing.is_refused(
        f"/tickets/{ticket}/close", how="in_call", proof="call:1", told=WORDS, resolution="solved"
    )
    assert "待回音 1" in refused, "answered is not yet told"
    ringing.opens("/callbacks/pool")
    card = ringing.sends(ringing.finds(r'action="(/callbacks/\d+/claim)"'))
    assert WORDS in card
    assert "134 9001 0004" in card
    ringing.sends(
        ringing.finds(r'action="(/callbacks/\d+/attempt)"'),
        outcome="reached",
        told=WORDS,
        was_contacted="yes",
        is_solved="yes",
        satisfaction="satisfied",
        resolution="solved",
    )
    assert "今天的来电，都有回音了。" in ringing.page
    story = ringing.opens(f"/tickets/{ticket}")
    for word in ("已解决", "何苗", "冯远", "林晓", WORDS, REPORT, "满意"):
        assert word in story


def test_missed_at_night_never_reached_signed_by_a_second_person(company, app, read, clock):
    clock.set(SUNDAY_NIGHT)
    call = Telephone(company, BUILDER).dial()
    assert "抱歉，现在没有人能接听。" in call.heard[-1]
    clock.advance(seconds=20)
    call.hang_up(20)

    clock.set(MONDAY_MORNING)
    both = make_user(Role.OPERATOR, Role.SUPERVISOR, display_name="沈岚")
    ringing = read(both)
    night = ringing.opens("/morning")
    assert "134****0004" in night
    assert "134 9001 0004" not in night
    ringing.sends(ringing.finds(r'action="(/callbacks/\d+/claim)"'))
    assert "134 9001 0004" in ringing.page
    attempt = ringing.finds(r'action="(/callbacks/\d+/attempt)"')
    assert "已记录" in ringing.sends(attempt, outcome="no_answer")
    clock.advance(hours=3)
    ringing = read(both)
    ringing.opens(attempt.removesuffix("/attempt"))
    assert "主管" in ringing.sends(attempt, outcome="no_answer", note="两次都没人接")
    own = ringing.opens("/callbacks/unreachable")
    assert "两次都没人接" not in own, "nobody signs what they tried themselves"
    to_caller = db.select(OutboxMessage).where(OutboxMessage.address == BUILDER)
    assert "回电" in db.session.scalars(to_caller).one().body, "one short message, no more"

    second = read(make_user(Role.SUPERVISOR, display_name="何苗"))
    assert "两次都没人接" in second.opens("/callbacks/unreachable")
    callback = second.finds(r'name="callback" value="(\d+)"')
    assert "今天的来电，都有回音了。" in second.sends("/callbacks/unreachable", callback=callback)
    second.opens("/tickets?q=13490010004")
    story = second.opens(second.finds(r'href="(/tickets/\d+)"'))
    for word in ("联系不上", "沈岚", "何苗"):
        assert word in story
