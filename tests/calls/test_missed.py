"""Who rang in vain stands first on the workspace, and the bell says so to everybody on duty."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.accounts import roster
from hotline.unit_of_work import unit_of_work
from models import CallResult, Notification, NumberKind, Role, User, db
from tests.makers import make_user
from tests.telephony.company import WANG


def work(sign_in, user):
    return sign_in(user).get("/workspace/work").text


def told(kind):
    found = select(Notification).where(Notification.dedupe_key.startswith(f"{kind}:"))
    return {notice.user_id: notice for notice in db.session.scalars(found)}


@pytest.fixture
def duty(app, clock):
    """An operator on duty, and one at home."""
    there, home = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    make_user(Role.SUPERVISOR)
    with unit_of_work():
        starts_at = clock() - timedelta(hours=1)
        roster.add_shift(
            db.session.get_one(User, there.id), starts_at, starts_at + timedelta(hours=8)
        )
    return there, home


def test_who_rang_in_vain_is_first_with_number_mark_and_limit(
    duty,
    ring,
    hang_up,
    clock,
    sign_in,
):
    call = hang_up(ring())
    with unit_of_work():
        call.result = CallResult.VOICEMAIL
    page = work(sign_in, duty[0])

    first = page.split("</section>")[0]
    assert "来电未接通" in first
    assert ("留言" in first, "****" in first, "hy-due" in first) == (True, True, True)
    assert call.ticket.number not in page.split("</section>", 1)[1], "not once more in the pool"


def test_a_withheld_number_is_there_too(duty, ring, hang_up, clock, sign_in):
    call = hang_up(ring("anonymous"))
    assert call.number_kind is NumberKind.WITHHELD

    first = work(sign_in, duty[0]).split("</section>")[0]
    assert f"/tickets/{call.ticket_id}" in first
    assert "号码隐藏" in first


def test_what_is_not_shown_is_counted_and_one_click_away(
    duty,
    ring,
    hang_up,
    clock,
    sign_in,
):
    for last in range(8):
        hang_up(ring(f"+861391234567{last}"))

    first = work(sign_in, duty[0]).split("</section>")[0]
    assert "还有2条" in first
    assert 'href="/callbacks/pool"' in first


def test_the_bell_tells_everybody_on_duty_once_of_each_call(
    duty,
    ring,
    hang_up,
    clock,
    sign_in,
):
    there, home = duty
    call = hang_up(ring(WANG))
    hang_up(call)

    notices = told("missed_call")
    assert set(notices) == {there.id}
    assert notices[there.id].callback_id is not None
    assert "没有接通，请在" in sign_in(there).get("/notifications").text


def test_when_nobody_is_on_duty_the_supervisors_are_told(
    app,
    ring,
    hang_up,
    clock,
):
    supervisor = make_user(Role.SUPERVISOR)
    make_user(Role.OPERATOR)
    hang_up(ring(WANG))

    assert set(told("missed_call")) == {supervisor.id}
