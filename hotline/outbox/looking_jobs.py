"""Asking carriers about messages whose sending was interrupted, outside any transaction."""

from sqlalchemy import select

from hotline import clock
from hotline.outbox import looking
from hotline.outbox.adapter import senders
from hotline.outbox.jobs import envelope_of
from hotline.sweeps import each_alone
from hotline.unit_of_work import unit_of_work
from models import OutboxMessage, db


def look_up_doubtful_messages() -> int:
    """Ask the carriers about every message that may or may not have left; return how many had."""
    return each_alone(looking.doubtful(clock.now()), look_up, name="look_up_doubtful_messages")


def look_up(message_id: int) -> bool:
    """Whether the carrier has this message already. Raises ProviderError when it cannot say.

    False as well where the carrier is none that can be asked.
    """
    message = db.session.get_one(OutboxMessage, message_id)
    sender, known = senders()[message.channel], looking.known(message)
    since, until = looking.window(message)
    envelope = envelope_of(message)
    db.session.rollback()  # no transaction is open while we wait for the network
    refs = sender.find(envelope, since=since, until=until, besides=known)
    with unit_of_work():
        held = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
        return looking.note(db.session.scalars(held).one(), refs, at=clock.now())
