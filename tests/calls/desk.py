"""An operator in front of the card of a callback, and what the company was asked to place."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.calls import intents, placing_jobs
from hotline.sla import policies
from hotline.telephony import adapter
from hotline.telephony.simulator.ledger import Call as TheirCall
from hotline.telephony.simulator.rest import BEGINNING
from hotline.unit_of_work import unit_of_work
from models import Call, Callback, CallbackKind, CallIntent, Role, Ticket, User, db
from tests.makers import make_ticket, make_user
from tests.telephony.street import take_seat

CALLER, OTHER = "+8613490010001", "+8613490010009"


class Desk:
    """An operator in front of the card of a callback."""

    def __init__(self, live, clock, sign_in_at, phone: str = CALLER) -> None:
        self.clock, self.app = clock, live
        self.operator = take_seat(clock)
        ticket = make_ticket(phone=phone, operator=self.operator)
        with unit_of_work():
            owner = db.session.get_one(User, self.operator.id)
            owner.locale = "en"
            card = callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock(), owner=owner)
        self.ticket_id, self.card_id = ticket.id, card.id
        self.browser = sign_in_at(live, self.operator)

    def press(self) -> int:
        db.session.rollback()
        return self.browser.post(f"/callbacks/{self.card_id}/place").status_code

    def card(self) -> str:
        return self.browser.get(f"/callbacks/{self.card_id}").text

    def write(self, outcome: str, **typed: str):
        db.session.rollback()
        version = db.session.get_one(Ticket, self.ticket_id).version
        fields = {"version": version, "outcome": outcome, **typed}
        return self.browser.post(f"/callbacks/{self.card_id}/attempt", data=fields)


@pytest.fixture
def desk(live, clock, sign_in_at) -> Desk:
    return Desk(live, clock, sign_in_at)


def the_intent() -> CallIntent:
    db.session.rollback()
    return db.session.scalars(select(CallIntent)).one()


def calls() -> list[Call]:
    db.session.rollback()
    return list(db.session.scalars(select(Call).order_by(Call.id)))


def theirs(exchange) -> list[TheirCall]:
    return [one for one in exchange.ledger.calls(BEGINNING) if one.is_placed]


def pass_time(exchange, clock, *seconds: int) -> None:
    for one in seconds:
        clock.advance(seconds=one)
        exchange.tick(clock())


def written(desk, clock) -> None:
    """The intent is committed, and nobody asks the company."""
    with unit_of_work():
        callback = db.session.get_one(Callback, desk.card_id)
        operator = db.session.get_one(User, desk.operator.id)
        line = placing_jobs.line_for(operator, CALLER)
        intents.intend(callback, CALLER, line, actor=operator, at=clock())


def post(desk, fields, route) -> str:
    base = desk.app.config["PUBLIC_BASE_URL"]
    exchange = adapter.exchange()
    answer = exchange._wire._post(f"{base}/hooks/simulator/{route}", fields)
    assert answer.status_code == 200
    return answer.text


def set_policy(name, number, clock) -> None:
    administrator = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        actor = db.session.get_one(User, administrator.id)
        policies.set_value(name, number, actor=actor, at=clock())
