"""A house with an operator and a caller on the line, as the stories of the workspace begin."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hotline import clock
from hotline.callers import service as callers
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallState,
    Category,
    Department,
    Direction,
    Role,
    Seat,
    SeatState,
    Ticket,
    User,
    db,
)
from tests.makers import make_category, make_department, make_user

WORKER = "13912345678"


@dataclass
class House:
    """The operator, the department that leads wages, a group of categories with that leaf."""

    operator: User
    legal: Department
    handler: User
    wages: Category

    def typed(self, ticket: Ticket, **fields: Any) -> dict[str, Any]:
        """A form filled in as the three required fields ask, and what a test adds."""
        return {
            "version": ticket.version,
            "caller_kind": "worker",
            "category": self.wages.id,
            "question": "工地三个月没发工资",
            "name": "王建国",
            "number": WORKER,
            "urgency": "normal",
            "level": "ordinary",
            "source": "phone",
            **fields,
        }


def make_house() -> House:
    legal = make_department("legal", name_zh="权益保障部")
    pay = make_category("pay", legal, name_zh="劳动报酬", initials="ldbc")
    return House(
        operator=make_user(Role.OPERATOR),
        legal=legal,
        handler=make_user(Role.HANDLER, department=legal),
        wages=make_category(lead=legal, parent_id=pay.id),
    )


def call_in(house: House, number: str = WORKER, state: SeatState = SeatState.AFTER_CALL) -> Ticket:
    """The operator has picked up: a call, its new ticket, and a seat that talks or writes up."""
    now = clock.now()
    with unit_of_work():
        phone = normalise(number)
        ticket = tickets.open_ticket(
            caller=callers.guess(phone, at=now),
            at=now,
            number=phone.normalised if phone.can_be_called else "",
            actor=db.session.get_one(User, house.operator.id),
        )
        call = Call(
            provider="twilio",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket=ticket,
            caller_id=ticket.caller_id,
            from_raw=number,
            number=phone.normalised or "",
            number_kind=phone.kind,
            state=CallState.TALKING if state is SeatState.ON_CALL else CallState.ENDED,
            operator_id=house.operator.id,
            started_at=now - timedelta(minutes=3),
            answered_at=now - timedelta(minutes=2),
            heard_at=now,
        )
        db.session.add(call)
        db.session.flush()
        on_line = call.id if state is SeatState.ON_CALL else None
        seat = Seat(user_id=house.operator.id, state=state, since_at=now, call_id=on_line)
        db.session.merge(seat)
    return ticket
