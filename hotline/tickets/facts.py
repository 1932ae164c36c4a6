"""What happened to tickets and is no action of the table, written of many tickets at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hotline import many_rows
from hotline.live_updates import service as live_updates
from models import Ticket, TicketEvent


@dataclass(frozen=True)
class Fact:
    """One line of a ticket's story, as `tickets.service.note_fact` writes it."""

    ticket: Ticket
    kind: str
    data: Mapping[str, object]


def note_all(facts: Sequence[Fact], *, at: datetime) -> None:
    """Write all of them; nobody did them, they came with time."""
    rows = [
        {
            "ticket_id": fact.ticket.id,
            "kind": fact.kind,
            "at": at,
            "from_status": fact.ticket.status.value,
            "to_status": fact.ticket.status.value,
            "data": fact.data,
        }
        for fact in facts
    ]
    many_rows.write(TicketEvent, rows)
    for fact in facts:
        live_updates.post("hotline", "ticket", at, ticket=fact.ticket.id)
