"""What counts as proof that a caller was told."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.callbacks import choices, messages
from hotline.callbacks.attempts import CONNECTED
from hotline.errors import TransitionRefused
from hotline.i18n import N_
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackKind,
    Handoff,
    HandoffEnd,
    HandoffRole,
    MessageStatus,
    OutboxMessage,
    Ticket,
    TicketStatus,
    db,
)

Evidence = Call | CallbackAttempt


def check(ticket: Ticket, proof: Evidence) -> None:
    """Raise TransitionRefused unless `proof` is a connected conversation about `ticket`."""
    if isinstance(proof, Call):
        if proof.ticket_id != ticket.id or proof.answered_at is None:
            raise TransitionRefused(N_("Nobody spoke with the caller in that call."))
    elif proof.callback.ticket_id != ticket.id or proof.outcome not in CONNECTED:
        raise TransitionRefused(N_("The caller was not reached in that attempt."))


def conversations_about(ticket: Ticket) -> list[Evidence]:
    """Every conversation with the caller about `ticket`, the latest first."""
    calls = select(Call).where(Call.ticket_id == ticket.id, Call.answered_at.is_not(None))
    attempts = (
        select(CallbackAttempt)
        .join(Callback)
        .where(Callback.ticket_id == ticket.id, CallbackAttempt.outcome.in_(CONNECTED))
        .options(joinedload(CallbackAttempt.callback))
    )
    found: list[tuple[datetime, Evidence]] = [
        *((call.started_at, call) for call in db.session.scalars(calls)),
        *((attempt.at, attempt) for attempt in db.session.scalars(attempts)),
    ]
    return [proof for _at, proof in sorted(found, key=lambda row: row[0])[::-1]]


def can_prove_the_answer(ticket: Ticket, proof: Evidence) -> bool:
    """Whether the caller may have heard the department's answer in `proof`: not in a conversation
    that was over before the answer came."""
    answer = last_answer(ticket) if ticket.status is TicketStatus.ANSWERED else None
    if answer is None or answer.answered_at is None:
        return True
    over_at = proof.ended_at if isinstance(proof, Call) else proof.at
    return over_at is None or over_at >= answer.answered_at


def check_answer_heard(ticket: Ticket, proof: Evidence) -> None:
    """Raise TransitionRefused unless the caller may have heard the answer in `proof`."""
    if not can_prove_the_answer(ticket, proof):
        raise TransitionRefused(N_("That conversation was before the answer came."), field="proof")


def check_safety(ticket: Ticket, proof: Evidence | None) -> None:
    """Raise TransitionRefused while a safety callback is owed that `proof` does not keep.

    The conversation in which the emergency was raised is no proof that the caller is safe now.
    """
    spoke_at = proof.answered_at if isinstance(proof, Call) else proof.at if proof else None
    for debt in open_callbacks(ticket):
        if debt.kind is CallbackKind.SAFETY and (spoke_at is None or spoke_at <= debt.promised_at):
            raise TransitionRefused(N_("First ring back and make sure that the caller is safe."))


def check_message(ticket: Ticket, message: OutboxMessage) -> None:
    """Raise TransitionRefused unless `message` told the caller of `ticket` the result.

    It was about this ticket and this answer, the caller had chosen that way, and it arrived.
    """
    if message.ticket_id != ticket.id or message.callback_id is None:
        raise TransitionRefused(N_("That message told nobody the result of this ticket."))
    if message.status is not MessageStatus.DELIVERED:
        raise TransitionRefused(N_("No receipt says that the message has arrived."))
    if not choices.stood_when(message):
        raise TransitionRefused(N_("The caller has not chosen to be told by short message."))
    moved = select(OutboxMessage.id).where(OutboxMessage.id == message.id, messages.HAS_MOVED_ON)
    if db.session.scalar(moved) is not None:
        raise TransitionRefused(N_("The ticket has moved on since that message was sent."))


def delivered_message(ticket: Ticket) -> OutboxMessage | None:
    """The message that proves that the caller of `ticket` was told, if there is one."""
    arrived = select(OutboxMessage).where(
        OutboxMessage.ticket_id == ticket.id,
        OutboxMessage.callback_id.is_not(None),
        OutboxMessage.status == MessageStatus.DELIVERED,
    )
    for message in db.session.scalars(arrived.order_by(OutboxMessage.id.desc())):
        with suppress(TransitionRefused):
            check_message(ticket, message)
            return message
    return None


def told_by_department(ticket: Ticket) -> Handoff | None:
    """The last answered lead handoff, if its department says when it told the caller."""
    handoff = last_answer(ticket)
    return handoff if handoff is not None and handoff.told_caller_at is not None else None


def last_answer(ticket: Ticket) -> Handoff | None:
    """The lead handoff whose answer counts now."""
    return last_answers([ticket]).get(ticket.id)


def last_answers(tickets: Iterable[Ticket]) -> dict[int, Handoff]:
    """The lead handoff whose answer counts now, by the id of its ticket, of those answered."""
    found = (
        select(Handoff)
        .where(
            Handoff.ticket_id.in_([ticket.id for ticket in tickets]),
            Handoff.role == HandoffRole.LEAD,
            Handoff.end == HandoffEnd.ANSWERED,
        )
        .options(joinedload(Handoff.department))
        .order_by(Handoff.answered_at, Handoff.id)
    )
    return {handoff.ticket_id: handoff for handoff in db.session.scalars(found)}  # the last stays


def open_callbacks(ticket: Ticket) -> list[Callback]:
    """The promises about `ticket` that are not kept yet."""
    found = select(Callback).where(Callback.ticket_id == ticket.id, Callback.ended_at.is_(None))
    return list(db.session.scalars(found))


def exhausted_callback(ticket: Ticket) -> Callback | None:
    """An unkept promise whose attempts are used up."""
    exhausted = [debt for debt in open_callbacks(ticket) if debt.exhausted_at is not None]
    return exhausted[0] if exhausted else None


def kept_for_the_caller_since(ticket: Ticket) -> datetime | None:
    """Since when the answer waits for a caller without a number: since somebody said so, else its
    writing, or the opening."""
    if ticket.kept_since_at is not None:
        return ticket.kept_since_at
    if ticket.status is TicketStatus.OPEN and not ticket.handoff_count:
        return ticket.opened_at
    handoff = last_answer(ticket)
    return handoff.answered_at if handoff is not None else None


def asked_by(ticket: Ticket) -> int | None:
    """Whose work a second person signs: who put it aside or took the call, else who answered."""
    if ticket.kept_by_id is not None:
        return ticket.kept_by_id
    if ticket.operator_id is not None:
        return ticket.operator_id
    handoff = last_answer(ticket)
    return handoff.answered_by_id if handoff is not None else None
