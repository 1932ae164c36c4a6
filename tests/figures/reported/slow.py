"""The second calculation: events and rows one by one, time by the intervals of each day."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from models import (
    Call,
    Callback,
    Feedback,
    Handoff,
    How,
    Resolution,
    Satisfaction,
    Source,
    Ticket,
    TicketEvent,
    Urgency,
    db,
)

ZERO = timedelta(0)


def slow_time(start, end, department):
    """Business time, day by day and interval by interval."""
    calendar = calendars.calendar_for(department)
    total, day = ZERO, start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        for opens, closes in calendar.day(day).intervals:
            midnight = datetime.combine(day, datetime.min.time(), ZONE)
            begin, until = (midnight + timedelta(minutes=m) for m in (opens, closes))
            total += max(min(until, end) - max(begin, start), ZERO)
        day += timedelta(1)
    return total


def pauses_of(ticket, since, until):
    """The stretches of a ticket's history in which no clock of a department runs."""
    found, began, waits_until = [], None, None
    events = db.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    )
    for event in events:
        if waits_until is not None and waits_until <= event.at:
            found.append((began, waits_until))
            began = waits_until = None
        if event.kind == "wait":
            began, waits_until = event.at, datetime.fromisoformat(event.data["until"])
        elif event.kind == "suspend":
            began = event.at
        elif began is not None and (
            event.kind in ("end_wait", "resume") or event.to_status != event.from_status
        ):
            found.append((began, event.at))
            began = waits_until = None
    return [(max(a, since), min(b, until)) for a, b in found if a < until and b > since]


def came_due(done, ended, due):
    """What ended before its limit without having been done was never due."""
    return bool(done) or ended is None or ended > due


def spent(handoff, end):
    ticket = handoff.ticket
    if ticket.urgency is Urgency.CRITICAL:
        return None  # by the wall from when it became so: the urgency's own story tells that
    total = slow_time(handoff.handed_off_at, end, handoff.department)
    for begin, until in pauses_of(ticket, handoff.handed_off_at, end):
        total -= slow_time(begin, until, handoff.department)
    return round(total.total_seconds())


class Slow:
    """Counts and values by department id, from the rows one by one."""

    def __init__(self, whole, now):
        self.whole, self.now = whole, now
        self.counts, self.values = defaultdict(Counter), defaultdict(lambda: defaultdict(list))
        self.feedback = {row.id: row for row in db.session.scalars(select(Feedback))}
        for model, look in (
            (Ticket, self.ticket),
            (Handoff, self.handoff),
            (Call, self.call),
            (Callback, self.callback),
        ):
            for row in db.session.scalars(select(model)):
                look(row)

    def inside(self, moment, *, due=False):
        until = min(self.whole.until, self.now) if due else self.whole.until
        return moment is not None and self.whole.since <= moment < until

    def ticket(self, ticket):
        if ticket.resolution in (Resolution.MERGED, Resolution.NO_MATTER):
            return
        count = self.counts[ticket.lead_department_id]
        proof = self.feedback.get(ticket.closing_feedback_id)
        if self.inside(ticket.opened_at):
            count["matters"] += 1
            count["by_phone"] += ticket.source is Source.PHONE
            count["handed_off"] += ticket.handoff_count > 0
            is_direct = ticket.resolution is Resolution.ANSWERED_DIRECTLY
            if is_direct and ticket.handoff_count == 0:
                count["first_call"] += proof.attempt_id is None
        if self.inside(ticket.closed_at):
            count["closed"] += 1
            if ticket.handoff_count > 0:
                count["went_through"] += 1
                self.verdict(ticket, proof, count)

    def verdict(self, ticket, proof, count):
        if proof.how is not How.IN_CALL or ticket.resolution is Resolution.WITHDRAWN:
            return
        said = {
            "valid": True,
            "contacted": proof.was_contacted or ticket.is_confidential,
            "solved": proof.is_solved,
            "satisfied": proof.satisfaction is Satisfaction.SATISFIED,
            "basically": proof.satisfaction is Satisfaction.BASICALLY,
        }
        for name, holds in said.items():
            count[name] += bool(holds)
            count[f"{name}_kept"] += bool(holds and ticket.excluded_at is None)

    def handoff(self, handoff):
        if handoff.role != "lead":
            return
        count, value = self.counts[handoff.department_id], self.values[handoff.department_id]
        done, end, now = handoff.accepted_at, handoff.ended_at, self.now
        was_due = came_due(done, end, handoff.accept_due_at)
        if handoff.round == 1 and was_due and self.inside(handoff.accept_due_at, due=True):
            count["sign_due"] += 1
            count["sign_on_time"] += done is not None and done <= handoff.accept_due_at
            count["sign_late"] += (done or end or now) > handoff.accept_due_at
            if done is not None:
                value["sign"].append(spent(handoff, done))
        was_due = came_due(handoff.answered_at, end, handoff.handle_due_at)
        was_due = was_due and handoff.paused_at is None
        if was_due and self.inside(handoff.handle_due_at, due=True):
            answered = handoff.answered_at is not None
            count["handle_due"] += 1
            count["handle_on_time"] += answered and handoff.answered_at <= handoff.handle_due_at
            count["handle_late"] += (end or now) > handoff.handle_due_at
            if answered:
                value["handle"].append(spent(handoff, handoff.answered_at))
        if self.inside(handoff.handed_off_at):
            count["reworked" if handoff.round > 1 else "passages"] += 1
        if handoff.end == "sent_back" and self.inside(end):
            count["returned"] += 1

    def call(self, call):
        if call.direction == "inbound" and self.inside(call.started_at):
            count = self.counts[db.session.get(Ticket, call.ticket_id).lead_department_id]
            count["calls"] += 1
            if call.provider != "manual":
                count["connected"] += call.answered_at is not None
                count["decided"] += call.state == "ended" and call.result != "hung_up_early"
            if call.pickup_seconds is not None:
                count["fast" if call.pickup_seconds <= 15 else "slow"] += 1

    def callback(self, debt):
        if debt.kind in ("tell", "follow_up") and debt.end == "kept" and self.inside(debt.ended_at):
            took = slow_time(debt.promised_at, debt.ended_at, None)
            self.counts[debt.ticket.lead_department_id]["told_done"] += 1
            self.values[debt.ticket.lead_department_id]["told"].append(round(took.total_seconds()))
        if debt.kind == "safety" or not self.inside(debt.first_due_at, due=True):
            return
        clock = "return_call" if debt.kind == "return_call" else "callback"
        count = self.counts[debt.ticket.lead_department_id]
        first = min((one.at for one in debt.attempts), default=None)
        if not came_due(first, debt.ended_at, debt.first_due_at):
            return
        count[f"{clock}_due"] += 1
        count[f"{clock}_on_time"] += first is not None and first <= debt.first_due_at
        count[f"{clock}_late"] += (first or debt.ended_at or self.now) > debt.first_due_at
        if first is not None:
            took = round(slow_time(debt.promised_at, first, None).total_seconds())
            self.values[debt.ticket.lead_department_id][clock].append(took)
