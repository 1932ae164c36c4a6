"""A department may ask once to return a ticket; the hotline decides, and a refusal is final."""

import pytest
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.queries import Tab
from hotline.tickets import filters
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import Handoff, HandoffEnd, Notification, ReturnReason, Role, TicketStatus, UserRole, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, put_on_duty
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    return house


def ask(house, clock, by=None, **how):
    said = {"reason": ReturnReason.NOT_OUR_DUTY, "basis": "三定方案第二条", **how}
    with unit_of_work():
        return handoffs.ask_return(house.ticket, actor=by or house.handler, at=clock.time, **said)


def test_while_nobody_decides_the_department_stays_owner_and_its_clock_runs(house, clock):
    due_before = queries.lead_of(house.ticket).handle_due_at

    handoff = ask(house, clock, better=house.women)

    assert house.ticket.status is TicketStatus.QUEUED
    assert house.ticket.department_id == house.legal.id
    assert handoff.handle_due_at == due_before
    assert handoff.return_due_at == at("2026-11-16 11:30")
    (waiting,) = queries.returns_to_decide(house.operator).handoffs
    assert (waiting.id, waiting.return_better_department_id) == (handoff.id, house.women.id)


def test_agreed_it_is_open_again_and_the_operators_on_duty(house, clock):
    put_on_duty(house.operator)
    handoff = ask(house, clock)

    with unit_of_work():
        handoffs.agree_return(house.ticket, actor=house.operator, at=clock.time)

    assert (house.ticket.status, house.ticket.department_id) == (TicketStatus.OPEN, None)
    assert house.ticket.owner_id == house.operator.id
    assert handoff.end is HandoffEnd.SENT_BACK
    assert queries.returns_to_decide(house.operator).handoffs == []


def test_off_duty_it_goes_to_the_pool(house, clock):
    ask(house, clock)
    with unit_of_work():
        handoffs.agree_return(house.ticket, actor=house.supervisor, at=clock.time)
    assert house.ticket.owner_id is None


def test_refused_it_is_final(house, clock):
    ask(house, clock)
    with unit_of_work():
        handoff = handoffs.refuse_return(
            house.ticket, actor=house.operator, at=clock.time, reason="正是贵部职责"
        )

    assert (handoff.is_final, handoff.return_refusal) == (True, "正是贵部职责")
    assert house.ticket.status is TicketStatus.QUEUED
    with pytest.raises(TransitionRefused, match="refused"):
        ask(house, clock)


def test_a_refusal_says_why(house, clock):
    ask(house, clock)
    with pytest.raises(TransitionRefused) as refused, unit_of_work():
        handoffs.refuse_return(house.ticket, actor=house.operator, at=clock.time, reason="  ")
    assert refused.value.field == "reason"


def test_asked_once_only(house, clock):
    ask(house, clock)
    with pytest.raises(TransitionRefused, match="already"):
        ask(house, clock)


def test_not_after_four_working_hours(house, clock):
    clock.set(at("2026-11-16 14:59"))  # 09:30 + 4 h, with lunch between
    assert ask(house, clock).return_asked_at == clock.time


def test_a_minute_later_is_too_late(house, clock):
    clock.set(at("2026-11-16 15:01"))
    with pytest.raises(TransitionRefused, match="over"):
        ask(house, clock)


@pytest.mark.parametrize(
    ("how", "field"), [({"basis": " "}, "basis"), ({"better": "own"}, "better")]
)
def test_only_with_a_basis_and_another_department(house, clock, how, field):
    how = {key: house.legal if value == "own" else value for key, value in how.items()}
    with pytest.raises(Invalid) as refused:
        ask(house, clock, **how)
    assert refused.value.field == field


def test_nobody_decides_what_they_asked_for(house, clock):
    with unit_of_work():
        house.handler.role_rows.append(UserRole(role=Role.OPERATOR))
    ask(house, clock)

    with pytest.raises(Forbidden, match="themselves"), unit_of_work():
        handoffs.agree_return(house.ticket, actor=house.handler, at=clock.time)
    with pytest.raises(Forbidden, match="themselves"), unit_of_work():
        handoffs.refuse_return(house.ticket, actor=house.handler, at=clock.time, reason="不")


def test_nothing_to_decide_before_somebody_asks(house, clock):
    with pytest.raises(TransitionRefused, match="Nobody asks"), unit_of_work():
        handoffs.agree_return(house.ticket, actor=house.operator, at=clock.time)


def test_a_rework_cannot_be_returned(house, clock):
    accept(house)
    answer(house)
    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.operator, at=clock.time, reason="没有解决")
    with pytest.raises(TransitionRefused, match="rework"):
        ask(house, clock)


def test_the_operator_on_duty_hears_of_it(house, clock):
    put_on_duty(house.operator)
    make_user(Role.SUPERVISOR)
    ask(house, clock)
    heard = select(Notification.user_id).where(Notification.dedupe_key.startswith("handoff_return"))
    assert db.session.scalars(heard).all() == [house.operator.id]


def test_undecided_means_the_same_in_a_list_and_of_a_row(house, clock):
    """One expression says it, for Python, for SQL and for the pages."""

    def where_it_stands():
        db.session.expire_all()
        (row,) = db.session.scalars(select(Handoff))
        found = db.session.scalars(select(Handoff).where(Handoff.return_is_undecided)).all()
        listed = queries.queue_of(house.handler, Tab.RETURN).handoffs
        figure = filters.count(Filter(state="return_asked"), Asked(house.operator, clock.time))
        assert bool(found) is bool(listed) is bool(figure) is row.return_is_undecided
        return row.return_is_undecided

    assert not where_it_stands()
    ask(house, clock)
    assert where_it_stands()
    with unit_of_work():
        handoffs.refuse_return(house.ticket, actor=house.operator, at=clock.time, reason="属职责")
    assert not where_it_stands()


def test_what_was_taken_back_meanwhile_waits_for_no_decision(house, clock, sign_in):
    ask(house, clock)
    browser = sign_in(house.handler)
    assert "hy-warn" in browser.get("/queue?tab=accept").text
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="自己办")
    assert "hy-warn" not in browser.get("/queue?tab=earlier").text
