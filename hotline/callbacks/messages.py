"""Keeping a promise to tell by a short message, where the caller chose that way.

While `receipt_due_at` stands the message is on its way and nobody rings. The receipt keeps the
promise; a message that is lost, or of which nobody hears in time, makes it a callback to ring.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from hotline.calendars import queries as calendars
from hotline.callbacks import attempts, caps, choices, reminders, state
from hotline.callbacks.promises import ABOUT_THE_RESULT
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.permissions import Permission, has
from hotline.sla import business_time, policies
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import AT_HOTLINE
from models import (
    Callback,
    CallbackEnd,
    Ground,
    MessageChoice,
    MessageStatus,
    OutboxMessage,
    Ticket,
    TicketEvent,
    User,
    db,
)

LONGEST_WORDS = 300  # about five pieces of what carriers count as one message
ADDRESS = re.compile(r"https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|cc|gov)\b", re.IGNORECASE)
LOST = (MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.SKIPPED)
# After the message was written the ticket went on, a result was promised anew, or another matter
# was merged into it: there is something else to tell, or nothing.
_event, _promised, _merged = aliased(TicketEvent), aliased(Callback), aliased(Ticket)
HAS_MOVED_ON = or_(
    exists().where(
        _event.ticket_id == OutboxMessage.ticket_id,
        or_(_event.from_status != _event.to_status, _event.kind == "promise_again"),
        _event.at > OutboxMessage.created_at,
    ),
    exists().where(
        _promised.ticket_id == OutboxMessage.ticket_id,
        _promised.kind.in_(ABOUT_THE_RESULT),
        _promised.promised_at > OutboxMessage.created_at,
    ),
    exists().where(
        _merged.merged_into_id == OutboxMessage.ticket_id,
        _merged.closed_at > OutboxMessage.created_at,
    ),
)


def may_send(user: User) -> bool:
    """Whether `user` sends messages to callers: the hotline alone does, not a department."""
    return has(user, Permission.HANDLE_CALLS)


def fits(callback: Callback) -> bool:
    """Whether a message can tell it: a result, or the new date of one."""
    has_news = callback.ticket.status in AT_HOTLINE or callback.new_date is not None
    return callback.kind in ABOUT_THE_RESULT and has_news


def can_be_sent(callback: Callback) -> bool:
    """Whether the card offers the message: it fits, a choice in force, and none on its way."""
    return (
        callback.ended_at is None
        and callback.receipt_due_at is None
        and fits(callback)
        and choices.in_force(callback.ticket) is not None
    )


def send(callback: Callback, words: str, *, actor: User, at: datetime) -> OutboxMessage:
    """Tell the caller `words` in the fixed frame of the message; one at a time.

    It leaves in the contact hours, or in the time that the caller asked for. Raises Invalid for
    words that no carrier takes, TransitionRefused where the caller has not chosen this way or the
    day is full, Forbidden at a department's own desk.
    """
    caps.take_turns(callback.ticket.callback_number, actor)
    db.session.refresh(callback)
    state.check_open(callback)
    state.check_may_ring(callback, actor)
    if not may_send(actor):
        raise Forbidden(N_("Only the hotline sends messages to callers."))
    if callback.receipt_due_at is not None:
        raise TransitionRefused(N_("The message is on its way already."))
    choice = choices.in_force(callback.ticket)
    if choice is None:
        raise TransitionRefused(N_("The caller has not chosen to be told by short message."))
    if not can_be_sent(callback):
        raise TransitionRefused(N_("There is no result yet that could be told."))
    words = _checked(words)
    caps.check(choice.number, actor=actor, at=at)
    asked_for = bool(callback.window) and callback.not_before_at <= at
    leaves_at = at if asked_for else business_time.next_open(at, calendars.contact_hours())
    message = outbox.tell_result(
        callback,
        choice.number,
        words,
        key=_next_key(callback, choice),
        at=at,
        leaves_at=leaves_at,
        not_at_night=not asked_for,
    )
    callback.receipt_due_at = leaves_at + policies.span("receipt_minutes")
    state.stop_clock(callback, at)
    callback.owner_id = callback.owner_id or actor.id
    db.session.flush()
    caps.note(message, actor=actor, at=at)
    tickets.note_fact(
        callback.ticket, "send_message", at=at, actor=actor, callback=callback.id, text=message.body
    )
    state.tell_browsers(callback, at)
    return message


def ring_instead(callback: Callback, *, actor: User, at: datetime) -> None:
    """The caller wants to be rung after all, or who rings thinks it better."""
    state.check_open(callback)
    state.check_may_ring(callback, actor)
    if callback.receipt_due_at is None and choices.in_force(callback.ticket) is None:
        raise TransitionRefused(N_("The caller is rung anyway."))
    choices.end(callback.ticket, at=at, actor=actor)
    if callback.receipt_due_at is not None:
        _ring_from(callback, at)
    state.tell_browsers(callback, at)


def follow(callback: Callback, *, at: datetime) -> bool:
    """Do what the fate of the message asks for now; whether there was anything to do.

    Safe to repeat, and right for a receipt that comes when nobody waited for it any more.
    """
    db.session.refresh(callback)
    message = latest(callback)
    if message is None or callback.ended_at is not None:
        return False
    is_old = _has_moved_on(callback, message)
    if message.status is MessageStatus.DELIVERED and not is_old:
        _keep(callback, message, at)
        return True
    due_at = callback.receipt_due_at
    if due_at is None or not (due_at <= at or is_old or message.status in LOST):
        return False
    (_outlive if is_old else _give_back)(callback, message, at)
    return True


def hear_of(message: OutboxMessage | None, *, at: datetime) -> None:
    """A receipt has moved `message`: the promise that it was to keep follows at once."""
    if message is not None and message.callback_id is not None:
        follow(db.session.get_one(Callback, message.callback_id), at=at)


def is_wanted(message: OutboxMessage) -> bool:
    """Whether `message` may still leave: the last word to a caller who waits for it there.

    Not to who was told meanwhile, became confidential or has another number, and not when there is
    something else to tell.
    """
    if message.callback_id is None:
        return True
    callback = db.session.get_one(Callback, message.callback_id)
    choice = choices.in_force(callback.ticket)
    return (
        callback.receipt_due_at is not None
        and choice is not None
        and choice.number == message.address
        and latest(callback) is message
        and not _has_moved_on(callback, message)
    )


def waiting(callbacks: Iterable[Callback], at: datetime) -> dict[int, datetime]:
    """When the messages that have not left yet will, by the id of their callback."""
    ids = [callback.id for callback in callbacks if callback.receipt_due_at is not None]
    sent = select(OutboxMessage).where(OutboxMessage.callback_id.in_(ids))
    last = {one.callback_id: one for one in db.session.scalars(sent.order_by(OutboxMessage.id))}
    return {
        callback_id: message.due_at
        for callback_id, message in last.items()
        if callback_id is not None
        and message.status is MessageStatus.PENDING
        and message.due_at > at
    }


def latest(callback: Callback) -> OutboxMessage | None:
    """The message that was last sent to keep this promise."""
    sent = select(OutboxMessage).where(OutboxMessage.callback_id == callback.id)
    return db.session.scalar(sent.order_by(OutboxMessage.id.desc()).limit(1))


def waits_to_be_closed() -> ColumnElement[bool]:
    """On `Callback`: kept by a message that has arrived, and nobody has closed the ticket yet."""
    return Callback.id.in_(waiting_to_be_closed())


def waiting_to_be_closed() -> Select[tuple[int]]:
    """The ids of the callbacks of which `waits_to_be_closed` holds."""
    # By the few tickets that are not closed: kept promises are without number. A message that told
    # of another ticket, before this one was merged, has been overtaken.
    kept = aliased(Callback)
    waiting = (
        select(kept.id)
        .join(Ticket, Ticket.id == kept.ticket_id)
        .join(OutboxMessage, OutboxMessage.callback_id == kept.id)
        .where(
            kept.end == CallbackEnd.KEPT,
            Ticket.closed_at.is_(None),
            Ticket.status.in_(AT_HOTLINE),
            OutboxMessage.status == MessageStatus.DELIVERED,
            OutboxMessage.ticket_id == Ticket.id,
            ~HAS_MOVED_ON,
        )
    )
    return waiting.correlate(None)


def _next_key(callback: Callback, choice: MessageChoice) -> str:
    """What makes it the next message of `callback` by `choice`: two at once have the same."""
    sent = select(func.count()).where(OutboxMessage.callback_id == callback.id)
    return f"{choice.id}:{db.session.scalar(sent)}"


def _has_moved_on(callback: Callback, message: OutboxMessage) -> bool:
    """Whether there is something else to tell now than `message` does."""
    if message.ticket_id != callback.ticket_id:  # merged: it told of another ticket
        return True
    moved = select(OutboxMessage.id).where(OutboxMessage.id == message.id, HAS_MOVED_ON)
    return db.session.scalar(moved) is not None


def _checked(words: str) -> str:
    words = " ".join(words.split())
    if not words:
        raise Invalid(N_("Write what the caller is to be told."), field="words")
    if len(words) > LONGEST_WORDS:
        sentence = N_("A short message takes %(most)d characters: say it shorter.")
        raise Invalid(sentence, field="words", most=LONGEST_WORDS)
    if ADDRESS.search(words):
        sentence = N_("Carriers take no addresses of web pages: say it in words.")
        raise Invalid(sentence, field="words")
    return words


def _keep(callback: Callback, message: OutboxMessage, at: datetime) -> None:
    """The caller has it: the promise is kept. A person closes the ticket, unless it told of a later
    date only."""
    state.end(callback, CallbackEnd.KEPT, at)
    tickets.note_fact(callback.ticket, "message_arrived", at=at, callback=callback.id)
    sentence = N_("The message to the caller of %(number)s has arrived: close the ticket.")
    if callback.new_date is not None:
        sentence = N_("The message with the new date has reached the caller of %(number)s.")
    outbox.notify_all(
        reminders.ringers(callback, at),
        sentence,
        at=at,
        dedupe_key=f"message_arrived:{message.id}",
        ticket=callback.ticket,
        callback=callback,
        number=callback.ticket.number,
    )
    state.tell_browsers(callback, at)


def _give_back(callback: Callback, message: OutboxMessage, at: datetime) -> None:
    """No proof came: somebody rings, so that nobody is left untold."""
    choices.end(callback.ticket, at=at)
    reason = "no_receipt" if message.status not in LOST else "lost"
    tickets.note_fact(callback.ticket, "message_lost", at=at, callback=callback.id, because=reason)
    sentence = N_("The message to the caller of %(number)s is not known to have arrived: ring now.")
    _ask_to_ring(callback, message, sentence, at)


def _outlive(callback: Callback, message: OutboxMessage, at: datetime) -> None:
    """There is something else to tell than the message does: by ring, or in another message."""
    tickets.note_fact(callback.ticket, "message_outdated", at=at, callback=callback.id)
    sentence = N_("There is more to tell the caller of %(number)s than the message says.")
    _ask_to_ring(callback, message, sentence, at)


def _ask_to_ring(callback: Callback, message: OutboxMessage, sentence: str, at: datetime) -> None:
    _ring_from(callback, at)
    outbox.notify_all(
        reminders.ringers(callback, at),
        sentence,
        at=at,
        dedupe_key=f"message_lost_to_caller:{message.id}",
        ticket=callback.ticket,
        callback=callback,
        urgent=True,
        number=callback.ticket.number,
    )
    state.tell_browsers(callback, at)


def _ring_from(callback: Callback, at: datetime) -> None:
    """It is a callback to ring again, in the next contact time."""
    callback.receipt_due_at = None
    state.move(callback, attempts.contact_slot(at), Ground.NO_RECEIPT)
    db.session.flush()
