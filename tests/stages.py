"""A small house with its people, and tickets put at each station of their life by the services."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.calls import service as calls
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallerKind,
    Category,
    Department,
    Resolution,
    Role,
    Source,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.makers import new_category, new_department, new_user


@dataclass
class House:
    """A hotline, a department that leads, one that assists, one that has nothing to do with it."""

    legal: Department
    finance: Department
    office: Department
    wages: Category
    people: dict[str, User]

    def __getitem__(self, name: str) -> User:
        return self.people[name]


def make_house() -> House:
    R = Role
    with unit_of_work():
        departments = [new_department(code) for code in ("legal", "finance", "office")]
        db.session.flush()
        legal, finance, office = ({"department_id": one.id} for one in departments)
        people = {
            "operator": new_user(R.OPERATOR),
            "colleague": new_user(R.OPERATOR),
            "former operator": new_user(R.OPERATOR, is_active=False),
            "supervisor": new_user(R.SUPERVISOR),
            "reviewer": new_user(R.REVIEWER),
            "handler": new_user(R.HANDLER, **legal),
            "head": new_user(R.HEAD, **legal),
            "assistant": new_user(R.HANDLER, **finance),
            "stranger": new_user(R.HANDLER, **office),
            "head of another": new_user(R.HEAD, **office),
            "administrator": new_user(R.ADMINISTRATOR),
            "auditor": new_user(R.AUDITOR),
        }
        wages = new_category(lead_department_id=departments[0].id)
    return House(*departments, wages, people)


def log_call(house: House, at: datetime, phone: str = "13912345678") -> Ticket:
    """A call that the operator took and wrote down; the ticket is open. In a unit of work."""
    ticket = calls.log_manually(
        actor=house["operator"], at=at, source=Source.PHONE, number=normalise(phone)
    )
    what = tickets.Description(
        caller_kind=CallerKind.WORKER, category=house.wages, question="工地三个月没发工资"
    )
    tickets.describe(ticket, what, actor=house["operator"], at=at)
    return ticket


def call_of(ticket: Ticket) -> Call:
    return db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).first()


def put(house: House, status: TicketStatus, at: datetime, phone: str = "13912345678") -> Ticket:
    """A ticket that went the usual way to `status`; once a department holds it, finance assists."""
    S = TicketStatus
    with unit_of_work():
        ticket = log_call(house, at, phone)
        if status is S.OPEN:
            return ticket
        handoffs.hand_off(ticket, house.legal, actor=house["operator"], at=at)
        handoffs.ask_assist(ticket, house.finance, actor=house["operator"], at=at, note="查工资表")
        if status is S.QUEUED:
            return ticket
        handoffs.accept(ticket, actor=house["handler"], at=at)
        if status is S.SUSPENDED:
            handoffs.suspend(
                ticket,
                actor=house["supervisor"],
                at=at,
                reason="公司已注销",
                measures="联系清算组",
                review_on=(at + timedelta(days=30)).date(),
            )
        if status in (S.ANSWERED, S.CLOSED):
            what = Answer(is_solved=True, report="已责令补发", words="公司本周补发工资")
            handoffs.answer(ticket, what, actor=house["handler"], at=at)
        if status is S.CLOSED:
            feedback.close_in_call(
                ticket,
                call_of(ticket),
                actor=house["operator"],
                at=at,
                told="公司本周补发工资",
                resolution=Resolution.SOLVED,
            )
    assert ticket.status is status
    return ticket
