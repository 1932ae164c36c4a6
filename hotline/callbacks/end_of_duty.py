"""What a person leaves open at the end of duty: to the pool by itself, unless handed on before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from hotline import access, turns
from hotline.accounts import roster
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
    owed = (
        select(Callback)
        .where(Callback.owner_id == user.id, Callback.ended_at.is_(None))
        .options(joinedload(Callback.ticket))
    )
    return LeftOpen(
        list(db.session.scalars(turns.anew(owned.order_by(Ticket.opened_at, Ticket.id)))),
        list(db.session.scalars(turns.anew(owed.order_by(Callback.due_at, Callback.id)))),
    )


def release_all(user: User, *, at: datetime, because: str) -> int:
    """Put everything `user` left open into the pool, by itself; return how much it was."""
    left = _held(user)
    for ticket in left.tickets:
        tickets.note_fact(ticket, "release", at=at, because=because, owner=user.id)
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
    chosen = _chosen(_held(user), ticket_ids, callback_ids)
    count = _pass_on(chosen, to, actor=user, at=at, because="handed_on")
    if count == 0:
        raise Invalid(N_("Choose what you hand on."), field="tickets")
    if to is not None:
        sentence = N_("%(name)s handed their open work on to you: %(count)d in all.")
        key = f"handed_on:{user.id}:{at.isoformat()}"
        outbox.notify(
            to, sentence, at=at, dedupe_key=key, name=user.display_name, count=count, channels=()
        )
    return count


def take_over(
    user: User,
    to: User,
    *,
    ticket_ids: Collection[int],
    callback_ids: Collection[int],
    at: datetime,
) -> int:
    """Give `to`, who takes it, what of these `user` still holds; return how much it was.

    What is over, or somebody else's by now, is left where it is, and so is what is about `to`.
    """
    left = _chosen(_held(user), ticket_ids, callback_ids)
    about = [*left.tickets, *(callback.ticket for callback in left.callbacks)]
    hidden = {ticket.id for ticket in about if not access.can_see(to, ticket)}
    seen = LeftOpen(
        [ticket for ticket in left.tickets if ticket.id not in hidden],
        [callback for callback in left.callbacks if callback.ticket_id not in hidden],
    )
    is_early = roster.is_on_duty(user, at)
    return _pass_on(seen, to, actor=to, at=at, because="sheet_early" if is_early else "sheet")


def _chosen(left: LeftOpen, ticket_ids: Collection[int], callback_ids: Collection[int]) -> LeftOpen:
    return LeftOpen(
        [ticket for ticket in left.tickets if ticket.id in ticket_ids],
        [callback for callback in left.callbacks if callback.id in callback_ids],
    )


def _pass_on(left: LeftOpen, to: User | None, *, actor: User, at: datetime, because: str) -> int:
    for ticket in left.tickets:
        if to is None:
            tickets.release(ticket, actor=actor, at=at)
        else:
            _pass_ticket(ticket, actor, to, at, because)
    for callback in left.callbacks:
        callback.owner_id = to.id if to else None
        live_updates.post("hotline", "callbacks", at, callback=callback.id)
    return len(left)


def _held(user: User) -> LeftOpen:
    """The same, and nobody else touches it meanwhile."""
    owed = select(Callback.ticket_id).where(
        Callback.owner_id == user.id, Callback.ended_at.is_(None)
    )
    turns.hold(or_(Ticket.owner_id == user.id, Ticket.id.in_(owed)))
    return left_open(user)


def _pass_ticket(ticket: Ticket, actor: User, to: User, at: datetime, because: str) -> None:
    tickets.note_fact(ticket, "assign", at=at, actor=actor, to=to.id, because=because)
    ticket.owner_id = to.id
    live_updates.post(f"user:{to.id}", "ticket", at, ticket=ticket.id)
