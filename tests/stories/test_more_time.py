"""The story of a matter that takes longer, over HTTP alone: one department is refused more time,
the other gets it a night after its limit, and the caller hears the new date before the answer."""

from datetime import UTC, datetime

import pytest

from models import Role
from tests.makers import make_category, make_department, make_user
from tests.stories.paper import Reader
from tests.stories.street import Telephone
from tests.telephony.company import Company

BUILDER = "+8613490010004"
MONDAY = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
BEFORE_THE_LIMIT = datetime(2026, 11, 23, 9, 29, tzinfo=UTC)  # 17:29, a minute is left
NEXT_MORNING = datetime(2026, 11, 24, 1, 10, tzinfo=UTC)
AFTER_THE_OLD_LIMIT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture
def read(sign_in):
    return lambda user: Reader(sign_in(user))


def handed_off(company, operator, read, legal, wages):
    """The call is answered, written down and handed off while the caller listens."""
    workspace = read(operator)
    workspace.sends("/seat", state="free")
    call = Telephone(company, BUILDER).dial()
    call.is_answered_by(operator)
    workspace.opens("/workspace")
    ticket = workspace.finds(r'action="/workspace/(\d+)/save"')
    said = workspace.sends(
        f"/workspace/{ticket}/hand_off",
        caller_kind="worker",
        category=wages.id,
        question="工地三个月没发工资，老板电话也不接",
        name="李铁柱",
        number="13490010004",
        department=legal.id,
    )
    assert "最迟11月23日（周一）下班前答复您" in said
    call.talk_ends(180)
    return ticket


def test_refused_once_then_granted_after_the_limit_and_the_caller_is_told(app, read, clock):
    clock.set(MONDAY)
    company = Company.of(app)
    legal = make_department("legal", name_zh="权益保障部")
    women = make_department("women", name_zh="女职工部")
    wages = make_category(lead=legal)
    operator = make_user(Role.OPERATOR, display_name="林晓")
    supervisor = make_user(Role.SUPERVISOR, display_name="沈岚")
    handler = make_user(Role.HANDLER, department=legal, display_name="冯远")
    other_handler = make_user(Role.HANDLER, department=women, display_name="姚倩")
    ticket = handed_off(company, operator, read, legal, wages)

    # The first department asks at once and is refused; it may not ask again.
    queue = read(handler)
    queue.opens("/queue")
    queue.opens(queue.finds(r'href="(/tickets/\d+/ask_extension[^"]*)"'))
    queue.sends(f"/tickets/{ticket}/ask_extension", until="2026-11-27", reason="要等流水")
    assert "延期申请中" in queue.page
    boss = read(supervisor)
    assert "要等流水" in boss.opens("/extensions")
    boss.opens(boss.finds(r'href="(/tickets/\d+/refuse_extension[^"]*)"'))
    boss.sends(f"/tickets/{ticket}/refuse_extension", reason="流水今天就能取")
    assert "流水今天就能取" in queue.opens(f"/tickets/{ticket}")
    assert "ask_extension" not in queue.page

    # Returned to the hotline, the next department starts at zero by the same date.
    boss.opens(f"/tickets/{ticket}/recall")
    boss.sends(f"/tickets/{ticket}/recall", reason="由女职工部办理")
    boss.opens(f"/tickets/{ticket}/hand_off")
    boss.sends(f"/tickets/{ticket}/hand_off", department=women.id, level="ordinary")
    second = read(other_handler)
    second.opens("/queue")
    second.sends(f"/tickets/{ticket}/accept", back="queue")

    # A minute before the limit it asks; the supervisor sees it the next morning, late by then.
    clock.set(BEFORE_THE_LIMIT)
    second = read(other_handler)
    second.opens(f"/tickets/{ticket}/ask_extension")
    second.sends(f"/tickets/{ticket}/ask_extension", until="2026-11-27", reason="厂方明天才答复")
    clock.set(NEXT_MORNING)
    boss = read(supervisor)
    boss.opens("/overdue")
    assert f'href="/tickets/{ticket}"' in boss.page
    assert "厂方明天才答复" in boss.opens("/extensions")
    boss.opens(f"/tickets/{ticket}/grant_extension")
    boss.sends(f"/tickets/{ticket}/grant_extension", until="2026-11-27")
    boss.opens("/overdue")
    assert f'href="/tickets/{ticket}"' not in boss.page
    assert "新期限尚未告知来电人" in boss.opens(f"/tickets/{ticket}")
    handoff = boss.finds(r'href="(/handoffs/\d+/reckoning/handle)"')
    assert "延期至11月27日（周五）17:30，沈岚同意于" in boss.opens(handoff)

    # The hotline rings with the new date; from then on it is the promise.
    ringing = read(operator)
    ringing.opens("/callbacks/pool")
    card = ringing.sends(ringing.finds(r'action="(/callbacks/\d+/claim)"'))
    assert "最迟11月27日（周五）下班前答复您，比原来说的晚" in card
    ringing.sends(ringing.finds(r'action="(/callbacks/\d+/attempt)"'), outcome="reached")
    told = ringing.opens(f"/tickets/{ticket}")
    assert "承诺期限 11月27日（周五）17:30" in told
    assert "新期限尚未告知来电人" not in told

    # Answered after the old limit and before the new one: in time, and told in a ring of its own.
    clock.set(AFTER_THE_OLD_LIMIT)
    second = read(other_handler)
    second.opens(f"/tickets/{ticket}/answer")
    second.sends(
        f"/tickets/{ticket}/answer", is_solved="yes", words="工资已补发", report="已约谈厂方"
    )
    ringing = read(operator)
    assert "待回音 1" in ringing.opens("/callbacks/pool")
    story = ringing.opens(f"/tickets/{ticket}")
    for word in ("未同意延期", "已同意延期", "工资已补发"):
        assert word in story
