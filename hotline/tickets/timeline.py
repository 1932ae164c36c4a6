"""The story of a ticket: its events, calls and feedback as entries, the newest first.

Titles and labels are marked sentences with parameters; the page translates them. Whoever may not
know the caller reads no free text of the hotline, no number, and hears no recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.tickets import timeline_looks, timeline_words
from hotline.tickets.reading import without_the_caller
from hotline.tickets.timeline_words import Line
from models import (
    AT_THE_COUNTER,
    BY_HAND,
    Call,
    Callback,
    CallLeg,
    Department,
    Feedback,
    Handoff,
    Recording,
    Ticket,
    TicketEvent,
    User,
    db,
)

# What every page of a ticket asks, made once.
# The events with who did it, and the roles by which the hotline's own words are known.
EVENTS = (
    select(TicketEvent)
    .where(TicketEvent.ticket_id == bindparam("ticket"), TicketEvent.kind != "call")
    .options(joinedload(TicketEvent.actor).joinedload(User.role_rows))
    .order_by(TicketEvent.at, TicketEvent.id)
)
CALLS = (
    select(Call)
    .where(Call.ticket_id == bindparam("ticket"))
    .options(
        joinedload(Call.operator).lazyload(User.role_rows),
        joinedload(Call.recordings),
        joinedload(Call.legs).joinedload(CallLeg.user).lazyload(User.role_rows),
    )
    .order_by(Call.started_at, Call.id)
)
FEEDBACK = (
    select(Feedback)
    .where(Feedback.ticket_id == bindparam("ticket"))
    .options(joinedload(Feedback.recorded_by).lazyload(User.role_rows))
    .order_by(Feedback.id)
)


@dataclass(frozen=True)
class Entry:
    """One step of the story."""

    at: datetime
    kind: str
    title: str
    icon: str
    tone: str
    params: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    lines: tuple[Line, ...] = ()
    recordings: tuple[Recording, ...] = ()
    notice_at: datetime | None = None  # when the caller was told that the call is recorded
    is_small: bool = False


@dataclass(frozen=True)
class Facts:
    """The rows that events point to, read once for the whole page."""

    ticket: Ticket
    knows_caller: bool
    handoffs: Sequence[Handoff]
    callbacks: dict[int, Callback]
    feedback: Sequence[Feedback]
    names: dict[int, str]  # of those it was given to, and of those who were told
    told_in_person: frozenset[int] = frozenset()  # the feedback given at the counter

    def department(self, department_id: int | None) -> Department | None:
        """A department that had the ticket, or was said to be the better one for it."""
        known = [one.department for one in self.handoffs]
        known += [better for one in self.handoffs if (better := one.return_better_department)]
        return next((one for one in known if one.id == department_id), None)

    def handoff_of(self, event: TicketEvent) -> Handoff | None:
        """The handoff that an event began, or names."""
        wanted = event.data.get("handoff")
        for handoff in self.handoffs:
            began = handoff.handed_off_at == event.at and (
                handoff.department_id == event.data.get("department")
            )
            if handoff.id == wanted or (wanted is None and began):
                return handoff
        return None

    def feedback_of(self, event: TicketEvent) -> Feedback | None:
        """The proof with which an event closed the ticket."""
        wanted = event.data.get("feedback")
        return next((row for row in self.feedback if row.id == wanted), None)


def of(
    ticket: Ticket,
    *,
    viewer: User,
    handoffs: Sequence[Handoff],
    callbacks: Sequence[Callback],
) -> list[Entry]:
    """Everything that happened to `ticket` as `viewer` may read it, the newest first."""
    events, calls, feedback = _events_of(ticket), _calls_of(ticket), _feedback_of(ticket)
    visits = {call.id for call in calls if call.provider == AT_THE_COUNTER}
    facts = Facts(
        ticket,
        access.may_know_caller(viewer, ticket),
        handoffs,
        {callback.id: callback for callback in callbacks},
        feedback,
        _names(events),
        frozenset(row.id for row in feedback if row.call_id in visits),
    )
    entries = [_call(call, facts) for call in calls]
    entries += [_event(event, facts) for event in events]
    entries += [_explained(row, facts) for row in facts.feedback if row.is_explanation]
    # Python sorts stably: what happened at the same instant stays in the order of its writing.
    return sorted(entries, key=lambda entry: entry.at)[::-1]


def _event(event: TicketEvent, facts: Facts) -> Entry:
    look = timeline_looks.look_of(event)
    lines = timeline_words.lines_of(event, facts)
    if not facts.knows_caller:
        lines = [_guarded(line, event, facts) for line in lines]
    return Entry(
        at=event.at,
        kind=event.kind,
        title=look.title,
        icon=look.icon,
        tone=look.tone,
        params=timeline_words.params_of(event, facts),
        who=event.actor.display_name if event.actor else "",
        lines=tuple(line for line in lines if line.text or line.value is not None),
        is_small=look.is_small,
    )


def _guarded(line: Line, event: TicketEvent, facts: Facts) -> Line:
    """A line for somebody who may not know the caller."""
    if line.is_hotlines and line.text:
        return Line(line.label, timeline_words.NOT_SHOWN, is_marked=True)
    return line.saying(without_the_caller(line.text, facts.ticket))


def _call(call: Call, facts: Facts) -> Entry:
    look = timeline_looks.look_of_call(call)
    return Entry(
        at=call.started_at,
        kind="call",
        title=look.title,
        icon=look.icon,
        tone=look.tone,
        params={"seconds": _talked(call)} if _is_timed(call) else {},
        who=call.operator.display_name if call.operator else "",
        lines=tuple(timeline_words.lines_of_call(call)),
        recordings=tuple(call.recordings) if facts.knows_caller else (),
        notice_at=call.notice_at,
    )


def _is_timed(call: Call) -> bool:
    """Whether anybody knows how long it took: nobody times what is logged by hand."""
    return call.answered_at is not None and call.provider not in BY_HAND


def _talked(call: Call) -> float:
    begun, ended = call.answered_at, call.ended_at or call.heard_at
    return max((ended - begun).total_seconds(), 0) if begun else 0


def _explained(row: Feedback, facts: Facts) -> Entry:
    lines = timeline_words.lines_of_feedback(row)
    if not facts.knows_caller:
        lines = [line.saying(without_the_caller(line.text, facts.ticket)) for line in lines]
    return Entry(
        at=row.at,
        kind="explain",
        title=timeline_words.EXPLAINED if row.signed_by_id else timeline_words.TO_SIGN,
        icon="mood-sad",
        tone="bad",
        who=row.recorded_by.display_name if row.recorded_by else "",
        lines=tuple(line for line in lines if line.text or line.value is not None),
    )


def _events_of(ticket: Ticket) -> list[TicketEvent]:
    return list(db.session.scalars(EVENTS, {"ticket": ticket.id}).unique())


def _names(events: Sequence[TicketEvent]) -> dict[int, str]:
    named = {event.data["to"] for event in events if event.kind == "assign"}
    named |= {person for event in events for person in event.data.get("told", ())}
    if not named:
        return {}
    found = select(User.id, User.display_name).where(User.id.in_(named))
    return dict(db.session.execute(found).tuples().all())


def _calls_of(ticket: Ticket) -> list[Call]:
    return list(db.session.scalars(CALLS, {"ticket": ticket.id}).unique())


def _feedback_of(ticket: Ticket) -> list[Feedback]:
    return list(db.session.scalars(FEEDBACK, {"ticket": ticket.id}))
