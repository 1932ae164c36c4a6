"""The caller's choice to read the result instead of being rung (短信告知): made, ended, in force.

It is made in a conversation, for one telephone. It is in force while that is the number to ring and
the ticket is not confidential: whoever holds the telephone reads what is written there.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from models import Call, MessageChoice, NumberKind, OutboxMessage, Source, Ticket, User, db


def choose(ticket: Ticket, *, actor: User, at: datetime, call: Call | None) -> MessageChoice:
    """Record that the caller asked `actor` in `call` to be told by short message.

    A choice that is in force is returned as it is. Raises Invalid for a confidential ticket, for a
    number that gets no messages, and for a caller by telephone with whom nobody has spoken.
    """
    _check_possible(ticket)
    standing = in_force(ticket)
    if standing is not None:
        return standing
    if call is None and ticket.source is Source.PHONE:
        raise Invalid(N_("Nobody has spoken with the caller yet."), field="by_message")
    for earlier in _open_ones(ticket):  # of another telephone
        earlier.ended_at = at
    choice = MessageChoice(
        ticket_id=ticket.id,
        number=ticket.callback_number,
        chosen_at=at,
        by_id=actor.id,
        call_id=call.id if call else None,
    )
    db.session.add(choice)
    db.session.flush()
    tickets.note_fact(ticket, "choose_message", at=at, actor=actor, call=choice.call_id)
    return choice


def end(ticket: Ticket, *, at: datetime, actor: User | None = None) -> bool:
    """The caller is rung after all; whether that was otherwise before. `actor` None: by itself."""
    standing = _open_ones(ticket)
    for choice in standing:
        choice.ended_at = at
    if standing:
        db.session.flush()
        tickets.note_fact(ticket, "end_message_choice", at=at, actor=actor)
    return bool(standing)


def in_force(ticket: Ticket) -> MessageChoice | None:
    """The choice by which a message may be sent now."""
    if ticket.is_confidential or not gets_messages(ticket.callback_number):
        return None
    chosen = [one for one in _open_ones(ticket) if one.number == ticket.callback_number]
    return chosen[-1] if chosen else None


def in_force_among(tickets: Collection[Ticket]) -> set[int]:
    """The ids of those of `tickets` whose callers rather read: one query for a whole list."""
    by_id = {ticket.id: ticket for ticket in tickets}
    chosen = select(MessageChoice.ticket_id, MessageChoice.number).where(
        MessageChoice.ticket_id.in_(by_id), MessageChoice.ended_at.is_(None)
    )
    return {
        ticket_id
        for ticket_id, number in db.session.execute(chosen).tuples()
        if number == by_id[ticket_id].callback_number and not by_id[ticket_id].is_confidential
    }


def stood_when(message: OutboxMessage) -> bool:
    """Whether the caller had chosen to be told on that telephone before `message` was written."""
    chosen = select(MessageChoice).where(
        MessageChoice.ticket_id == message.ticket_id,
        MessageChoice.number == message.address,
        MessageChoice.chosen_at <= message.created_at,
    )
    return any(
        choice.ended_at is None or choice.ended_at > message.created_at
        for choice in db.session.scalars(chosen)
    )


def gets_messages(number: str) -> bool:
    """Whether a short message reaches whoever rang from `number`."""
    return normalise(number).kind is NumberKind.MOBILE


def _check_possible(ticket: Ticket) -> None:
    if ticket.is_confidential:
        sentence = N_(
            "A confidential caller is told in a call only: whoever holds the telephone reads"
            " the message."
        )
        raise Invalid(sentence, field="by_message")
    if not gets_messages(ticket.callback_number):
        raise Invalid(N_("Only a mobile telephone gets a short message."), field="by_message")


def _open_ones(ticket: Ticket) -> list[MessageChoice]:
    found = select(MessageChoice).where(
        MessageChoice.ticket_id == ticket.id, MessageChoice.ended_at.is_(None)
    )
    return list(db.session.scalars(found.order_by(MessageChoice.id)))
