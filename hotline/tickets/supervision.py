"""Tickets under supervision (督办): by hand or by themselves, with the reason; lifted by hand."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.errors import TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.sla import policies
from hotline.tickets import lifecycle
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import Ticket, TicketEvent, User, db

SETTING = (Action.SUPERVISE.value, "raise")  # by hand, by itself
BY_HAND = N_("Put under supervision: %(number)s.")
BECAUSE = {
    "handoffs": N_("Under supervision, because it was handed over so often: %(number)s."),
    "reworks": N_("Under supervision, because it was sent back so often: %(number)s."),
    "not_satisfied": N_("Under supervision, because the caller is not satisfied: %(number)s."),
    "emergency": N_("Under supervision, because of an emergency: %(number)s."),
}


def supervise(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Put `ticket` under supervision; the other supervisors hear of it.

    Raises TransitionRefused when it is already, or without a reason.
    """
    entry = lifecycle.apply(ticket, Action.SUPERVISE, actor=actor, at=at, reason=reason)
    if ticket.is_supervised:
        raise TransitionRefused(N_("It is under supervision already."))
    _begin(ticket, entry.id, BY_HAND, at=at, but={actor.id})


def raise_by_itself(
    ticket: Ticket, *, at: datetime, because: str, but: Collection[int] = ()
) -> None:
    """Put `ticket` under supervision by itself, `because` of one of BECAUSE; the supervisors hear
    of it, less those who did already (`but`, their ids).

    Where it is supervised, a further reason is written down beside the others, and nobody is told
    twice.
    """
    if ticket.is_supervised:
        known = {entry.data.get("because") for entry in reasons_of([ticket.id])[ticket.id]}
        if because not in known:
            tickets.note_fact(ticket, "raise", at=at, because=because)
        return
    event_id = tickets.note_fact(ticket, "raise", at=at, because=because)
    _begin(ticket, event_id, BECAUSE[because], at=at, but=but)


def lift(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """End the supervision of `ticket`. Raises TransitionRefused when there is none."""
    lifecycle.apply(ticket, Action.LIFT, actor=actor, at=at, reason=reason)
    if not ticket.is_supervised:
        raise TransitionRefused(N_("It is not under supervision."))
    ticket.is_supervised = False
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)


def count_dissatisfied(ticket: Ticket, *, at: datetime) -> None:
    """The caller was told and is not satisfied; after so many times a supervisor looks at it."""
    ticket.dissatisfied_count += 1
    if ticket.dissatisfied_count >= policies.get("supervised_after_dissatisfied"):
        raise_by_itself(ticket, at=at, because="not_satisfied")


def reasons_of(ticket_ids: Iterable[int]) -> dict[int, list[TicketEvent]]:
    """Why each of these tickets is under supervision now, the first reason first."""
    wanted = list(ticket_ids)
    found = (
        select(TicketEvent)
        .where(
            TicketEvent.ticket_id.in_(wanted),
            TicketEvent.kind.in_((*SETTING, Action.LIFT.value)),
        )
        .options(joinedload(TicketEvent.actor).lazyload(User.role_rows))
        .order_by(TicketEvent.id)
    )
    reasons: dict[int, list[TicketEvent]] = {ticket_id: [] for ticket_id in wanted}
    for entry in db.session.scalars(found):
        if entry.kind == Action.LIFT.value:
            reasons[entry.ticket_id] = []
        else:
            reasons[entry.ticket_id].append(entry)
    return reasons


def _begin(
    ticket: Ticket, event_id: int, sentence: str, *, at: datetime, but: Collection[int]
) -> None:
    ticket.is_supervised = True
    outbox.notify_all(
        [one for one in recipients.supervisors_of(ticket, at) if one.id not in but],
        sentence,
        at=at,
        dedupe_key=f"supervised:{event_id}",
        ticket=ticket,
        number=ticket.number,
    )
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)
