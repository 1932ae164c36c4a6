"""What the services would have measured while the story went on: clocks that stopped, holds."""

from collections import defaultdict
from typing import Any

from hotline.demo.book import Book, Row
from hotline.demo.world import World
from hotline.sla import deadlines
from hotline.tickets import holds
from models import (
    BY_HAND,
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    Department,
    Handoff,
    Hold,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
)


def measure(world: World) -> None:
    """Fill in the ledger of every ticket, and how long each clock ran."""
    departments = {one.id: one for one in world.departments.values()}
    for row in world.book.rows[Handoff]:
        _handoff(row.values, departments[row["department_id"]])
    for row in world.book.rows[Callback]:
        _callback(row.values)
    for row in world.book.rows[Call]:
        _call(row.values)
    _holds(world.book, departments)


def _handoff(row: dict[str, Any], department: Department) -> None:
    by_the_wall = row["ticket_id"].values.get("urgency") is Urgency.CRITICAL
    began_at = row["handed_off_at"]
    for measured, ended_at in (("accept", row.get("accepted_at")), ("handle", row.get("ended_at"))):
        if ended_at is not None:
            spent = deadlines.spent(began_at, ended_at, department, by_the_wall=by_the_wall)
            row[f"{measured}_seconds"] = spent


def _callback(row: dict[str, Any]) -> None:
    by_the_wall = row["kind"] is CallbackKind.SAFETY
    began_at = row["promised_at"]
    if row.get("first_attempt_at") is not None:
        row["ring_seconds"] = deadlines.spent(
            began_at, row["first_attempt_at"], None, by_the_wall=by_the_wall
        )
    if row.get("end") is CallbackEnd.KEPT:
        row["told_seconds"] = deadlines.spent(
            began_at, row["ended_at"], None, by_the_wall=by_the_wall
        )


def _call(row: dict[str, Any]) -> None:
    if row.get("answered_at") is not None and row["provider"] not in BY_HAND:
        row["pickup_seconds"] = round((row["answered_at"] - row["started_at"]).total_seconds())


def _holds(book: Book, departments: dict[int, Department]) -> None:
    """Read from the events of each ticket, as the nightly self-check does."""
    events: dict[Row, list[TicketEvent]] = defaultdict(list)
    for row in book.rows_of(TicketEvent):
        if "to_status" in row.values:
            events[row["ticket_id"]].append(_event(row))
    for ticket in book.rows[Ticket]:
        stretches = holds.replay(ticket["opened_at"], events[ticket])
        for one in stretches:
            holder, department_id = one.party
            values = {
                "ticket_id": ticket,
                "holder": holder,
                "department_id": department_id,
                "began_at": one.began_at,
                "ended_at": one.ended_at,
            }
            if one.ended_at is not None:
                whose = departments[department_id] if department_id else None
                spent = holds.business_between(one.began_at, one.ended_at, whose)
                values["business_seconds"] = round(spent.total_seconds())
            book.add(Row(Hold, values))
        if ticket["status"] is TicketStatus.CLOSED:
            whole = ((one.ended_at or one.began_at) - one.began_at for one in stretches)
            ticket["whole_seconds"] = round(sum(one.total_seconds() for one in whole))


def _event(row: Row) -> TicketEvent:
    values = row.values
    return TicketEvent(
        kind=values["kind"],
        at=values["at"],
        to_status=values["to_status"],
        data=values.get("data", {}),
    )
