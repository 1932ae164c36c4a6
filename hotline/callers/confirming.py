"""Who it is: the number is a guess, until a person writes down who rings."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from hotline.callers import service as callers
from hotline.callers.service import CallerDetails
from hotline.phone_numbers import normalise
from models import Call, CallerKind, Ticket, db


def confirm(ticket: Ticket, kind: CallerKind, details: CallerDetails, *, at: datetime) -> None:
    """Write down who rings about `ticket`; from now on that is more than a guess.

    What contradicts the guess makes a new caller of this ticket, and leaves the one who was guessed
    as they were. A blank empties what is known only once the caller was confirmed: then the form
    showed what is known, and somebody emptied the field. The form of a nameless ticket does not
    show the name, so a blank there says nothing.
    """
    is_first = ticket.caller_confirmed_at is None
    if is_first and callers.is_somebody_else(ticket.caller, kind, details):
        _take_another(ticket, at)
    if ticket.is_nameless:
        details = replace(details, name=details.name or None)
    callers.describe(ticket.caller, details, may_empty=not is_first)
    ticket.caller.kind = kind
    if is_first:
        ticket.caller_confirmed_at = at


def _take_another(ticket: Ticket, at: datetime) -> None:
    """Give `ticket`, and the calls about it, a caller of their own with the same number."""
    guessed = ticket.caller
    ticket.caller = callers.add(normalise(ticket.callback_number), at=at)
    theirs = select(Call).where(Call.ticket_id == ticket.id, Call.caller_id == guessed.id)
    for call in db.session.scalars(theirs):
        call.caller_id = ticket.caller.id
        callers.add_number(ticket.caller, normalise(call.from_raw))
