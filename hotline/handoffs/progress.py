"""A word of progress at half time: who waits long is told that the matter is still being handled.

Only what is so is said: who has it, and the date by which the caller was told to hear. Once per
handoff, by a ring that is owed like any other.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from hotline.calendars import queries as calendars
from hotline.callbacks.attempts import CONNECTED
from hotline.callbacks.promises import ABOUT_THE_RESULT
from hotline.handoffs import telling, words
from hotline.sla import business_time, deadlines, policies
from hotline.tickets import service as tickets
from models import Call, Callback, CallbackAttempt, Handoff, HandoffRole, Ticket, db

HALF = 0.5
SPOKEN, NO_NUMBER = "spoken", "no_number"  # why no word is owed


def is_half_time(handoff: Handoff, *, at: datetime) -> bool:
    """Whether half of a long limit has passed, and nothing is settled about a word of progress."""
    if not policies.is_on("progress") or handoff.progress_at is not None:
        return False
    runs = handoff.ended_at is None and handoff.paused_at is None
    if not runs or handoff.role is not HandoffRole.LEAD or not _is_long(handoff):
        return False
    return at >= half_time_of(handoff)


def half_time_of(handoff: Handoff) -> datetime:
    """When half of the limit to answer has passed, in working time, less what it stood still."""
    return deadlines.part_at(
        handoff.handed_off_at,
        handoff.handle_due_at,
        handoff.department,
        HALF,
        paused=timedelta(seconds=handoff.paused_seconds),
    )


def settle_word(handoff: Handoff, *, at: datetime) -> bool:
    """Owe the caller a word of progress, unless there is none to say; False when it is not time.

    While another ring about the matter is owed it waits: that one may be the word.
    """
    ticket = handoff.ticket
    if not is_half_time(handoff, at=at) or _is_to_be_rung(ticket):
        return False
    handoff.progress_at = at
    because = _why_not(ticket, handoff, at)
    tickets.note_fact(ticket, "progress", at=at, handoff=handoff.id, because=because)
    if because:
        return True
    until = max(ticket.promised_at or handoff.handle_due_at, handoff.handle_due_at)
    is_over = until <= at
    sentence = words.still_without_date(handoff.department) if is_over else ""
    telling.have_the_hotline_tell(
        ticket,
        sentence or words.still(handoff.department, until),
        at=at,
        new_date=None if is_over or until == ticket.promised_at else until,
    )
    return True


def _is_long(handoff: Handoff) -> bool:
    """Whether the limit counts more working time than limits without a word of progress have."""
    calendar = calendars.calendar_for(handoff.department)
    begun, days = handoff.handed_off_at, policies.get("progress_over_days")
    usual = business_time.between(
        begun, business_time.add_working_days(begun, days, calendar), calendar
    )
    counted = business_time.between(begun, handoff.handle_due_at, calendar)
    return counted - timedelta(seconds=handoff.paused_seconds) > usual


def _why_not(ticket: Ticket, handoff: Handoff, at: datetime) -> str:
    if not ticket.callback_number:
        return NO_NUMBER
    spoken_at = _spoken_at(ticket)
    if spoken_at is None:
        return ""
    days, calendar = policies.get("progress_spoken_days"), calendars.calendar_for(None)
    return SPOKEN if at <= business_time.add_working_days(spoken_at, days, calendar) else ""


def _spoken_at(ticket: Ticket) -> datetime | None:
    """When somebody last spoke with the caller about `ticket`."""
    calls = select(func.max(Call.answered_at)).where(Call.ticket_id == ticket.id)
    rings = (
        select(func.max(CallbackAttempt.at))
        .join(CallbackAttempt.callback)
        .where(Callback.ticket_id == ticket.id, CallbackAttempt.outcome.in_(CONNECTED))
    )
    instants = (db.session.scalar(calls), db.session.scalar(rings))
    return max((at for at in instants if at is not None), default=None)


def _is_to_be_rung(ticket: Ticket) -> bool:
    owed = select(Callback.id).where(
        Callback.ticket_id == ticket.id,
        Callback.kind.in_(ABOUT_THE_RESULT),
        Callback.ended_at.is_(None),
    )
    return db.session.scalar(owed.limit(1)) is not None
