"""What presses in the demo: who heard of limits that were over, and why tickets are supervised.

Written from the rows that stand in the book already, as the sweeps would have done at their time.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from hotline.calendars import queries as calendars
from hotline.demo.book import Row
from hotline.demo.world import World
from hotline.handoffs import people
from hotline.outbox import recipients
from hotline.sla import business_time, deadlines
from hotline.sla.ladder import CLOCK_OF, STEPS, Clock, Hours, Rung, Stage, Step, climb
from models import (
    Callback,
    Department,
    Handoff,
    HandoffRole,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
    User,
)

LATELY = timedelta(days=21)
TO_WATCH = "多名工友同一诉求，请合并口径、逐一答复。"


class Pressing:
    """The events of each ticket, in their order, and those that are added."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.departments = {one.id: one for one in world.departments.values()}
        self.events: dict[int, list[Row]] = defaultdict(list)
        for row in sorted(world.book.rows[TicketEvent], key=lambda one: one["at"]):
            self.events[id(row["ticket_id"])].append(row)

    def note(
        self, ticket: Row, kind: str, at: datetime, actor: User | None = None, **data: object
    ) -> None:
        """An event that moves nothing: at the status that the ticket had then."""
        before = self.events[id(ticket)]
        place = bisect_right(before, at, key=lambda one: one["at"])
        status = before[place - 1]["to_status"] if place else TicketStatus.OPEN.value
        reason = str(data.pop("reason", ""))
        values = {"ticket_id": ticket, "kind": kind, "at": at, "reason": reason, "data": data}
        values |= {"actor_id": actor.id if actor else None}
        self.world.book.add(
            Row(TicketEvent, {**values, "from_status": status, "to_status": status})
        )

    def told(self, step: Step, row: Row, department: Department | None, at: datetime) -> list[int]:
        """Whom the ladder reached."""

        def on(rung: Rung) -> list[User]:
            if rung is Rung.HANDLER and department is not None:
                handler = row.values.get("handler_id")
                return [self.world.user_of(handler)] if handler else people.staff_of(department)
            if rung is Rung.HEAD and department is not None:
                return people.heads_of(department)
            if rung is Rung.OPERATOR and row.values.get("owner_id"):
                return [self.world.user_of(row["owner_id"])]
            if rung is Rung.LEADER:
                return [self.world.user(self.world.roster.shift_at(at).crew[0])]
            return recipients.supervisors() if rung is Rung.SUPERVISOR else []

        is_critical = row["ticket_id"].values.get("urgency") is Urgency.CRITICAL
        return [one.id for one in climb(step, on, is_critical=is_critical)]


def write(world: World) -> None:
    """Add who heard of what in the last weeks, and the reasons of the supervised tickets."""
    pressing = Pressing(world)
    for ticket in world.book.rows_of(Ticket):
        _supervise(pressing, ticket)
    since = world.start - LATELY
    for handoff in world.book.rows[Handoff]:
        if handoff["handed_off_at"] >= since and handoff["role"] is HandoffRole.LEAD:
            _handoff(pressing, handoff)
    for callback in world.book.rows[Callback]:
        if callback["promised_at"] >= since and callback.values.get("exhausted_at") is None:
            _callback(pressing, callback)


def _supervise(pressing: Pressing, ticket: Row) -> None:
    kinds = {event["kind"] for event in pressing.events[id(ticket)]}
    if not ticket.values.get("is_supervised") or kinds & {"raise", "supervise"}:
        return
    at = ticket["opened_at"] + timedelta(minutes=1)
    if ticket.values.get("is_emergency"):
        pressing.note(ticket, "raise", at, because="emergency")
    else:
        at += timedelta(minutes=40)
        pressing.note(ticket, "supervise", at, pressing.world.user("sup"), reason=TO_WATCH)


def _handoff(pressing: Pressing, handoff: Row) -> None:
    department = pressing.departments[handoff["department_id"]]
    began_at, ended_at = handoff["handed_off_at"], handoff.values.get("ended_at")
    accepted_at = handoff.values.get("accepted_at")
    if handoff.values.get("paused_at") is not None:
        return
    for clock, due_at, over_at in (
        (Clock.ACCEPT, handoff["accept_due_at"], accepted_at or ended_at),
        (Clock.ANSWER, handoff["handle_due_at"], ended_at),
    ):
        if clock is Clock.ACCEPT and due_at >= handoff["handle_due_at"]:
            continue
        until = min(over_at or pressing.world.start, pressing.world.start)
        for step, at in _steps(clock, began_at, due_at, department, until):
            pressing.note(
                handoff["ticket_id"],
                step.kind,
                at,
                department=department.id,
                handoff=handoff,
                due_at=due_at.isoformat(),
                told=pressing.told(step, handoff, department, at),
            )


def _callback(pressing: Pressing, callback: Row) -> None:
    began_at = max(callback["promised_at"], callback["not_before_at"])
    over_at = callback.values.get("first_attempt_at") or callback.values.get("ended_at")
    until = min(over_at or pressing.world.start, pressing.world.start)
    clock, due_at = CLOCK_OF[callback["kind"]], callback["due_at"]
    for step, at in _steps(clock, began_at, due_at, None, until):
        if step.stage is not Stage.SOON:
            pressing.note(
                callback["ticket_id"],
                step.kind,
                at,
                callback=callback,
                callback_kind=callback["kind"].value,
                due_at=due_at.isoformat(),
                told=pressing.told(step, callback, None, at),
            )


def _steps(
    clock: Clock, began_at: datetime, due_at: datetime, whose: Department | None, until: datetime
) -> Iterator[tuple[Step, datetime]]:
    """The steps that were told before `until`, each when it could be told first."""
    moments = {
        Stage.SOON: deadlines.warn_at(began_at, due_at, whose),
        Stage.OVERDUE: due_at,
        Stage.LATE: deadlines.escalate_at(began_at, due_at, whose),
    }
    for stage, moment in moments.items():
        step = STEPS.get((clock, stage))
        if step is None or moment >= until:
            continue
        at = _first_time(step, moment, whose)
        if at < until:
            yield step, at


def _first_time(step: Step, moment: datetime, whose: Department | None) -> datetime:
    if step.hours is Hours.ALWAYS:
        return moment
    if step.hours is Hours.CONTACT:
        return business_time.next_open(moment, calendars.contact_hours())
    return business_time.next_open(moment, calendars.calendar_for(whose))
