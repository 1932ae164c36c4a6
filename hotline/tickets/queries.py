"""Reading tickets through the viewer's eyes."""

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from hotline import access, turns
from hotline.errors import Invalid, NotFound
from hotline.i18n import N_
from models import Caller, Ticket, TicketStatus, User, db


def get(ticket_id: int, *, viewer: User, beside: str = "") -> Ticket:
    """The ticket with this id. Raises NotFound when there is none, or none for `viewer`.

    A unit of work holds it, together with the one whose number is `beside`.
    """
    turns.hold(or_(Ticket.id == ticket_id, Ticket.number == beside.strip()))
    wanted = (
        select(Ticket)
        .where(Ticket.id == ticket_id, access.visible(viewer))
        .options(
            joinedload(Ticket.caller).joinedload(Caller.numbers),
            joinedload(Ticket.category),
            joinedload(Ticket.about_department),
            joinedload(Ticket.owner).lazyload(User.role_rows),
        )
    )
    ticket = db.session.scalars(turns.anew(wanted)).unique().one_or_none()
    if ticket is None:
        raise NotFound
    return ticket


def by_number(number: str, *, viewer: User) -> Ticket:
    """The ticket people call `number`. Raises NotFound like `get`."""
    ticket = db.session.scalar(
        select(Ticket).where(Ticket.number == number.strip(), access.visible(viewer))
    )
    if ticket is None:
        raise NotFound
    return ticket


def named(number: str, *, viewer: User, field: str) -> Ticket:
    """The ticket whose number was typed into `field`. Raises Invalid when `viewer` knows none."""
    try:
        return by_number(number, viewer=viewer)
    except NotFound as error:
        raise Invalid(N_("There is no ticket with this number."), field=field) from error


def rung_about(said: str, *, viewer: User, field: str) -> Ticket:
    """The unclosed ticket whose number or query code the caller says. Raises Invalid."""
    said = said.strip()
    found = select(Ticket).where(
        or_(Ticket.number == said, Ticket.query_code == said),
        Ticket.status != TicketStatus.CLOSED,
        access.visible(viewer),
    )
    named = db.session.scalars(found.limit(2)).all() if said else []
    if not named:
        raise Invalid(N_("No open ticket has this number or query code."), field=field)
    if len(named) > 1:
        raise Invalid(
            N_("Several open tickets have this query code: ask for the number."), field=field
        )
    return named[0]


def other_open_ones(ticket: Ticket, *, viewer: User) -> list[Ticket]:
    """The other unclosed tickets of the same caller, the newest first."""
    found = select(Ticket).where(
        Ticket.caller_id == ticket.caller_id,
        Ticket.id != ticket.id,
        Ticket.status != TicketStatus.CLOSED,
        access.visible(viewer),
    )
    return list(db.session.scalars(found.order_by(Ticket.id.desc())))
