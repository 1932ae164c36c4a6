"""The demo's ledger of holds adds up like everybody's, and its clocks were measured."""

from sqlalchemy import func, select

from hotline.tickets import ledger_check
from models import Callback, Handoff, Hold, Ticket, db


def test_the_ledger_of_every_ticket_fits_its_history(app):
    ids = db.session.scalars(select(Ticket.id)).all()
    assert len(ids) > 2000
    assert ledger_check.differences(ids) == []
    assert set(db.session.scalars(select(Hold.ticket_id).distinct())) == set(ids)


def test_what_has_stopped_was_measured(app):
    handoffs = db.session.scalar(
        select(func.count()).where(
            Handoff.ended_at.is_not(None) != Handoff.handle_seconds.is_not(None)
        )
    )
    callbacks = db.session.scalar(
        select(func.count()).where(
            Callback.first_attempt_at.is_not(None), Callback.ring_seconds.is_(None)
        )
    )
    assert (handoffs, callbacks) == (0, 0)
    on_time = select(func.count()).where(Handoff.answered_at <= Handoff.handle_due_at)
    assert db.session.scalar(on_time) > 200
