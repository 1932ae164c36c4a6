"""The callback card: who, what to say, and all that follows from one ring."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    Direction,
    Draft,
    Feedback,
    How,
    Resolution,
    Satisfaction,
    TicketStatus,
    db,
)
from tests.stages import House, make_house, put


@pytest.fixture
def house(app, clock) -> House:
    return make_house()


@pytest.fixture
def client(house, sign_in):
    return sign_in(house["operator"])


@pytest.fixture
def owed(house, clock) -> Callback:
    """The department has answered; the operator is to tell the caller."""
    put(house, TicketStatus.ANSWERED, clock())
    callback = db.session.scalars(db.select(Callback)).one()
    with unit_of_work():
        callback.owner_id = house["operator"].id
    return callback


def form(callback: Callback, outcome: str, **typed: str) -> dict[str, str]:
    return {"version": str(callback.ticket.version), "outcome": outcome, **typed}


def send(client, callback: Callback, outcome: str, **typed: str):
    answer = client.post(f"/callbacks/{callback.id}/attempt", data=form(callback, outcome, **typed))
    db.session.expire_all()
    return answer


NUMBER = "139 1234 5678"
ASKED = {"was_contacted": "yes", "is_solved": "yes", "satisfaction": "satisfied"}
TOLD = {"told": "公司本周补发工资", "resolution": "solved"}


def test_the_card_shows_the_words_and_the_number_and_the_trail_says_so_once(client, owed, house):
    for _ in range(3):
        page = client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    assert "公司本周补发工资" in page
    assert NUMBER in page
    reveals = db.session.scalars(db.select(AuditEvent).where(AuditEvent.kind == "reveal")).all()
    assert [(r.actor_id, r.ticket_id, r.reason) for r in reveals] == [
        (house["operator"].id, owed.ticket_id, "callback")
    ]


def test_a_key_opens_the_first_card_and_every_choice_of_a_ring_has_one(client, owed):
    page = client.get("/callbacks").get_data(as_text=True)
    assert re.findall(r'href="([^"]+)" data-key="F2"', page) == [f"/callbacks/{owed.id}"]
    page = client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    choices = re.findall(r'name="then" value="(\w+)"[^>]* data-key="(\w)"', page)
    assert choices == [("rework", "D"), ("explain", "F")]
    keys = [key.lower() for key in re.findall(r'data-key="([^"]+)"', page)]
    assert len(keys) == len(set(keys))

    with unit_of_work():
        owed.owner_id = None
    page = client.get("/callbacks/pool").get_data(as_text=True)
    assert page.count('data-key="F2"') == 1


def test_in_the_pool_the_number_stays_masked_until_somebody_takes_it(client, owed, house):
    with unit_of_work():
        owed.owner_id = None
    assert NUMBER not in client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    assert NUMBER not in client.get("/callbacks/pool").get_data(as_text=True)
    client.post(f"/callbacks/{owed.id}/claim")
    assert NUMBER in client.get(f"/callbacks/{owed.id}").get_data(as_text=True)


def test_told_and_satisfied_is_closed(client, owed, clock):
    ticket = owed.ticket
    answer = send(
        client,
        owed,
        "reached",
        was_contacted="yes",
        is_solved="yes",
        satisfaction="satisfied",
        **TOLD,
    )
    assert answer.status_code == 303
    assert (ticket.status, ticket.resolution) == (TicketStatus.CLOSED, Resolution.SOLVED)
    row = db.session.scalars(db.select(Feedback)).one()
    assert (row.how, row.was_contacted, row.is_solved) == (How.IN_CALL, True, True)
    assert row.satisfaction is Satisfaction.SATISFIED
    assert (owed.end, owed.ended_at) == (CallbackEnd.KEPT, clock())
    outgoing = db.session.scalars(db.select(Call).where(Call.direction == Direction.OUTBOUND)).one()
    assert row.call_id == outgoing.id == owed.attempts[0].call_id


def test_who_does_not_want_to_rate_is_closed_unrated(client, owed):
    send(client, owed, "declined_survey", satisfaction="satisfied", **TOLD)
    assert owed.ticket.status is TicketStatus.CLOSED
    assert db.session.scalars(db.select(Feedback.satisfaction)).one() is Satisfaction.UNRATED


def test_not_satisfied_the_department_works_on_it_again(client, owed, house):
    send(
        client,
        owed,
        "reached",
        was_contacted="yes",
        is_solved="no",
        satisfaction="not_satisfied",
        dissatisfaction="只发了一半",
        then="rework",
        **TOLD,
    )
    ticket = owed.ticket
    assert (ticket.status, ticket.department_id) == (TicketStatus.ACCEPTED, house.legal.id)
    assert owed.end is CallbackEnd.KEPT


def test_not_satisfied_but_explained_waits_for_a_supervisors_signature(
    client, owed, house, sign_in
):
    send(
        client,
        owed,
        "reached",
        was_contacted="yes",
        is_solved="no",
        satisfaction="not_satisfied",
        dissatisfaction="想要更多",
        then="explain",
        **TOLD,
    )
    ticket = owed.ticket
    assert ticket.status is TicketStatus.ANSWERED
    boss = sign_in(house["supervisor"])
    assert "想要更多" in boss.get("/callbacks/unreachable").get_data(as_text=True)
    row = db.session.scalars(db.select(Feedback)).one()
    boss.post(f"/callbacks/explanations/{row.id}")
    db.session.expire_all()
    assert (ticket.status, ticket.resolution) == (TicketStatus.CLOSED, Resolution.EXPLAINED)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, ""),
        ({"outcome": "reached", **TOLD}, ""),
        ({"outcome": "reached", "satisfaction": "satisfied", **TOLD}, ""),
        ({"outcome": "reached", **ASKED, "was_contacted": "", **TOLD}, ""),
        ({"outcome": "reached", **ASKED, "is_solved": "", **TOLD}, ""),
        ({"outcome": "reached", **ASKED, "resolution": "solved"}, ""),
        ({"outcome": "reached", **ASKED, "told": "已告知"}, "已告知"),
        (
            {
                "outcome": "reached",
                **ASKED,
                **TOLD,
                "satisfaction": "not_satisfied",
                "then": "rework",
            },
            "",
        ),
        (
            {"outcome": "later", "later": "at", "later_at": "whenever", "note": "明天再打"},
            "明天再打",
        ),
        (
            {"outcome": "later", "later": "at", "later_at": "2020-01-01T10:00", "note": "去年"},
            "去年",
        ),
        ({"outcome": "later"}, ""),
        ({"outcome": "nonsense"}, ""),
        ({"outcome": "no_answer", "number": "110"}, ""),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_written(client, owed, typed, kept):
    typed = {"version": str(owed.ticket.version), **typed}
    answer = client.post(f"/callbacks/{owed.id}/attempt", data=typed)
    db.session.expire_all()

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'role="alert"' in page
    assert kept in page
    assert (owed.attempts, owed.ended_at) == ([], None)
    assert owed.ticket.status is TicketStatus.ANSWERED


def test_the_slower_of_two_keeps_what_was_typed(client, owed, house):
    old = form(owed, "no_answer", note="响了很久")
    with unit_of_work():
        owed.ticket.subject = "有人改过"
    answer = client.post(f"/callbacks/{owed.id}/attempt", data=old)
    assert answer.status_code == 409
    assert "响了很久" in answer.get_data(as_text=True)
    assert db.session.get(Callback, owed.id).attempts == []


def test_not_reached_says_when_to_try_again(client, owed):
    answer = send(client, owed, "no_answer", note="无人接")
    assert answer.status_code == 303
    assert owed.failed_attempts == 1
    assert "12:00" in client.get("/callbacks").get_data(as_text=True)


def test_a_time_that_was_agreed_is_the_time_on_the_wall(client, owed):
    send(client, owed, "later", later="at", later_at="2026-11-18T15:20")
    assert owed.not_before_at == datetime(2026, 11, 18, 7, 20, tzinfo=UTC)


def test_a_draft_is_shown_again_and_goes_when_it_is_sent(client, owed):
    key = f"callback:{owed.id}"
    client.post(f"/drafts/{key}", json={"note": "写到一半", "outcome": "busy"})
    assert "写到一半" in client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    send(client, owed, "busy", note="写到一半")
    assert db.session.scalars(db.select(Draft).where(Draft.key == key)).all() == []


def test_a_card_without_the_version_it_was_rendered_with_is_refused(client, owed):
    answer = client.post(f"/callbacks/{owed.id}/attempt", data={"outcome": "busy"})
    assert answer.status_code == 409
    db.session.expire_all()
    assert owed.attempts == []


def test_a_returned_call_opens_the_form_of_the_ticket(house, client, clock):
    from hotline.callbacks import service as callbacks
    from tests.makers import make_ticket

    ticket = make_ticket()
    with unit_of_work():
        callback = callbacks.promise(
            ticket, CallbackKind.RETURN_CALL, at=clock(), owner=house["operator"]
        )
    answer = send(client, callback, "reached")

    assert answer.location == f"/workspace/{ticket.id}"
    assert callback.end is CallbackEnd.KEPT
    assert ticket.status is TicketStatus.OPEN
    call = db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).one()
    assert (call.direction, call.operator_id) == (Direction.OUTBOUND, house["operator"].id)
    assert client.get(answer.location).status_code == 200


def test_a_new_date_is_told_and_the_ticket_goes_on(house, client, clock):
    ticket = put(house, TicketStatus.ACCEPTED, clock())
    with unit_of_work():
        callback = callbacks.promise(
            ticket, CallbackKind.TELL, at=clock(), owner=house["operator"], words="延期到周五"
        )
    send(client, callback, "reached")
    assert callback.end is CallbackEnd.KEPT
    assert ticket.status is TicketStatus.ACCEPTED


def test_departments_open_no_card(sign_in, house, owed):
    client = sign_in(house["handler"])
    assert client.get(f"/callbacks/{owed.id}").status_code == 404
    assert (
        client.post(f"/callbacks/{owed.id}/attempt", data={"outcome": "reached"}).status_code == 404
    )
    assert client.get("/callbacks/pool").status_code == 403
    assert sign_in(house["auditor"]).get("/callbacks").status_code == 403


def test_the_lists_say_what_is_overdue_due_and_later(sign_in, house, owed, clock):
    assert "hy-due hy-bad" not in rows(sign_in(house["operator"]))
    clock.set(owed.due_at)
    clock.advance(minutes=5)
    assert "hy-due hy-bad" in rows(sign_in(house["operator"]))


def rows(client) -> str:
    page = client.get("/callbacks").get_data(as_text=True)
    return page[page.index('id="callbacks"') :]


def test_the_list_takes_a_fixed_number_of_queries(client, house, clock, count_queries):
    for number in range(6):
        put(house, TicketStatus.ANSWERED, clock(), phone=f"1391234{number:04d}")
    with unit_of_work():
        for callback in db.session.scalars(db.select(Callback)):
            callback.owner_id = house["operator"].id
    count_queries.clear()
    client.get("/callbacks")
    assert len(count_queries) <= 8, count_queries


@pytest.mark.parametrize("later_at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_time_that_no_clock_shows_is_refused_with_everything_typed(client, owed, later_at):
    answer = send(client, owed, "later", later="at", later_at=later_at, note="很忙")
    assert answer.status_code == 422
    assert "很忙" in answer.text
    assert client.get("/callbacks").status_code == 200


def test_a_form_that_has_grown_too_old_is_refused_with_a_page(app, client, owed):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = send(client, owed, "no_answer")
    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers


def test_every_question_that_was_left_out_is_named_at_once(client, owed):
    page = send(client, owed, "reached", satisfaction="not_satisfied", told="公司本周补发工资")
    assert page.status_code == 422
    for field in ("was_contacted", "is_solved", "dissatisfaction"):
        assert f'id="{field}-error" role="alert"' in page.text
    assert owed.ended_at is None


def test_sent_back_the_card_has_the_sentence_with_the_new_date(client, owed):
    page = client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    assert "重新办理，最迟" in page


def test_at_night_the_card_says_when_the_caller_may_be_rung(client, owed, clock):
    may_ring = "之前不宜拨打"
    assert may_ring not in client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
    with unit_of_work():
        owed.not_before_at = clock() + timedelta(hours=9)
    assert may_ring in client.get(f"/callbacks/{owed.id}").get_data(as_text=True)
