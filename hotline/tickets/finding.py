"""What was typed into the search field, as a condition on tickets: a number, a code, words.

Every way to find has its own index and names the few tickets it leads to. Said as conditions beside
each other (OR), one of them without an index would make a database read all tickets there are.
"""

import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union

from hotline import access
from hotline.phone_numbers import normalise
from hotline.tickets import search
from models import CallerNumber, Ticket, User

LAST_DIGITS = range(4, 8)
WHOLE_NUMBER = re.compile(r"\d{8}-\d{4,}")  # of a ticket, as 20261120-0042

Found = Select[tuple[int]]


def found(typed: str, viewer: User) -> ColumnElement[bool]:
    """By ticket or outer number, query code, telephone number (or its last digits), or words."""
    if len(typed) > search.LONGEST_QUERY:
        return false()
    if WHOLE_NUMBER.fullmatch(typed):
        return Ticket.id.in_(union(*_by_own_number(typed)))
    by_number = Ticket.id.in_(
        union(
            *_by_own_number(typed),
            *_by_telephone(typed, viewer),
            *_by_digits(typed.replace(" ", "").replace("-", ""), viewer),
        )
    )
    by_words = search.matches(typed)
    if by_words is None:
        return by_number
    # the words of a confidential ticket would betray who rang
    return or_(by_number, and_(by_words, access.caller_known(viewer)))


def _by_own_number(typed: str) -> Iterator[Found]:
    yield _tickets(Ticket.number == typed)
    yield _tickets(Ticket.outer_number == typed)


def _by_telephone(typed: str, viewer: User) -> Iterator[Found]:
    number = normalise(typed).normalised
    if number:
        yield _rang_from(CallerNumber.number == number, viewer)


def _by_digits(digits: str, viewer: User) -> Iterator[Found]:
    """By what people say aloud: the end of a ticket's number, its code, how a number ends."""
    if not (digits.isascii() and digits.isdigit()):
        return
    yield _tickets(Ticket.is_numbered(digits))
    yield _tickets(Ticket.query_code == digits, access.caller_known(viewer))
    if len(digits) in LAST_DIGITS:
        yield _rang_from(CallerNumber.ends_in(digits), viewer)


def _rang_from(number: ColumnElement[bool], viewer: User) -> Found:
    """Callers known by `number`; of a confidential ticket the number is no way to find it, except
    for the hotline."""
    callers = select(CallerNumber.caller_id).where(number)
    return _tickets(Ticket.caller_id.in_(callers), access.caller_known(viewer))


def _tickets(*conditions: ColumnElement[bool]) -> Found:
    return select(Ticket.id).where(*conditions).correlate(None)
