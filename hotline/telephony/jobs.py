"""What keeps us from losing a call: failed webhooks read again, those on the disk taken in."""

from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.sweeps import each_alone, for_each
from hotline.telephony import adapter, inbox, spool
from hotline.telephony.inbound import Kind
from hotline.unit_of_work import unit_of_work
from models import Webhook, db

READ_AGAIN_AFTER = timedelta(seconds=20)
SIMULATED_FOR = timedelta(days=7)


def read_failed_webhooks() -> int:
    """Interpret again what could not be interpreted when it came; return how many were tried."""
    failed = (
        select(Webhook.id)
        .where(
            Webhook.interpreted_at.is_(None),
            Webhook.received_at < clock.now() - READ_AGAIN_AFTER,
            Webhook.attempts < inbox.TRIES,
        )
        .order_by(Webhook.received_at)
    )
    return for_each(db.session.scalars(failed).all(), _read_again)


def replay_spooled_webhooks() -> int:
    """Take in what waited on the disk while the database was away; return how many."""
    waiting = list(spool.waiting(adapter.spool_folder(), at=clock.now()))
    name = "replay_spooled_webhooks"
    return each_alone(range(len(waiting)), lambda place: _replay(waiting[place]), name=name)


def move_simulated_calls() -> int:
    """Let time pass in the simulated telephone company; nothing beside a real provider."""
    exchange = adapter.exchange()
    return exchange.tick(clock.now()) if exchange else 0


def forget_simulated_calls() -> int:
    """Empty the simulated company's books of what nobody asks it for any more; return how much.

    Our own calls, tickets and recordings stay as they are.
    """
    exchange = adapter.exchange()
    return exchange.ledger.forget(clock.now() - SIMULATED_FOR) if exchange else 0


def _read_again(webhook_id: int) -> None:
    row = db.session.get_one(Webhook, webhook_id)
    event = adapter.provider().parse(Kind(row.kind), *inbox.fields_of(row.form))
    inbox.interpret_again(row, event, adapter.switchboard(), at=clock.now())


def _replay(spooled: spool.Spooled) -> None:
    event = adapter.provider().parse(spooled.kind, *inbox.fields_of(spooled.form))
    with unit_of_work():
        inbox.take_in_late(event, spooled.form, adapter.switchboard(), at=spooled.received_at)
    spooled.path.unlink()
