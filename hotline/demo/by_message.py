"""Callers of the demo who rather read the result than be rung (短信告知)."""

from datetime import datetime, timedelta

from hotline.demo.book import HERE, NumberOf, Row
from hotline.demo.story import Story
from hotline.outbox import service as outbox
from hotline.sla import deadlines
from models import (
    CallbackEnd,
    CallbackKind,
    Channel,
    How,
    MessageChoice,
    MessageStatus,
    OutboxMessage,
    Resolution,
    Ticket,
    User,
)


def choose(story: Story, at: datetime, by: User, call: Row | None = None) -> None:
    """The caller asks for a short message: in a call, or in the form of the net."""
    story.row(
        MessageChoice,
        ticket_id=story.ticket,
        number=story.person.number,
        chosen_at=at,
        by_id=by.id,
        call_id=call,
    )
    story.fact("choose_message", at, by, call=call)


def told(story: Story, at: datetime, by: User, words: str) -> datetime:
    """The result is sent, the receipt comes a minute later, `by` closes; returns when."""
    choose(story, at, by)
    callback = story.promise(CallbackKind.TELL, at, deadlines.tell_due(at), owner=by, words=words)
    sent_at, arrived_at, closed_at = (at + timedelta(minutes=n) for n in (1, 2, 5))
    before, after = outbox.result_frame(Ticket(number=HERE))
    body = NumberOf(story.ticket, f"{before}{words}{after}")
    reference = f"SM{story.world.rng.getrandbits(128):032x}"
    message = story.row(
        OutboxMessage,
        dedupe_key=f"{outbox.CALLER_TOLD}:demo:{reference}",
        channel=Channel.SMS,
        kind=outbox.CALLER_TOLD,
        ticket_id=story.ticket,
        callback_id=callback,
        not_at_night=True,
        address=story.person.number,
        body=body,
        status=MessageStatus.DELIVERED,
        due_at=sent_at,
        attempts=1,
        provider_ref=reference,
        created_at=sent_at,
        sent_at=sent_at,
    )
    callback["first_attempt_at"] = sent_at
    story.fact("send_message", sent_at, by, callback=callback, text=body)
    callback.values |= {"ended_at": arrived_at, "end": CallbackEnd.KEPT}
    story.fact("message_arrived", arrived_at, callback=callback)
    story.close(
        closed_at,
        by,
        Resolution.ANSWERED_DIRECTLY,
        how=How.MESSAGE_DELIVERED,
        told=body,
        message_id=message,
    )
    return closed_at
