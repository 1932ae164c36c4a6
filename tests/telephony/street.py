"""What stories about calls need: a seat that is taken, the call, what is owed."""

from sqlalchemy import func, select

from hotline.calls import seats
from hotline.telephony.simulator.people import PEOPLE
from hotline.unit_of_work import unit_of_work
from models import Call, Callback, Role, SeatState, db
from tests import makers

COURIER = PEOPLE[0].number


def take_seat(clock, **fields):
    user = makers.make_user(Role.OPERATOR, **fields)
    with unit_of_work():
        seats.set_seat_state(user, SeatState.FREE, at=clock())
    return user


def the_call():
    db.session.rollback()
    return db.session.scalars(select(Call)).one()


def debts():
    db.session.rollback()
    return db.session.scalars(select(Callback).where(Callback.ended_at.is_(None))).all()


def count(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))
