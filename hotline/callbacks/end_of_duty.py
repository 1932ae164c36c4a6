"""What a person leaves open at the end of duty: to the pool by itself, unless handed on before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from hotline import turns
from hotline.accounts import service as accounts
from hotline.callbacks import service as callbacks
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import service as outbox
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import AT_HOTLINE
from models import Callback, Ticket, User, db


@dataclass(frozen=True)
class LeftOpen:
    """Tickets and callbacks that one person answers for, the most urgent first."""

    tickets: list[Ticket]
    callbacks: list[Callback]

    def __len__(self) -> int:
        return len(self.tickets) + len(self.callbacks)


def left_open(user: User) -> LeftOpen:
    """What `user` holds of the hotline's work now; who approved a suspension keeps it."""
    owned = select(Ticket).where(Ticket.owner_id == user.id, Ticket.status.in_(AT_HOTLINE))
    owed = select(Callback).where(Callback.owner_id == user.id, Callback.ended_at.is_(None))
    return LeftOpen(
        list(db.session.scalars(turns.anew(owned.order_by(Ticket.opened_at, Ticket.id)))),
        list(db.session.scalars(turns.anew(owed.order_by(Callback.due_at, Callback.id)))),
    )


def release_all(user: User, *, at: datetime) -> int:
    """Put everything `user` left open into the pool, by itself; return how much it was."""
    left = _held(user)
    for ticket in left.tickets:
        tickets.note_fact(ticket, "release", at=at, because="end_of_duty", owner=user.id)
        ticket.owner_id = None
    return len(left.tickets) + callbacks.release_all_of(user, at=at)


def hand_on(
    user: User,
    to: User | None,
    *,
    ticket_ids: Collection[int],
    callback_ids: Collection[int],
    at: datetime,
) -> int:
    """Pass what `user` chose of the own open work to a colleague, or to the pool (None).

    What is not theirs any more is left where it is. Returns how much was passed on.
    """
    if to is not None and (to.id == user.id or not to.is_active or not accounts.takes_calls(to)):
        raise Invalid(N_("Choose a colleague who takes calls."), field="to")
    left = _held(user)
    own_tickets = [ticket for ticket in left.tickets if ticket.id in ticket_ids]
    own_callbacks = [callback for callback in left.callbacks if callback.id in callback_ids]
    for ticket in own_tickets:
        _pass_ticket(ticket, user, to, at)
    for callback in own_callbacks:
        callback.owner_id = to.id if to else None
        live_updates.post("hotline", "callbacks", at, callback=callback.id)
    count = len(own_tickets) + len(own_callbacks)
    if count == 0:
        raise Invalid(N_("Choose what you hand on."), field="tickets")
    if to is not None:
        sentence = N_("%(name)s handed their open work on to you: %(count)d in all.")
        key = f"handed_on:{user.id}:{at.isoformat()}"
        outbox.notify(
            to, sentence, at=at, dedupe_key=key, name=user.display_name, count=count, channels=()
        )
    return count


def _held(user: User) -> LeftOpen:
    """The same, and nobody else touches it meanwhile."""
    owed = select(Callback.ticket_id).where(
        Callback.owner_id == user.id, Callback.ended_at.is_(None)
    )
    turns.hold(or_(Ticket.owner_id == user.id, Ticket.id.in_(owed)))
    return left_open(user)


def _pass_ticket(ticket: Ticket, user: User, to: User | None, at: datetime) -> None:
    if to is None:
        tickets.release(ticket, actor=user, at=at)
        return
    tickets.note_fact(ticket, "assign", at=at, actor=user, to=to.id, because="end_of_duty")
    ticket.owner_id = to.id
    live_updates.post(f"user:{to.id}", "ticket", at, ticket=ticket.id)
