"""The ledger of holds: every second of a ticket is charged to exactly one party (各方用时).

`lifecycle.apply` charges after each move, so that the stretches lie end to end without a gap.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import new_rows
from hotline.calendars import queries as calendars
from hotline.sla import business_time
from hotline.sla.business_time import NOTHING
from models import Department, Hold, Holder, Ticket, TicketEvent, TicketStatus, db

Party = tuple[Holder, int | None]  # and which department, when one has it
HOTLINE: Party = (Holder.HOTLINE, None)
CALLER: Party = (Holder.CALLER, None)
SUSPENDED: Party = (Holder.SUSPENDED, None)
AT_HOTLINE = frozenset({TicketStatus.OPEN, TicketStatus.ANSWERED})


@dataclass(frozen=True)
class Stretch:
    """One hold: whose, from when, until when (None: still)."""

    party: Party
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Spent:
    """What one party has had of a ticket."""

    party: Party
    wall: timedelta
    business: timedelta


def party_of(ticket: Ticket, at: datetime) -> Party | None:
    """Who has `ticket` at `at`, now or a little later; nobody when it is closed."""
    if ticket.status is TicketStatus.CLOSED:
        return None
    if ticket.status in AT_HOTLINE:
        return HOTLINE
    if ticket.status is TicketStatus.SUSPENDED:
        return SUSPENDED
    if ticket.waiting_until_at is not None and at < ticket.waiting_until_at:
        return CALLER
    return Holder.DEPARTMENT, ticket.department_id


def begin(ticket_id: int, *, at: datetime) -> None:
    """Charge the time of a new ticket from `at` on to the hotline."""
    new_rows.write(Hold, ticket_id=ticket_id, holder=Holder.HOTLINE, began_at=at)


def charge(ticket: Ticket, *, at: datetime) -> None:
    """Charge the time of `ticket` from `at` on to who has it now."""
    current = _current(ticket.id)
    party = party_of(ticket, at)
    if current is not None:
        if _party(current) == party:
            return
        if at <= current.began_at:  # it had it for no time at all
            at = current.began_at
            db.session.delete(current)
        else:
            _end(current, at)
        db.session.flush()
    if party is None:
        return
    before = _last(ticket.id)
    if before is not None and before.ended_at == at and _party(before) == party:
        before.ended_at = before.business_seconds = None  # it goes on
    else:
        holder, department_id = party
        db.session.add(
            Hold(ticket_id=ticket.id, holder=holder, department_id=department_id, began_at=at)
        )
    db.session.flush()


def of(ticket_id: int) -> list[Hold]:
    """The stretches of one ticket, the first one first."""
    found = select(Hold).where(Hold.ticket_id == ticket_id).order_by(Hold.began_at, Hold.id)
    return list(db.session.scalars(found))


def age_in_seconds(ticket_id: int) -> int:
    """All ended stretches together by the wall clock: the age of a ticket that is closed."""
    wall = (hold.ended_at - hold.began_at for hold in of(ticket_id) if hold.ended_at is not None)
    return round(sum(wall, NOTHING).total_seconds())


def spent(holds: Iterable[Hold], at: datetime) -> list[Spent]:
    """What each party has had until `at`, in the order in which they came first."""
    sums: dict[Party, tuple[timedelta, timedelta]] = {}
    for hold in holds:
        wall, business = sums.get(_party(hold), (NOTHING, NOTHING))
        sums[_party(hold)] = (wall + wall_of(hold, at), business + business_of(hold, at))
    return [Spent(party, wall, business) for party, (wall, business) in sums.items()]


def wall_of(hold: Hold, at: datetime) -> timedelta:
    """How long `hold` has lasted until `at` at the latest, by the wall clock."""
    return max((hold.ended_at or at) - hold.began_at, NOTHING)


def business_of(hold: Hold, at: datetime) -> timedelta:
    """The same in the business time of its holder."""
    if hold.business_seconds is not None:
        return timedelta(seconds=hold.business_seconds)
    return business_between(hold.began_at, max(at, hold.began_at), hold.department)


def business_between(began_at: datetime, ended_at: datetime, whose: Department | None) -> timedelta:
    """Business time on the calendar of a department, or of the house."""
    return business_time.between(began_at, ended_at, calendars.calendar_for(whose))


def replay(opened_at: datetime, events: Iterable[TicketEvent]) -> list[Stretch]:
    """The same ledger a second time, from nothing but the events of a ticket in their order.

    The nightly self-check compares the two, and what was imported gets its ledger this way.
    """
    stretches: list[Stretch] = []
    party: Party | None = HOTLINE
    since = opened_at
    for moved_at, moved_to in _moves(events):
        if moved_to == party:
            continue
        at = max(moved_at, since)
        if party is not None and at > since:
            stretches.append(Stretch(party, since, at))
        party, since = moved_to, at
    if party is not None:
        stretches.append(Stretch(party, since, None))
    return _joined(stretches)


def _moves(events: Iterable[TicketEvent]) -> Iterator[tuple[datetime, Party | None]]:
    """When it went to whom, as the events tell."""
    status, department_id = TicketStatus.OPEN, None
    waits_until: datetime | None = None
    for event in events:
        if waits_until is not None and waits_until <= event.at:  # over by itself, before this
            yield waits_until, (Holder.DEPARTMENT, department_id)
            waits_until = None
        after = TicketStatus(event.to_status or status)
        if event.kind in ("hand_off", "rework"):
            department_id = event.data["department"]
        if event.kind == "wait":
            waits_until = datetime.fromisoformat(event.data["until"])
        elif event.kind == "end_wait" or after is not status:
            waits_until = None
        status = after
        yield event.at, _party_by(status, department_id, waits_until is not None)


def _party_by(status: TicketStatus, department_id: int | None, waits: bool) -> Party | None:
    if status is TicketStatus.CLOSED:
        return None
    if status in AT_HOTLINE:
        return HOTLINE
    if status is TicketStatus.SUSPENDED:
        return SUSPENDED
    return CALLER if waits else (Holder.DEPARTMENT, department_id)


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Neighbours of one party as one stretch."""
    joined: list[Stretch] = []
    for one in stretches:
        before = joined[-1] if joined else None
        if before and before.party == one.party and before.ended_at == one.began_at:
            joined[-1] = Stretch(one.party, before.began_at, one.ended_at)
        else:
            joined.append(one)
    return joined


def _party(hold: Hold) -> Party:
    return hold.holder, hold.department_id


def _current(ticket_id: int) -> Hold | None:
    return db.session.scalar(
        select(Hold).where(Hold.ticket_id == ticket_id, Hold.ended_at.is_(None))
    )


def _last(ticket_id: int) -> Hold | None:
    found = select(Hold).where(Hold.ticket_id == ticket_id)
    return db.session.scalar(found.order_by(Hold.began_at.desc()).limit(1))


def _end(hold: Hold, at: datetime) -> None:
    business = business_between(hold.began_at, at, hold.department)
    hold.ended_at, hold.business_seconds = at, round(business.total_seconds())
