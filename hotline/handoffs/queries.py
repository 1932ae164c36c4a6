"""Reading handoffs: what runs at departments, each department's queue, what the hotline decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, literal_column, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access
from hotline.handoffs.queue_rows import QueueRow, rows_of
from hotline.tickets import reading
from hotline.tickets.lifecycle import Action
from models import (
    Extension,
    Handoff,
    HandoffRole,
    Ticket,
    TicketEvent,
    TicketStatus,
    User,
    db,
)

PAGE = 30
T = TypeVar("T", Handoff, QueueRow)


class Tab(StrEnum):
    """The views of a department's queue."""

    ACCEPT = "accept"  # to be accepted
    WORK = "work"  # in work
    RETURN = "return"  # asked to return, undecided
    ASSIST = "assist"
    EARLIER = "earlier"  # read only


@dataclass(frozen=True)
class View:
    """A list of handoffs to its end: which ones, and by what they are ordered."""

    found: Select[tuple[Handoff]]
    column: Any
    is_latest_first: bool = False

    @property
    def in_order(self) -> Select[tuple[Handoff]]:
        if self.is_latest_first:
            return self.found.order_by(self.column.desc(), Handoff.id.desc())
        # None of them has ended: said here too, PostgreSQL reads a department's in their order.
        return self.found.order_by(Handoff.ended_at, self.column, Handoff.id)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows in their order, and the key of the last one if more follow."""

    handoffs: list[T]
    after: str


def lead_of(ticket: Ticket) -> Handoff | None:
    """The unfinished lead handoff of `ticket`: also while it is suspended."""
    return db.session.scalars(
        select(Handoff)
        .where(
            Handoff.ticket_id == ticket.id,
            Handoff.role == HandoffRole.LEAD,
            Handoff.ended_at.is_(None),
        )
        .order_by(Handoff.id.desc())
    ).first()


def last_lead_of(ticket: Ticket) -> Handoff | None:
    """The latest lead handoff of `ticket`, finished or not."""
    return db.session.scalars(
        select(Handoff)
        .where(Handoff.ticket_id == ticket.id, Handoff.role == HandoffRole.LEAD)
        .order_by(Handoff.id.desc())
    ).first()


def assists_of(ticket: Ticket) -> list[Handoff]:
    """The departments that assist and have not answered yet."""
    found = select(Handoff).where(
        Handoff.ticket_id == ticket.id,
        Handoff.role == HandoffRole.ASSIST,
        Handoff.ended_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(Handoff.id)))


def passages_of(ticket: Ticket, user: User) -> list[Handoff]:
    """What the departments `user` acts for have of `ticket` now: what they lead, then what they
    assist."""
    found = select(Handoff).where(
        Handoff.ticket_id == ticket.id,
        Handoff.ended_at.is_(None),
        Handoff.department_id.in_(access.departments_of(user)),
    )
    return sorted(db.session.scalars(found), key=lambda one: (one.role != HandoffRole.LEAD, one.id))


def asking_for_time(ticket: Ticket) -> list[Handoff]:
    """The unfinished passages of `ticket` whose departments wait for the decision about more time,
    that of the lead first."""
    found = select(Handoff).where(
        Handoff.ticket_id == ticket.id, Handoff.ended_at.is_(None), ASKS_FOR_TIME
    )
    return sorted(db.session.scalars(found), key=lambda one: (one.role != HandoffRole.LEAD, one.id))


def queue_of(user: User, tab: Tab = Tab.ACCEPT, after: str = "") -> Page[QueueRow]:
    """One page of `in_queue`. `after` is the key of the last row seen."""
    view = in_queue(user, tab)
    own = [user.department] if user.department else []
    return _cut(rows_of(_further(view, after), [*own, *user.kept_departments]), view)


def returns_to_decide(viewer: User, after: str = "") -> Page[Handoff]:
    """Returns that departments asked for, the longest waiting first."""
    return _page(asked_back(viewer), after)


def extensions_to_decide(viewer: User, after: str = "") -> Page[Handoff]:
    """Handoffs whose departments ask for more time, the nearest limit first."""
    return _page(asked_for_time(viewer), after)


def unaccepted(viewer: User, after: str = "") -> Page[Handoff]:
    """Handoffs nobody has accepted, the nearest limit first."""
    return _page(not_accepted(viewer), after)


def overdue(viewer: User, at: datetime, after: str = "") -> Page[Handoff]:
    """Handoffs at departments past a limit, the oldest limit first."""
    return _page(past_a_limit(viewer, at), after)


def in_queue(user: User, tab: Tab) -> View:
    """The handoffs of the departments `user` acts for, most urgent first (the earlier ones: latest
    first).
    """
    mine = Handoff.department_id.in_(access.departments_of(user))
    readable = access.visible_of_own(user)
    found = select(Handoff).join(Handoff.ticket).where(readable, mine, *TABS[tab])
    if tab is Tab.EARLIER:
        return View(found, Handoff.ended_at, is_latest_first=True)
    return View(found, Handoff.due_at)


def asked_back(viewer: User) -> View:
    return View(seen_by(viewer).where(*TABS[Tab.RETURN]), Handoff.return_due_at)


def asked_for_time(viewer: User) -> View:
    return View(seen_by(viewer).where(*RUNNING, ASKS_FOR_TIME), Handoff.due_at)


def not_accepted(viewer: User) -> View:
    return View(seen_by(viewer).where(*TABS[Tab.ACCEPT]), Handoff.accept_due_at)


def past_a_limit(viewer: User, at: datetime) -> View:
    late = *RUNNING, Handoff.due_at < at, Handoff.paused_at.is_(None)
    return View(seen_by(viewer).where(*late), Handoff.due_at)


def chasers_of(chased: Sequence[int]) -> dict[int, TicketEvent]:
    """The last chaser of each of these tickets, by the id of the ticket."""
    if not chased:
        return {}
    found = (
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(chased), TicketEvent.kind == Action.CHASE.value)
        .options(joinedload(TicketEvent.actor).lazyload(User.role_rows))
    )
    return {event.ticket_id: event for event in db.session.scalars(found.order_by(TicketEvent.id))}


LEAD = Handoff.role == HandoffRole.LEAD
ASKS_FOR_TIME = Handoff.extensions.any(Extension.decided_at.is_(None))
RUNNING = (
    Handoff.ended_at.is_(None),
    Ticket.status.in_((TicketStatus.QUEUED, TicketStatus.ACCEPTED)),
)
ASSISTING = (
    Handoff.ended_at.is_(None),
    Handoff.role == HandoffRole.ASSIST,
    Ticket.status != TicketStatus.CLOSED,
)
# An unfinished lead runs, except while the ticket is suspended. Asked for the statuses it may have,
# PostgreSQL would expect one row, read the hundreds there are, and sort them for each page.
LEADING = (Handoff.ended_at.is_(None), LEAD, Ticket.status != TicketStatus.SUSPENDED)
TABS = {
    Tab.ACCEPT: (*LEADING, Handoff.accepted_at.is_(None)),
    Tab.WORK: (*LEADING, Handoff.accepted_at.is_not(None)),
    Tab.RETURN: (*LEADING, Handoff.return_is_undecided),
    Tab.ASSIST: ASSISTING,
    Tab.EARLIER: (Handoff.ended_at.is_not(None),),
}


def seen_by(viewer: User) -> Select[tuple[Handoff]]:
    """Handoffs of tickets that `viewer` may read, with what their rows show."""
    return (
        select(Handoff)
        .join(Handoff.ticket)
        .where(access.visible(viewer))
        .options(
            contains_eager(Handoff.ticket).joinedload(Ticket.category),
            contains_eager(Handoff.ticket).joinedload(Ticket.caller),
            joinedload(Handoff.department),
            joinedload(Handoff.handler).lazyload(User.role_rows),
            joinedload(Handoff.return_better_department),
        )
    )


def _page(view: View, after: str) -> Page[Handoff]:
    """One page by key: no counting, no offset. An unreadable key begins at the start."""
    found = _further(view, after).options(joinedload(Handoff.extensions))
    page = _cut(list(db.session.scalars(found).unique()), view)
    reading.load_what_is_hidden(one.ticket for one in page.handoffs)
    return page


def _further(view: View, after: str) -> Select[tuple[Handoff]]:
    """One page of `view` and the row behind it."""
    found, column = view.in_order, view.column
    key = _parse(after)
    if key is not None:
        at, last_id = key
        beyond = column < at if view.is_latest_first else column > at
        further = Handoff.id < last_id if view.is_latest_first else Handoff.id > last_id
        found = found.where(or_(beyond, and_(column == at, further)))
    # Written out: by a parameter PostgreSQL expects to read a tenth of all there are.
    return found.limit(literal_column(str(PAGE + 1)))


def _cut(rows: list[T], view: View) -> Page[T]:
    shown = rows[:PAGE]
    if len(rows) == len(shown):
        return Page(shown, "")
    return Page(shown, _key(getattr(shown[-1], view.column.key), shown[-1].id))


def _key(at: datetime, handoff_id: int) -> str:
    return f"{at.isoformat()}~{handoff_id}"


def _parse(after: str) -> tuple[datetime, int] | None:
    at, _, handoff_id = after.partition("~")
    try:
        instant = datetime.fromisoformat(at)
        return (instant, int(handoff_id)) if instant.tzinfo is not None else None
    except ValueError:
        return None
