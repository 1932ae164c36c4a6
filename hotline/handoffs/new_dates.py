"""The later date that was granted to a department, and that the caller has to be told.

It is a ring that is owed like any other. Who has no number hears it when they ring themselves;
whoever is on the line, hears it at once (`tell_date`). A sweep owes it again where it got lost;
what was tried in vain and signed waits for the caller's next call instead.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from hotline.callbacks import service as callbacks
from hotline.errors import TransitionRefused
from hotline.handoffs import queries, telling, words
from hotline.i18n import N_
from hotline.tickets import lifecycle
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import (
    Callback,
    CallbackAttempt,
    CallbackEnd,
    CallbackKind,
    Extension,
    Handoff,
    Ticket,
    TicketStatus,
    User,
    db,
)


def owe(ticket: Ticket, handoff: Handoff, *, at: datetime) -> None:
    """Owe the caller the date of `handoff`, unless one as late was told; what else is to be said in
    a ring while it waits for the caller is said with it."""
    if not is_untold(handoff):
        return
    sentence = to_say(handoff)
    if not ticket.callback_number:
        tickets.note_fact(ticket, "untold_date", at=at, words=sentence)
        return
    standing = telling.standing_ring(ticket)
    if ticket.waiting_since_at is not None and standing is not None and standing.new_date is None:
        sentence = standing.words + sentence
    telling.have_the_hotline_tell(ticket, sentence, at=at, new_date=_date_of(handoff))


def owe_again(handoff: Handoff, *, at: datetime) -> bool:
    """Owe the ring with the granted date of `handoff` where nothing says it; whether it was so."""
    ticket = handoff.ticket
    standing = telling.standing_ring(ticket)
    is_owed = standing is not None and standing.new_date is not None
    is_over = not ticket.callback_number or was_given_up(handoff)
    if is_owed or is_over or not is_untold(handoff):
        return False
    owe(ticket, handoff, at=at)
    return True


def tell_date(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """The caller, who is on the line or just was, was told the new date: it is the promise now.

    Raises TransitionRefused when there is none to tell, or nobody has spoken with the caller.
    """
    handoff = queries.lead_of(ticket)
    sentence = untold(ticket, handoff) if handoff is not None else ""
    if handoff is None or not sentence:
        raise TransitionRefused(N_("There is no new date to tell."))
    if not telling.is_on_the_line(ticket, at):
        raise TransitionRefused(N_("Nobody has just spoken with the caller: ring first."))
    standing = telling.standing_ring(ticket)
    told_at = standing.new_date if standing is not None else None
    until = told_at or _date_of(handoff)
    lifecycle.apply(
        ticket, Action.TELL_DATE, actor=actor, at=at, words=sentence, until=until.isoformat()
    )
    ticket.promised_at = until
    callbacks.settle(ticket, at=at, end=CallbackEnd.KEPT, kinds=(CallbackKind.TELL,))


def drop(ticket: Ticket, *, at: datetime) -> None:
    """End a ring that was to tell a date which does not hold any more: the answer is there, or the
    department has it no longer."""
    standing = telling.standing_ring(ticket)
    if standing is not None and standing.new_date is not None:
        callbacks.settle(ticket, at=at, end=CallbackEnd.NOT_NEEDED, kinds=(CallbackKind.TELL,))


def move(ticket: Ticket, into: Ticket, *, at: datetime) -> None:
    """Let `into` keep the word given about `ticket`, which is merged into it: the date the caller
    was told is its promise, if it had none, and a later one of its own department is told.

    What is answered goes along as a debt of its own: that word was kept.
    """
    if ticket.status is TicketStatus.ANSWERED:
        return
    drop(ticket, at=at)
    into.promised_at = into.promised_at or ticket.promised_at
    handoff = queries.lead_of(into)
    if handoff is not None and handoff.paused_at is None:
        telling.keep_date_moved(handoff, at=at)


def untold(ticket: Ticket, handoff: Handoff) -> str:
    """The sentence with a new date that the caller of `ticket` has not been told; else empty."""
    return untold_beside(telling.standing_ring(ticket), handoff)


def untold_beside(standing: Callback | None, handoff: Handoff) -> str:
    """The same, by the ring that is owed, for who has read it already."""
    if standing is not None and standing.new_date is not None:
        return standing.words
    return to_say(handoff) if is_untold(handoff) else ""


def is_untold(handoff: Handoff) -> bool:
    """Whether more time was granted than the caller knows of."""
    promised_at = handoff.ticket.promised_at
    was_granted = any(one.is_granted for one in handoff.extensions)
    is_later = promised_at is None or promised_at < _date_of(handoff)
    return handoff.ended_at is None and was_granted and is_later


def was_given_up(handoff: Handoff) -> bool:
    """Whether this very date was tried in vain on the caller's number, and a second person signed:
    it is said when they ring."""
    found = select(Handoff.id).join(Handoff.ticket).where(Handoff.id == handoff.id, given_up())
    return db.session.scalar(found) is not None


def given_up() -> ColumnElement[bool]:
    """The same as a condition on `Handoff`, joined with its ticket."""
    return exists().where(
        Callback.ticket_id == Handoff.ticket_id,
        Callback.end == CallbackEnd.UNREACHABLE,
        Callback.new_date >= Handoff.handle_due_at,
        Callback.attempts.any(CallbackAttempt.number == Ticket.callback_number),
    )


def may_be_untold() -> ColumnElement[bool]:
    """On `Handoff`, joined with its ticket: more time was granted, and no ring is owed that tells
    it to a caller who knows of an earlier date or of none; nor has anybody signed that they were
    rung in vain."""
    granted = exists().where(Extension.handoff_id == Handoff.id, Extension.is_granted.is_(True))
    said = exists().where(
        Callback.ticket_id == Handoff.ticket_id,
        Callback.ended_at.is_(None),
        Callback.new_date.is_not(None),
    )
    is_later = or_(Ticket.promised_at.is_(None), Ticket.promised_at < Handoff.handle_due_at)
    return granted & is_later & ~said & ~given_up() & (Ticket.callback_number != "")


def to_say(handoff: Handoff) -> str:
    """The date of `handoff` in words for the caller."""
    due_at, department = _date_of(handoff), handoff.department
    if handoff.ticket.promised_at is not None:
        return words.later_than_promised(department, due_at)
    return words.needs_more_time(department, due_at)


def _date_of(handoff: Handoff) -> datetime:
    """The date of answer: while it waits for the caller, the one to come."""
    return handoff.handle_due_at if handoff.paused_at is None else handoff.due_at
