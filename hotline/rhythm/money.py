"""Money recovered (追回金额): summed by the month in which it was reported, and put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from hotline.errors import Invalid, Stale
from hotline.i18n import N_
from hotline.permissions import Permission, require
from hotline.tickets import filters
from hotline.tickets import service as tickets
from hotline.tickets.filters import Asked, Filter
from models import Ticket, User, db

MONTHS = range(1, 13)


@dataclass(frozen=True)
class Sum:
    """How much was recovered, in fen, in how many tickets, and the filter that lists just those."""

    wanted: Filter
    fen: int
    tickets: int


@dataclass(frozen=True)
class Year:
    """The sums of a year: the whole, and its months in their order."""

    whole: Sum
    months: Sequence[Sum]


def of_year(year: int, asked: Asked) -> Year:
    """What was recovered in `year`, within what the viewer may see. Read in one query."""
    wanted = [Filter(money=f"{year}"), *(Filter(money=f"{year}-{month:02d}") for month in MONTHS)]
    columns: list[ColumnElement[Any]] = []
    for one in wanted:
        within = and_(*filters.conditions(one, asked))
        columns.append(func.coalesce(func.sum(case((within, Ticket.money_recovered_fen))), 0))
        columns.append(func.count(case((within, 1))))
    row = db.session.execute(select(*columns).where(*filters.conditions(wanted[0], asked))).one()
    # PostgreSQL sums whole numbers as decimals.
    sums = [Sum(one, int(row[2 * n]), row[2 * n + 1]) for n, one in enumerate(wanted)]
    return Year(sums[0], sums[1:])


def correct(
    ticket: Ticket, fen: int, *, version: int, reason: str, actor: User, at: datetime
) -> None:
    """Put the amount of `ticket` right; what it was, what it is and why stays on the timeline.

    It counts in the month in which money was first reported. Raises Forbidden, Stale, or Invalid
    for a negative amount, the same one again, or no reason.
    """
    require(actor, Permission.SUPERVISE)
    if ticket.version != version:
        raise Stale
    if fen < 0:
        raise Invalid(N_("Write an amount of money, like 12000 or 350.50."), field="money")
    if fen == ticket.money_recovered_fen:
        raise Invalid(N_("This amount stands there already."), field="money")
    if not reason.strip():
        raise Invalid(N_("Say why the amount was wrong."), field="reason")
    tickets.note_fact(
        ticket,
        "correct_money",
        at=at,
        actor=actor,
        before=ticket.money_recovered_fen,
        after=fen,
        text=reason.strip(),
    )
    ticket.money_recovered_fen = fen
    ticket.money_recovered_at = ticket.money_recovered_at or at
