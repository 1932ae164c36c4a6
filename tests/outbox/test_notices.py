"""Telling one of us something: under the bell, by mail, by short message, once."""

from datetime import timedelta

import pytest

from hotline.notifications import service as notifications
from hotline.outbox import service as outbox
from hotline.outbox import texts
from hotline.unit_of_work import unit_of_work
from models import Channel, LiveUpdate, Notification, OutboxMessage, Role, User, db
from tests.makers import make_department, make_ticket, make_user

DUE = "Ring the caller of ticket %(number)s by %(due)s."


def tell(user: User, clock, **what):
    with unit_of_work():
        ticket = what.get("ticket")
        return outbox.notify(
            user,
            DUE,
            at=clock(),
            dedupe_key=what.pop("dedupe_key", "callback_due:1"),
            number=ticket.number if ticket else "20261116-0001",
            due=clock() + timedelta(hours=2),
            **what,
        )


def messages() -> list[OutboxMessage]:
    return list(db.session.scalars(db.select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_notice_is_a_line_under_the_bell_a_mail_and_a_live_update(app, clock):
    user, ticket = make_user(Role.OPERATOR), make_ticket()
    notice = tell(user, clock, ticket=ticket)

    (mail,) = messages()
    assert (mail.channel, mail.address, mail.kind) == (Channel.EMAIL, user.email, "callback_due")
    assert ticket.number in mail.body
    assert user.display_name in mail.body
    assert db.session.get_one(Notification, notice.id).read_at is None
    live = db.session.scalars(db.select(LiveUpdate).where(LiveUpdate.kind == "bell")).one()
    assert live.audience == f"user:{user.id}"


def test_a_short_message_only_when_it_is_urgent_and_there_is_a_telephone(app, clock):
    user = make_user(Role.OPERATOR, phone_number="+8613712345678")
    tell(user, clock)
    tell(user, clock, dedupe_key="callback_overdue:1", urgent=True)

    assert [m.channel for m in messages()] == [Channel.EMAIL, Channel.EMAIL, Channel.SMS]
    assert "http" not in messages()[-1].body


def test_the_same_thing_is_told_once(app, clock):
    user = make_user(Role.OPERATOR)
    assert tell(user, clock) is not None
    assert tell(user, clock) is None
    assert len(messages()) == 1


def test_who_has_left_is_told_nothing(app, clock):
    assert tell(make_user(Role.OPERATOR, is_active=False), clock) is None
    assert messages() == []


def test_a_notice_speaks_the_language_of_its_reader(app, clock):
    legal = make_department("legal", name_zh="权益保障部", name_en="Legal Department")
    params = texts.packed({"department": legal, "due": clock() + timedelta(hours=2)})

    assert texts.say("%(department)s %(due)s", params, "zh") == "权益保障部 11月16日11:30"
    assert texts.say("%(department)s %(due)s", params, "en") == "Legal Department 16 Nov 11:30"


def test_an_alarm_reaches_every_supervisor_at_once(app, clock):
    first, second = make_user(Role.SUPERVISOR), make_user(Role.SUPERVISOR)
    make_user(Role.OPERATOR)
    with unit_of_work():
        told = outbox.alarm("Something cannot wait.", at=clock(), dedupe_key="alarm:1")

    assert {notice.user_id for notice in told} == {first.id, second.id}
    assert all(notice.is_urgent for notice in told)


def test_the_bell_lists_and_forgets(sign_in, clock):
    reader, other = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    ticket = make_ticket()
    notice = tell(reader, clock, ticket=ticket)
    client = sign_in(reader)

    page = client.get("/notifications").get_data(as_text=True)
    assert ticket.number in page
    assert ticket.number not in sign_in(other).get("/notifications").get_data(as_text=True)
    opened = client.post(f"/notifications/{notice.id}/open")
    assert opened.location == f"/tickets/{ticket.id}"
    assert db.session.get(Notification, notice.id).read_at == clock()


def test_nobody_opens_somebody_elses_notice(sign_in, clock):
    notice = tell(make_user(Role.OPERATOR), clock)
    stranger = sign_in(make_user(Role.OPERATOR))

    assert stranger.post(f"/notifications/{notice.id}/open").status_code == 404
    assert db.session.get(Notification, notice.id).read_at is None


def test_all_can_be_marked_as_read_at_once(sign_in, clock):
    reader = make_user(Role.OPERATOR)
    for number in range(3):
        tell(reader, clock, dedupe_key=f"callback_due:{number}")
    sign_in(reader).post("/notifications/read")

    assert all(notice.read_at == clock() for notice in notifications.notices_of(reader))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_message_template_can_be_rendered(app, locale):
    for template in ("notice_mail.txt", "notice_sms.txt", "caller_missed.txt"):
        body = texts.render(template, locale, name="王", sentence="请签收", ticket="20261116-0001")
        assert body
        assert "%(" not in body
