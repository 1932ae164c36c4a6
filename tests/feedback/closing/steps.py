"""What people do until a ticket ends."""

from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.unit_of_work import unit_of_work
from models import Callback, Outcome, Resolution, Satisfaction, Ticket, TicketStatus, db

S = TicketStatus


def fresh(ticket):
    db.session.rollback()
    return db.session.get_one(Ticket, ticket.id if hasattr(ticket, "id") else ticket)


def debt_of(ticket):
    query = db.select(Callback).where(Callback.ticket_id == ticket.id)
    return db.session.scalars(query.order_by(Callback.id.desc())).first()


def ring(house, callback, outcome, at, who="operator", **more):
    return callbacks.record_attempt(callback, outcome, actor=house[who], at=at, **more)


def exhaust(house, ticket, clock):
    """Ring in vain, on as many days and at such hours as the policy asks for."""
    for day in range(6):
        with unit_of_work():
            debt = debt_of(db.session.get_one(Ticket, ticket.id))
            if debt.exhausted_at is not None:
                return
            clock.set(max(clock(), debt.not_before_at))
            ring(house, debt, Outcome.NO_ANSWER, clock())
        clock.advance(hours=8 if day % 2 else 4)
    raise AssertionError("the policy never ends")


def close(house, ticket, proof, at, *, who="operator", **more):
    fields = {"told": "本周补发工资", "resolution": Resolution.SOLVED, **more}
    return feedback.close_in_call(ticket, proof, actor=house[who], at=at, **fields)


def fresh_in_work(ticket):
    return db.session.get_one(Ticket, ticket.id)


UNHAPPY = Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="钱没到账")


def not_wanted(house, ticket, clock, words):
    return feedback.close_not_wanted(
        fresh_in_work(ticket),
        actor=house["operator"],
        at=clock(),
        words=words,
        resolution=Resolution.EXPLAINED,
    )
