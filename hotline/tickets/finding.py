"""What was typed into the search field, as a condition on tickets: a number, a code, words.

Every way to find has its own index and names the few tickets it leads to. Said as conditions beside
each other (OR), one of them without an index would make a database read all tickets there are.
"""

import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select, union

from hotline import access
from hotline.phone_numbers import normalise
from hotline.tickets import search
from hotline.tickets.search import Found
from models import CallerNumber, Ticket, User

LAST_DIGITS = range(4, 8)
LONGEST_SAID = 8  # digits; no query code nor the end of a ticket's number is longer
WHOLE_NUMBER = re.compile(r"\d{8}-\d{4,}")  # of a ticket, as 20261120-0042


def found(typed: str, viewer: User) -> ColumnElement[bool]:
    """By ticket or outer number, query code, telephone number (or its last digits), or words."""
    if len(typed) > search.LONGEST_QUERY:
        return false()
    ways = [_by_outer_number(typed)]
    if WHOLE_NUMBER.fullmatch(typed):
        return Ticket.id.in_(union(_tickets(Ticket.number == typed), *ways))
    ways += _by_telephone(typed, viewer)
    ways += _by_digits(typed.replace(" ", "").replace("-", ""), viewer)
    by_words = search.found(typed)
    known = access.caller_known(viewer)  # else the words of a confidential ticket betray who rang
    if by_words is None:
        return Ticket.id.in_(union(*ways))
    if search.are_many(by_words):
        # All of them would be fetched and sorted for the first page, a hundred thousand perhaps. A
        # sum is no id, so that the database goes through the tickets in the order of the list.
        is_among = (Ticket.id + literal_column("0")).in_(by_words)
        return or_(Ticket.id.in_(union(*ways)), and_(is_among, known))
    return Ticket.id.in_(union(*ways, _tickets(Ticket.id.in_(by_words), known)))


def _by_outer_number(typed: str) -> Found:
    # Most have none. Written out, so that PostgreSQL expects few for whatever is typed.
    has_one = Ticket.outer_number != literal_column("''")
    return _tickets(Ticket.outer_number == typed, has_one)


def _by_telephone(typed: str, viewer: User) -> Iterator[Found]:
    number = normalise(typed).normalised
    if number:
        yield _rang_from(CallerNumber.number == number, viewer)


def _by_digits(digits: str, viewer: User) -> Iterator[Found]:
    """By what people say aloud: the end of a ticket's number, its code, how a number ends."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_SAID):
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
