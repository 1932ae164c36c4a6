"""Writing down by hand what came by any telephone, a visit or a letter."""

from sqlalchemy import func, select

from models import Call, Resolution, Role, Source, Ticket, TicketStatus, db
from tests.makers import make_user
from tests.workspace.desk import make_desk


def fields(desk, **more):
    return {
        "caller_kind": "grassroots_union",
        "category": desk.wages.id,
        "question": "届期已满，问换届流程",
        "name": "孙主席",
        "number": "13912345678",
        "source": "phone",
        "urgency": "normal",
        "level": "consultation",
        **more,
    }


def test_a_call_at_a_departments_own_desk_is_logged_and_answered_there(clock, sign_in):
    desk = make_desk()

    answer = sign_in(desk.handler).post("/log/answer", data=fields(desk, answer="先开筹备会"))

    ticket = db.session.scalars(select(Ticket)).one()
    assert answer.location == f"/tickets/{ticket.id}"
    assert (ticket.desk_department_id, ticket.operator_id) == (desk.legal.id, desk.handler.id)
    assert (ticket.status, ticket.resolution) == (
        TicketStatus.CLOSED,
        Resolution.ANSWERED_DIRECTLY,
    )


def test_a_visitor_is_told_face_to_face(clock, sign_in):
    desk = make_desk()

    sign_in(desk.operator).post(
        "/log/answer", data=fields(desk, source="visit", answer="已当面说明")
    )

    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.source, ticket.status) == (Source.VISIT, TicketStatus.CLOSED)


def test_who_wrote_a_letter_has_not_heard_the_answer(clock, sign_in):
    desk = make_desk()

    page = sign_in(desk.operator).post(
        "/log/answer", data=fields(desk, source="letter", answer="已答复")
    )

    assert page.status_code == 409
    assert "还没有人与来电人通过话" in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_what_12345_sends_keeps_its_number_and_deadline(clock, sign_in):
    desk = make_desk()

    sign_in(desk.operator).post(
        "/log/hand_off",
        data=fields(
            desk,
            source="12345",
            outer_number="SH-2026-88",
            outer_due="2026-11-20T17:30",
            department=desk.legal.id,
        ),
    )

    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.source, ticket.outer_number) == (Source.HOTLINE_12345, "SH-2026-88")
    assert f"{ticket.outer_due_at:%Y-%m-%d %H:%M}" == "2026-11-20 09:30"
    assert ticket.status is TicketStatus.QUEUED
    assert db.session.scalar(select(func.count(Call.id))) == 0


def test_nothing_is_logged_from_the_future_and_nothing_typed_is_lost(clock, sign_in):
    desk = make_desk()

    page = sign_in(desk.operator).post(
        "/log/save", data=fields(desk, happened_at="2026-11-17T09:00")
    )

    assert page.status_code == 422
    assert "届期已满，问换届流程" in page.text
    assert 'id="happened_at-error"' in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_a_refused_outcome_makes_no_ticket(clock, sign_in):
    desk = make_desk()

    page = sign_in(desk.operator).post("/log/answer", data=fields(desk, answer=""))

    assert page.status_code == 422
    assert "请写下告诉了来电人什么。" in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_who_logs_nothing_has_no_such_page(clock, sign_in):
    assert sign_in(make_user(Role.AUDITOR)).get("/log").status_code == 403


def test_the_draft_of_the_log_comes_back_and_goes_when_it_was_sent(clock, sign_in):
    desk = make_desk()
    browser = sign_in(desk.operator)
    browser.post("/drafts/log", json={"question": "来访的人还没说完", "source": "visit"})
    page = browser.get("/log").text
    assert "来访的人还没说完" in page
    assert 'value="visit" checked' in page

    browser.post("/log/save", data=fields(desk))

    assert "来访的人还没说完" not in browser.get("/log").text
