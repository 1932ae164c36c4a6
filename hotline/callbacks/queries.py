"""Callbacks as the lists and the card show them, through the viewer's eyes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hotline import access, turns
from hotline.callbacks import messages
from hotline.errors import NotFound
from hotline.permissions import Permission, has, require
from hotline.tickets import signatures
from models import (
    Callback,
    CallbackAttempt,
    Ticket,
    User,
    db,
)

AT_MOST = 200


class Place(StrEnum):
    """With whom what is to be rung lies."""

    DUE = "due"  # the viewer
    POOL = "pool"
    COLLEAGUES = "colleagues"


def get(callback_id: int, *, viewer: User) -> Callback:
    """The callback with this id. Raises NotFound when there is none for `viewer`.

    A unit of work holds its ticket, and it.
    """
    turns.hold_about(Callback, callback_id)
    wanted = seen_by(viewer).where(Callback.id == callback_id)
    callback = db.session.scalar(turns.anew(wanted))
    if callback is None:
        raise NotFound
    return callback


def of_a_ticket_seen(callback_id: int, *, viewer: User) -> Callback:
    """The callback with this id on a ticket that `viewer` sees, whoever rings. Raises NotFound."""
    seen = select(Callback).join(Callback.ticket).where(access.visible(viewer))
    callback = db.session.scalar(seen.where(Callback.id == callback_id))
    if callback is None:
        raise NotFound
    return callback


def owed_by(user: User) -> Sequence[Callback]:
    """What `user` has to ring, the most overdue first."""
    return _listed(to_ring(user, Place.DUE))


def to_close(viewer: User, *, owner: User | None) -> Sequence[Callback]:
    """What a message has kept and a person has still to close: with `owner`, or in the pool."""
    is_there = Callback.owner_id == owner.id if owner else Callback.owner_id.is_(None)
    return _listed(seen_by(viewer).where(messages.waits_to_be_closed(), is_there))


def has_arrived(callback: Callback) -> bool:
    """Whether the message has kept this promise, and the ticket waits to be closed."""
    arrived = select(Callback.id).where(Callback.id == callback.id, messages.waits_to_be_closed())
    return db.session.scalar(arrived) is not None


def in_pool(viewer: User) -> Sequence[Callback]:
    """What nobody has taken yet, the most overdue first. Raises Forbidden outside the hotline."""
    return _listed(to_ring(viewer, Place.POOL))


def with_colleagues(viewer: User) -> Sequence[Callback]:
    """What other people have to ring; a supervisor's list."""
    return _listed(to_ring(viewer, Place.COLLEAGUES))


def exhausted(viewer: User) -> Sequence[Callback]:
    """What was tried in vain and waits for a second person's signature, the oldest first."""
    found = (
        seen_by(viewer)
        .where(signatures.tried_in_vain())
        .options(selectinload(Callback.attempts).joinedload(CallbackAttempt.by))
    )
    return db.session.scalars(found.order_by(Callback.exhausted_at).limit(AT_MOST)).all()


def to_sign(signer: User) -> Sequence[Callback]:
    """The same less what `signer` tried: nobody signs that. Raises Forbidden for who may not."""
    require(signer, Permission.SUPERVISE)
    return [one for one in exhausted(signer) if not has_tried(one, signer)]


def has_tried(callback: Callback, user: User) -> bool:
    return user.id in {attempt.by_id for attempt in callback.attempts} | {callback.exhausted_by_id}


def kept_answers(viewer: User, *, before: datetime) -> Sequence[Ticket]:
    """Tickets whose caller left no number and did not ask again since `before` (留待查询), less
    those in which `viewer` had a hand."""
    found = (
        select(Ticket)
        .where(
            or_(Ticket.kept_since_at.is_not(None), Ticket.question != ""),
            signatures.kept_since(before),
            ~signatures.has_number(),
            ~signatures.asked_by(viewer),
            access.visible(viewer),
        )
        .options(joinedload(Ticket.caller))
        .order_by(Ticket.opened_at)
        .limit(AT_MOST)
    )
    return db.session.scalars(found).all()


def to_ring(viewer: User, place: Place) -> Select[tuple[Callback]]:
    """A list of what is to be rung, to its end. Raises Forbidden where it is not for `viewer`."""
    whose = Callback.owner_id == viewer.id
    if place is Place.POOL:
        require(viewer, Permission.HANDLE_CALLS)
        whose = Callback.owner_id.is_(None)
    elif place is Place.COLLEAGUES:
        require(viewer, Permission.SUPERVISE)
        whose = Callback.owner_id != viewer.id
    return seen_by(viewer).where(
        Callback.ended_at.is_(None), Callback.exhausted_at.is_(None), whose
    )


def _listed(found: Select[tuple[Callback]]) -> Sequence[Callback]:
    return db.session.scalars(found.order_by(Callback.due_at, Callback.id).limit(AT_MOST)).all()


def seen_by(viewer: User) -> Select[tuple[Callback]]:
    """Callbacks with what their rows show.

    Hotline staff see every callback; who promised one at a department's desk sees that one.
    """
    found = (
        select(Callback)
        .join(Callback.ticket)
        .where(access.visible(viewer))
        .options(
            joinedload(Callback.ticket).joinedload(Ticket.caller),
            joinedload(Callback.ticket).joinedload(Ticket.category),
            joinedload(Callback.owner).lazyload(User.role_rows),
        )
    )
    if not has(viewer, Permission.HANDLE_CALLS, Permission.SUPERVISE):
        found = found.where(Callback.owner_id == viewer.id)
    return found
