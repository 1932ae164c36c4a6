"""Who may say how difficult a matter is: more than ordinary is granted, because it gives time."""

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import Category, Level, Ticket, User

RANK = list(Level)
GRANTED = (Level.DIFFICULT, Level.COMPLEX)


def is_higher(level: Level, than: Level) -> bool:
    """Whether `level` gives more time than another one."""
    return RANK.index(level) > RANK.index(than)


def offered(actor: User, ticket: Ticket | None, category: Category | None = None) -> list[Level]:
    """What `actor` may choose: up to ordinary; above that what `ticket` was granted or its category
    begins with, and a supervisor everything."""
    category = category or (ticket.category if ticket is not None else None)
    begins_with = category.level if category is not None else None
    has_now = ticket.level if ticket is not None else None
    everything = has(actor, Permission.SUPERVISE)
    return [
        level
        for level in Level
        if level not in GRANTED or everything or level in (begins_with, has_now)
    ]


def check(level: Level, actor: User, ticket: Ticket) -> None:
    """Raise Invalid when `level` is above ordinary and nobody granted it."""
    if level not in offered(actor, ticket):
        raise Invalid(
            N_("Only a supervisor grants more time than an ordinary matter has."), field="level"
        )
