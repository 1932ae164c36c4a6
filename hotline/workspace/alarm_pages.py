"""What is known of an emergency: who sees to it, and what the operator has written so far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hotline import phone_numbers
from hotline.callbacks import emergency
from hotline.drafts import service as drafts
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.workspace import outcomes
from models import Ticket, TicketStatus, User, db

# What helps whoever sends help: where, who, which number.
TOLD = {
    "question": N_("What was asked"),
    "name": N_("Name"),
    "employer": N_("Employer"),
    "number": N_("Number to ring"),
    "other_number": N_("Number to ring"),
}


def of(ticket: Ticket, viewer: User) -> dict[str, Any]:
    """The variables of workspace/_alarm.html: who took it sees the number of the caller."""
    alarm = emergency.of(ticket)
    taker = alarm.taken_by if alarm else None
    raiser = alarm.raised_by if alarm else None
    return {
        "ticket": ticket,
        "alarm": alarm,
        "is_taker": taker is not None and taker.id == viewer.id,
        "is_raiser": raiser is not None and raiser.id == viewer.id,
        "may_take": ticket.status is not TicketStatus.CLOSED,
        "written": written(ticket),
    }


def written(ticket: Ticket) -> list[tuple[str, str]]:
    """What is being typed about `ticket` and stands nowhere else yet, each with its name."""
    typed: Mapping[str, str] = drafts.newest(outcomes.draft_key(ticket))
    known = {
        "question": ticket.question,
        "name": ticket.caller_name,
        "employer": ticket.caller.employer,
        "number": phone_numbers.for_display(ticket.callback_number),
    }
    return [
        (label, typed[name].strip())
        for name, label in TOLD.items()
        if typed.get(name, "").strip() not in ("", known.get(name))
    ]


def follow_draft(key: str, *, at: datetime) -> None:
    """More was typed: in an emergency whoever helps reads it at once."""
    kind, _colon, ticket_id = key.partition(":")
    if kind != "ticket" or not ticket_id.isdecimal():
        return
    ticket = db.session.get(Ticket, int(ticket_id))
    if ticket is not None and ticket.is_emergency:
        live_updates.post("hotline", "emergency", at, ticket=ticket.id)
