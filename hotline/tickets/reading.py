"""What a person reads of a ticket: of a confidential one the department gets a text of its own.

Whoever may not know the caller sees neither name nor number, wherever they may have slipped in, nor
the query code, by which one might pose as the caller.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from hotline import access
from models import CallerNumber, Ticket, User, db

# By its words and never by its digits: whoever may write could try them all, and see which hide.
QUERY_CODE = re.compile(r"(查询码|query code)(\D{0,4})\d{4,8}(?!\d)", re.IGNORECASE)
MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9](?:[\s-]?\d){9}(?!\d)")
HIDDEN = "＊＊＊"
SHORTEST_NAME = 2
TITLE_LENGTH = 60


def question_for(viewer: User, ticket: Ticket) -> str:
    """What was asked, or what may be told of it."""
    if access.may_know_caller(viewer, ticket):
        return ticket.question
    return without_the_caller(ticket.safe_summary, ticket)


def hidden_for(viewer: User, text: str, ticket: Ticket) -> str:
    """Free text about `ticket` as `viewer` may read it."""
    return text if access.may_know_caller(viewer, ticket) else without_the_caller(text, ticket)


def title_for(viewer: User, ticket: Ticket) -> str:
    """The first words of the matter as `viewer` may read them; empty when nothing is written."""
    if access.may_know_caller(viewer, ticket):
        return ticket.subject
    lines = question_for(viewer, ticket).splitlines()
    return lines[0][:TITLE_LENGTH] if lines else ""


def load_what_is_hidden(tickets: Iterable[Ticket]) -> None:
    """The numbers of the callers whom a text must not betray, of all of them at once."""
    callers = {ticket.caller_id: ticket.caller for ticket in tickets if ticket.is_confidential}
    if not callers:
        return
    numbers = defaultdict(list)
    found = select(CallerNumber).where(CallerNumber.caller_id.in_(callers))
    for number in db.session.scalars(found.order_by(CallerNumber.id)):
        numbers[number.caller_id].append(number)
    for caller_id, caller in callers.items():
        set_committed_value(caller, "numbers", numbers[caller_id])


def without_the_caller(text: str, ticket: Ticket) -> str:
    """`text` without the caller's names, old and new, and numbers, any mobile and query code."""
    names = {name.strip() for name in (ticket.caller.name, *ticket.caller.former_names)}
    for name in sorted(names, key=len, reverse=True):  # a name may be part of another
        if len(name) >= SHORTEST_NAME:
            text = text.replace(name, HIDDEN)
    numbers = {ticket.callback_number, *(known.number for known in ticket.caller.numbers)}
    for number in filter(None, numbers):
        text = _any_spelling(number).sub(HIDDEN, text)
    return MOBILE.sub(HIDDEN, QUERY_CODE.sub(rf"\1\2{HIDDEN}", text))


def _any_spelling(number: str) -> re.Pattern[str]:
    """A number with or without country code, spaces and dashes between its digits."""
    digits = "".join(filter(str.isdigit, number.removeprefix("+86")))
    return (
        re.compile(r"(?:\+?86[\s-]?)?0?" + r"[\s-]?".join(digits)) if digits else re.compile("$^")
    )
