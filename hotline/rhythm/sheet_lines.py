"""What a hand-over sheet says: everything owed until the next shift ends, as it stands now."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access
from hotline.accounts import roster
from hotline.callbacks import end_of_duty
from hotline.handoffs.queries import LEAD, RUNNING
from hotline.phone_numbers import mask
from models import (
    AuditEvent,
    Call,
    Callback,
    Handoff,
    Recording,
    RecordingKind,
    SheetLine,
    SheetPart,
    Ticket,
    TicketStatus,
    User,
    db,
)

A_SHIFT = timedelta(hours=12)  # where the roster names no next one
AT_MOST = 100  # of what the whole house owes; the own work is always complete


def next_end(user: User, at: datetime) -> datetime:
    """When the shift after that of `user` ends, by the roster."""
    own = roster.shift_of(user, at)
    begins = own.ends_at if own else at
    return roster.end_of_next(begins) or begins + A_SHIFT


def of(user: User, *, until: datetime, at: datetime) -> list[SheetLine]:
    """The lines of the sheet of `user`, in the order of the sheet; not added to anything."""
    left = end_of_duty.left_open(user)
    dangers = _dangers(user)
    in_danger = {ticket.id for ticket in dangers}
    own = {ticket.id for ticket in left.tickets}
    lines = [_ticket(SheetPart.EMERGENCY, one, is_passed_on=one.id in own) for one in dangers]
    lines += [_callback(one, is_passed_on=True) for one in left.callbacks]
    lines += [_callback(one, is_passed_on=False) for one in _of_pool(user, until)]
    lines += [
        _ticket(SheetPart.TICKET, one, is_passed_on=True)
        for one in left.tickets
        if one.id not in in_danger
    ]
    lines += [_voicemail(one) for one in unheard(user)]
    lines += [_late(one) for one in _late_handoffs(user, at)]
    return lines


def unheard(viewer: User) -> Sequence[Recording]:
    """Messages on the tape of open tickets that nobody has played yet, the oldest first."""
    found = (
        select(Recording)
        .join(Recording.call)
        .join(Call.ticket)
        .where(
            Recording.kind == RecordingKind.VOICEMAIL,
            Ticket.status == TicketStatus.OPEN,
            access.visible(viewer),
        )
        .options(contains_eager(Recording.call).contains_eager(Call.ticket))
        .order_by(Recording.announced_at, Recording.id)
    )
    messages = db.session.scalars(found).all()
    played = heard_at([one.id for one in messages])
    return [one for one in messages if one.id not in played][:AT_MOST]


def heard_at(recording_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these recordings was first played, for those that were."""
    names = {f"recording {one}": one for one in recording_ids}
    played = select(AuditEvent.subject, AuditEvent.at).where(
        AuditEvent.kind == "play_recording", AuditEvent.subject.in_(names)
    )
    latest_first = played.order_by(AuditEvent.at.desc())
    return {names[subject]: at for subject, at in db.session.execute(latest_first)}


def _dangers(user: User) -> Sequence[Ticket]:
    found = (
        select(Ticket)
        .where(Ticket.is_emergency, Ticket.closed_at.is_(None), access.visible(user))
        .options(joinedload(Ticket.owner).lazyload(User.role_rows))
        .order_by(Ticket.opened_at, Ticket.id)
    )
    return db.session.scalars(found).all()


def _of_pool(user: User, until: datetime) -> Iterator[Callback]:
    """What nobody has taken and is due before the next shift ends."""
    found: Select[tuple[Callback]] = (
        select(Callback)
        .join(Callback.ticket)
        .where(
            Callback.is_to_ring,
            Callback.owner_id.is_(None),
            Callback.due_at <= until,
            access.visible(user),
        )
        .options(contains_eager(Callback.ticket))
        .order_by(Callback.due_at, Callback.id)
        .limit(AT_MOST)
    )
    yield from db.session.scalars(found)


def _late_handoffs(user: User, at: datetime) -> Sequence[Handoff]:
    found = (
        select(Handoff)
        .join(Handoff.ticket)
        .where(
            *RUNNING,
            LEAD,
            Handoff.due_at <= at,
            Handoff.paused_at.is_(None),
            access.visible(user),
        )
        .options(contains_eager(Handoff.ticket), joinedload(Handoff.department))
        .order_by(Handoff.due_at, Handoff.id)
        .limit(AT_MOST)
    )
    return db.session.scalars(found).all()


def _line(part: SheetPart, ticket: Ticket, **fields: Any) -> SheetLine:
    said = {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status.value,
        "urgency": ticket.urgency.value,
        **fields.pop("said", {}),
    }
    return SheetLine(part=part, ticket_id=ticket.id, ticket=ticket, said=said, **fields)


def _ticket(part: SheetPart, ticket: Ticket, *, is_passed_on: bool) -> SheetLine:
    owner = ticket.owner.display_name if ticket.owner else ""
    return _line(part, ticket, is_passed_on=is_passed_on, said={"owner": owner})


def _callback(callback: Callback, *, is_passed_on: bool) -> SheetLine:
    return _line(
        SheetPart.CALLBACK,
        callback.ticket,
        callback_id=callback.id,
        callback=callback,
        is_passed_on=is_passed_on,
        due_at=callback.due_at,
        said={"kind": callback.kind.value, "telephone": mask(callback.number)},
    )


def _voicemail(recording: Recording) -> SheetLine:
    call = recording.call
    return _line(
        SheetPart.VOICEMAIL,
        call.ticket,
        recording_id=recording.id,
        recording=recording,
        is_passed_on=False,
        said={"telephone": mask(call.number), "seconds": recording.duration_seconds},
    )


def _late(handoff: Handoff) -> SheetLine:
    department = handoff.department
    names = {"department_zh": department.name_zh, "department_en": department.name_en}
    return _line(
        SheetPart.DEPARTMENT,
        handoff.ticket,
        is_passed_on=False,
        due_at=handoff.due_at,
        said=names,
    )
