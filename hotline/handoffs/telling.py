"""What the caller knows of a handoff: who has the matter, and a date that does not move untold."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from hotline.callbacks import service as callbacks
from hotline.handoffs import people, words
from models import Call, Callback, CallbackEnd, CallbackKind, Handoff, Ticket, db

JUST_NOW = timedelta(minutes=10)  # so long after the call what is written down was said in it


def is_on_the_line(ticket: Ticket, at: datetime) -> bool:
    """Whether somebody speaks with the caller of `ticket`, or just did."""
    spoken = exists().where(
        Call.ticket_id == ticket.id,
        Call.answered_at.is_not(None),
        or_(Call.ended_at.is_(None), Call.ended_at >= at - JUST_NOW),
    )
    return bool(db.session.scalar(select(spoken)))


def say(ticket: Ticket, handoff: Handoff, *, at: datetime) -> None:
    """Keep the sentence for the caller. On the line it is said now, and its date is the promise;
    else nobody was told, and only a date that was told before and does not hold is told anew."""
    department, due_at = handoff.department, handoff.handle_due_at
    if handoff.round > 1:
        handoff.sentence = words.again(department, due_at)
        later = words.later_than_promised(department, due_at)
    else:
        handoff.sentence = words.sentence_for(ticket, department, due_at)
        later = words.later_with(department, due_at)
    if is_on_the_line(ticket, at):
        handoff.said_at, ticket.promised_at = at, due_at
    else:
        keep_date(ticket, handoff, later, at=at)


def keep_date(ticket: Ticket, handoff: Handoff, sentence: str, *, at: datetime) -> None:
    """Have the hotline tell the caller `sentence` when `handoff` ends later than promised."""
    due_at = handoff.handle_due_at
    if ticket.promised_at is not None and due_at > ticket.promised_at:
        have_the_hotline_tell(ticket, sentence, at=at, new_date=due_at)


def keep_date_moved(handoff: Handoff, *, at: datetime) -> None:
    """The limit of `handoff` moved by itself, and nobody wrote a sentence for it.

    Where it ends after the date that the caller was told, the hotline owes a ring with the new one;
    a ring that stands already says it too. Where that date holds again, no ring is needed for it.
    """
    ticket, due_at, department = handoff.ticket, handoff.handle_due_at, handoff.department
    standing = standing_ring(ticket)
    holds = ticket.promised_at is not None and due_at <= ticket.promised_at
    sentence = words.later_than_promised(department, due_at)
    if standing is None or standing.new_date is None:  # none, or one about something else
        if holds or ticket.promised_at is None:
            return
        sentence = (standing.words if standing else "") + sentence
    elif holds and words.is_only_later(standing.words):
        callbacks.settle(ticket, at=at, end=CallbackEnd.NOT_NEEDED, kinds=(CallbackKind.TELL,))
        return
    else:
        sentence = words.with_date(standing.words, department, due_at)
    have_the_hotline_tell(ticket, sentence, at=at, new_date=due_at)


def standing_ring(ticket: Ticket) -> Callback | None:
    """The ring in which the caller of `ticket` is to be told something, if one is owed."""
    owed = select(Callback).where(
        Callback.ticket_id == ticket.id,
        Callback.kind == CallbackKind.TELL,
        Callback.ended_at.is_(None),
    )
    return db.session.scalar(owed.order_by(Callback.id).limit(1))


def standing_among(callbacks_of_it: Sequence[Callback]) -> Callback | None:
    """The same among all callbacks of a ticket, the first one first."""
    owed = (one for one in callbacks_of_it if one.ended_at is None)
    return next((one for one in owed if one.kind is CallbackKind.TELL), None)


def have_the_hotline_tell(
    ticket: Ticket, sentence: str, *, at: datetime, new_date: datetime | None = None
) -> None:
    """Owe the caller a ring in which `sentence` is said, and with it a `new_date`, if any."""
    callbacks.promise(
        ticket,
        CallbackKind.TELL,
        at=at,
        owner=people.operator_of(ticket, at),
        words=sentence,
        new_date=new_date,
    )
