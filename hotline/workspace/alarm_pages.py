"""What is known of an emergency: who sees to it, and what the operator has written so far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hotline import access, phone_numbers
from hotline.callbacks import emergency
from hotline.drafts import service as drafts
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission, has
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
    typed = _typed(ticket)
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


def follow_draft(key: str, writer: User, *, at: datetime) -> None:
    """More was typed: in an emergency whoever helps reads it at once."""
    kind, _colon, ticket_id = key.partition(":")
    if kind != "ticket" or not ticket_id.isdecimal():
        return
    ticket = db.session.get(Ticket, int(ticket_id))
    if ticket is not None and ticket.is_emergency and _is_believed(writer, ticket):
        live_updates.post("hotline", "emergency", at, ticket=ticket.id)


def _typed(ticket: Ticket) -> Mapping[str, str]:
    """What was typed last by somebody who takes calls; anybody signed in can keep a draft."""
    for draft in drafts.of_anybody(outcomes.draft_key(ticket)):
        if _is_believed(db.session.get_one(User, draft.user_id), ticket):
            fields: Mapping[str, str] = draft.fields
            return fields
    return {}


def _is_believed(writer: User, ticket: Ticket) -> bool:
    return has(writer, Permission.HANDLE_CALLS) and access.can_see(writer, ticket)
