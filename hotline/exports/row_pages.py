"""The words of a table in the reader's language, each looked up once for many rows."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import gettext

from hotline.i18n import N_
from hotline.template_filters import label, name_of
from hotline.tickets.lifecycle import AT_HOTLINE
from models import Ticket, Urgency, User

COMMA = N_(", ")
POOL = N_("The pool")
NAMELESS = N_("No name given")
CONFIDENTIAL = N_("Confidential")
# What stands beside the number on the page.
MARKS: tuple[tuple[str, Callable[[Ticket], Any]], ...] = (
    (N_("Supervised"), lambda ticket: ticket.is_supervised),
    (CONFIDENTIAL, lambda ticket: ticket.is_confidential),
    (N_("Collective"), lambda ticket: ticket.collective and ticket.collective.is_large),
    (N_("Linked"), lambda ticket: ticket.collective and not ticket.collective.is_large),
    (N_("Repeat"), lambda ticket: ticket.is_repeat),
    (N_("No name"), lambda ticket: ticket.is_nameless),
    (N_("Waiting for the caller"), lambda ticket: ticket.waiting_since_at),
    (N_("Kept for the next call"), lambda ticket: ticket.kept_since_at),
    (N_("Consulting"), lambda ticket: ticket.consulting),
)


class Words:
    """Made anew for each piece of a list; it may be another reader's turn."""

    def __init__(self) -> None:
        self.say: Callable[[str], str] = cache(gettext)
        self.label: Callable[[StrEnum | None], str] = cache(label)
        self.name_of: Callable[[Any], str] = cache(name_of)

    def caller_of(self, ticket: Ticket, *, is_known: bool) -> str:
        """The name as the list shows it."""
        if not is_known:
            return self.say(CONFIDENTIAL)
        return ticket.caller_name or self.say(NAMELESS)

    def owner_of(self, ticket: Ticket) -> str:
        """Who is accountable by name; the pool where nobody is."""
        if ticket.owner:
            return ticket.owner.display_name
        return self.say(POOL) if ticket.status in AT_HOTLINE else ""

    def person(self, user: User | None) -> str:
        return user.display_name if user else ""

    def marks_of(self, ticket: Ticket) -> str:
        """Everything beside the status that changes how a ticket is handled."""
        said = [self.say(mark) for mark, holds in MARKS if holds(ticket)]
        if ticket.urgency is not Urgency.NORMAL:
            said.insert(0, self.label(ticket.urgency))
        return self.say(COMMA).join(said)
