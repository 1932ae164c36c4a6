"""Reading tickets through the viewer's eyes."""

from sqlalchemy import select

from hotline import access
from hotline.errors import NotFound
from models import Ticket, User, db


def get(ticket_id: int, *, viewer: User) -> Ticket:
    """The ticket with this id. Raises NotFound when there is none, or none for `viewer`."""
    ticket = db.session.scalar(select(Ticket).where(Ticket.id == ticket_id, access.visible(viewer)))
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
