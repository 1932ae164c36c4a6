"""The people and departments that every story about handoffs needs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hotline import clock
from hotline.calls import service as calls
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.unit_of_work import unit_of_work
from models import Department, DutyShift, Handoff, Role, Source, Ticket, User, db
from tests.makers import make_category, make_department, make_ticket, make_user


@dataclass
class House:
    """An operator, a supervisor, the legal department with two people, and the women's one."""

    operator: User
    supervisor: User
    legal: Department
    handler: User
    head: User
    women: Department
    women_handler: User
    ticket: Ticket


def make_house(**ticket: Any) -> House:
    legal, women = make_department("legal", name_zh="权益保障部"), make_department("women")
    operator = make_user(Role.OPERATOR)
    return House(
        operator=operator,
        supervisor=make_user(Role.SUPERVISOR),
        legal=legal,
        handler=make_user(Role.HANDLER, department=legal),
        head=make_user(Role.HEAD, department=legal),
        women=women,
        women_handler=make_user(Role.HANDLER, department=women),
        ticket=make_ticket(operator=operator, category=make_category(lead=legal), **ticket),
    )


def set_ticket(ticket: Ticket, **fields: Any) -> None:
    with unit_of_work():
        for name, value in fields.items():
            setattr(ticket, name, value)


def put_on_duty(user: User, *, hours: int = 24, is_leader: bool = False) -> None:
    with unit_of_work():
        now = clock.now()
        shift = DutyShift(
            user_id=user.id,
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=hours),
            is_leader=is_leader,
        )
        db.session.add(shift)


def speak(ticket: Ticket) -> None:
    """The operator speaks with the caller now."""
    with unit_of_work():
        calls.log_manually(
            actor=db.session.get_one(User, ticket.operator_id),
            at=clock.now(),
            source=Source.PHONE,
            ticket=db.session.get_one(Ticket, ticket.id),
        )


def hand_off(house: House, **how: Any) -> Handoff:
    with unit_of_work():
        return handoffs.hand_off(
            house.ticket, house.legal, actor=house.operator, at=clock.now(), **how
        )


def accept(house: House, by: User | None = None) -> Handoff:
    with unit_of_work():
        return handoffs.accept(house.ticket, actor=by or house.handler, at=clock.now())


def answer(house: House, by: User | None = None, **what: Any) -> Handoff:
    said = {"is_solved": True, "report": "已约谈企业", "words": "工资已补发", **what}
    with unit_of_work():
        return handoffs.answer(
            house.ticket, Answer(**said), actor=by or house.handler, at=clock.now()
        )


def wait(house: House, until: datetime, what: str = "工资条") -> Handoff:
    """The department waits for something only the caller can give, and has said so."""
    with unit_of_work():
        return handoffs.wait(
            house.ticket,
            actor=house.handler,
            at=clock.now(),
            what=what,
            until=until,
            has_told=True,
        )


def suspend(house: House, **how: Any) -> None:
    """A supervisor puts the ticket aside until a day of review."""
    said = {
        "actor": house.supervisor,
        "reason": "企业破产清算中",
        "measures": "已登记债权",
        "review_on": date(2026, 12, 1),
        **how,
    }
    with unit_of_work():
        handoffs.suspend(house.ticket, at=clock.now(), **said)


def at(text: str) -> datetime:
    """An instant from local words: 2026-11-20 17:30."""
    return datetime.fromisoformat(f"{text}+08:00")
