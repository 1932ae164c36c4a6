"""What counts as proof that a caller was told."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from hotline.callbacks import choices, messages
from hotline.callbacks.attempts import CONNECTED
from hotline.errors import TransitionRefused
from hotline.i18n import N_
from hotline.tickets import signatures
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
    TicketEvent,
    TicketStatus,
    db,
)

Evidence = Call | CallbackAttempt


def check(ticket: Ticket, proof: Evidence) -> None:
    """Raise TransitionRefused unless `proof` is a connected conversation about `ticket`, and the
    caller may have heard in it what there is to tell now."""
    if isinstance(proof, Call):
        if proof.ticket_id != ticket.id or proof.answered_at is None:
            raise TransitionRefused(N_("Nobody spoke with the caller in that call."))
    elif proof.callback.ticket_id != ticket.id or proof.outcome not in CONNECTED:
        raise TransitionRefused(N_("The caller was not reached in that attempt."))
    if not is_recent_enough(ticket, proof):
        sentence = N_("There is something new to tell since that conversation: ring again.")
        raise TransitionRefused(sentence, field="proof")


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


def is_recent_enough(ticket: Ticket, proof: Evidence) -> bool:
    """Whether the caller may have heard in `proof` how it stands now: it was not over before the
    answer came, nor before the ticket was last put back to be done."""
    over_at = proof.ended_at if isinstance(proof, Call) else proof.at
    if over_at is None:
        return True
    put_back = select(func.max(TicketEvent.at)).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(signatures.PUT_BACK)
    )
    put_back_at, answer = db.session.scalar(put_back), last_answer(ticket)
    if put_back_at is not None and over_at <= put_back_at:
        return False
    return answer is None or answer.answered_at is None or over_at >= answer.answered_at


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
    """The handoff whose answer counts now, if its department says when it told the caller."""
    handoff = last_answer(ticket)
    return handoff if handoff is not None and handoff.told_caller_at is not None else None


def last_answer(ticket: Ticket) -> Handoff | None:
    """The lead handoff whose answer counts now; none while there is something to be done again."""
    if ticket.status is not TicketStatus.ANSWERED:
        return None
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
    """The promise about `ticket` that was tried in vain and waits for a signature."""
    found = select(Callback).where(Callback.ticket_id == ticket.id, signatures.tried_in_vain())
    return db.session.scalar(found.order_by(Callback.id).limit(1))


def has_number(ticket: Ticket) -> bool:
    """Whether the caller of `ticket` can be rung, whatever the field of the number says now."""
    return holds(ticket, signatures.has_number())


def holds(ticket: Ticket, condition: ColumnElement[bool]) -> bool:
    """Whether `condition`, which stands on `Ticket`, is true of this one."""
    found = select(Ticket.id).where(Ticket.id == ticket.id, condition)
    return db.session.scalar(found) is not None


def asked_by(ticket: Ticket) -> int | None:
    """Whose work a second person signs: who put it aside or took the call, else who answered.

    Nor does anybody sign who had a hand in it before, see `signatures.asked_by`.
    """
    if ticket.kept_by_id is not None:
        return ticket.kept_by_id
    if ticket.operator_id is not None:
        return ticket.operator_id
    handoff = last_answer(ticket)
    return handoff.answered_by_id if handoff is not None else None
