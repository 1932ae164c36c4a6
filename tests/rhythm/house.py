"""A night at the hotline: who rang, and how it ended."""

from datetime import datetime, timedelta
from uuid import uuid4

from hotline.callbacks import service as callbacks
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallbackKind,
    CallResult,
    CallState,
    Direction,
    Recording,
    RecordingKind,
    Ticket,
    User,
    db,
)
from tests.makers import make_ticket


def rings(
    phone: str,
    at: datetime,
    result: CallResult,
    *,
    operator: User | None = None,
    about: Ticket | None = None,
    question: str = "",
    note: str = "",
) -> Ticket:
    """Somebody rings; in vain, they are owed a call. `question` is what was written down of it."""
    ticket = about or make_ticket(phone=phone, at=at)
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket.id)
        is_answered = result is CallResult.ANSWERED
        call = Call(
            provider="manual",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            number=normalise(phone).normalised or "",
            state=CallState.ENDED,
            result=result,
            operator_id=operator.id if operator else None,
            started_at=at,
            answered_at=at if is_answered else None,
            ended_at=at + timedelta(seconds=40),
            heard_at=at,
        )
        db.session.add(call)
        if question:
            ticket.question, ticket.subject = question, question[:60]
        if note:
            tickets.note_fact(ticket, "note", at=at, text=note)
        if not is_answered:
            callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=at)
    return ticket


def leaves_a_message(phone: str, at: datetime, seconds: int = 12) -> Recording:
    """Somebody speaks to the tape; the sound is here already."""
    ticket = rings(phone, at, CallResult.VOICEMAIL)
    with unit_of_work():
        call = db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).one()
        recording = Recording(
            call_id=call.id,
            recording_ref=uuid4().hex,
            kind=RecordingKind.VOICEMAIL,
            announced_at=at,
            fetched_at=at,
            file_name="sound.wav",
            content_type="audio/wav",
            duration_seconds=seconds,
        )
        db.session.add(recording)
    return recording
