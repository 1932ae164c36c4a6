"""The self-check of the ledger: what it says, against what the events of each ticket say.

The ledger is written move by move, the events are read from the beginning: two ways to one figure.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.tickets import holds
from hotline.tickets.holds import Stretch
from models import Hold, Ticket, TicketEvent, db


@dataclass(frozen=True)
class Difference:
    """A ticket whose ledger does not say what its events say."""

    ticket_id: int
    number: str
    ledger: tuple[Stretch, ...]
    events: tuple[Stretch, ...]


def differences(ticket_ids: Collection[int]) -> list[Difference]:
    """The tickets among `ticket_ids` whose ledger does not fit their events, gap or overlap."""
    tickets = select(Ticket.id, Ticket.number, Ticket.opened_at).where(Ticket.id.in_(ticket_ids))
    ledgers, histories = _ledgers(ticket_ids), _histories(ticket_ids)
    found = []
    for ticket_id, number, opened_at in db.session.execute(tickets.order_by(Ticket.id)):
        ledger = tuple(ledgers[ticket_id])
        replayed = tuple(holds.replay(opened_at, histories[ticket_id]))
        if ledger != replayed:
            found.append(Difference(ticket_id, number, ledger, replayed))
    return found


def moved_since(at: datetime | None, after_id: int, limit: int) -> list[int]:
    """Ids of tickets to which something happened since `at` (None: ever), above `after_id`."""
    found = select(Ticket.id).where(Ticket.id > after_id).order_by(Ticket.id).limit(limit)
    if at is not None:
        lately = select(TicketEvent.ticket_id).where(TicketEvent.at >= at)
        found = found.where(Ticket.id.in_(lately))
    return list(db.session.scalars(found))


def report(found: Difference, *, at: datetime) -> None:
    """Tell the supervisors, once per difference: a figure of theirs may be wrong."""
    ticket = db.session.get_one(Ticket, found.ticket_id)
    for person in recipients.supervisors_of(ticket, at):
        outbox.notify(
            person,
            text=N_("The ledger of %(number)s does not fit its history: please have it looked at."),
            at=at,
            dedupe_key=f"ledger_differs:{found.ticket_id}:{len(found.events)}",
            ticket=ticket,
            number=found.number,
        )


def _ledgers(ticket_ids: Collection[int]) -> dict[int, list[Stretch]]:
    ledgers: dict[int, list[Stretch]] = defaultdict(list)
    found = select(Hold).where(Hold.ticket_id.in_(ticket_ids)).order_by(Hold.began_at, Hold.id)
    for hold in db.session.scalars(found):
        party = (hold.holder, hold.department_id)
        ledgers[hold.ticket_id].append(Stretch(party, hold.began_at, hold.ended_at))
    return ledgers


def _histories(ticket_ids: Collection[int]) -> dict[int, list[TicketEvent]]:
    histories: dict[int, list[TicketEvent]] = defaultdict(list)
    found = select(TicketEvent).where(TicketEvent.ticket_id.in_(ticket_ids))
    for event in db.session.scalars(found.order_by(TicketEvent.id)):
        histories[event.ticket_id].append(event)
    return histories
