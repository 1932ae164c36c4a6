"""Reminders that are due: two or three workers at once, workers that die, a ticker that slept."""

import threading
import time
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from hotline import clock
from hotline.callbacks import promises
from hotline.callers import service as callers
from hotline.outbox import looking
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    MessageStatus,
    Notification,
    OutboxMessage,
    Role,
    User,
    db,
)
from tests import makers
from tests.torture import conservation
from tests.torture.conservation import Line
from tests.torture.house import House, sweep
from tests.torture.line import Plan
from tests.torture.places import Place, Size
from tests.torture.provider import Provider, new_provider, reachable
from tests.torture.scene import LEASES_ARE_OVER, Outcome, moved

OPERATORS_TELEPHONE = "+8613400000001"
BEGUN_AT_ONCE = 5  # messages that one process has begun to send: by four jobs and the sweep
AT_ONCE = 200  # promised in one unit of work
STANDS_STILL = 180.0  # seconds without a message: what is left waits for something
SLEPT = (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=72))


def workers(place: Place, size: Size) -> Outcome:
    """Some workers, of which one is killed again and again, work off what is due."""
    provider = new_provider(Plan(size.seed))
    house = House(place.folder, place.url, provider.settings())
    with reachable(provider), house.inside():
        _owe(size.calls)
        running = [house.start_worker() for _ in range(size.workers)]
        kills, begun = 0, time.monotonic()
        try:
            while _is_moving(size.calls * (size.kills - kills) // (size.kills + 1)):
                if kills == size.kills:
                    break
                running[kills % size.workers].kill()
                running[kills % size.workers].wait()
                running[kills % size.workers] = house.start_worker()
                kills += 1
            took = time.monotonic() - begun
        finally:
            house.stop()
        outcome = _told_once(provider, house, kills, workers=size.workers, seconds=round(took))
    missed = ("it had all been done before",) * (size.kills - kills)
    outcome.table.append(Line("each kill struck while something was left", size.kills, missed))
    return outcome


def asleep(place: Place, size: Size) -> Outcome:
    """Nothing ticks for a minute, an hour, three days; then everything is told, and once."""
    provider = new_provider(Plan(size.seed))
    house = House(place.folder, place.url, provider.settings())
    figures: dict[str, object] = {}
    untold: list[str] = []
    with reachable(provider), house.inside() as app:
        makers.make_user(Role.ADMINISTRATOR)
        sweep(app, "mark_tick")
        for slept in SLEPT:
            _owe(size.calls // len(SLEPT))
            with moved(slept):
                browser = app.test_client()
                answer = browser.get("/readyz")
                said = answer.json
                figures[f"after {slept}, /readyz says"] = {
                    name: said[name] for name in ("late", "seconds_oldest_due_reminder")
                }
                is_told = answer.status_code == 503 and {"ticker", "reminders"} <= {*said["late"]}
                if not is_told or said["seconds_oldest_due_reminder"] < slept.total_seconds():
                    untold.append(f"{slept}: {said}")
                db.session.rollback()
                sweep(app)
        outcome = _told_once(provider, house, 0, slept=[str(one) for one in SLEPT], **figures)
        alarms = sa.select(sa.func.count()).where(
            Notification.dedupe_key.startswith("ticker_slept:")
        )
        untold_after = len(SLEPT) - (db.session.scalar(alarms) or 0)
    outcome.table += [
        Line("/readyz is 503 and says how late the oldest is", len(SLEPT), tuple(untold)),
        Line("each sleep is told once when it is over", len(SLEPT), ("?",) * abs(untold_after)),
    ]
    return outcome


def _owe(number: int) -> None:
    """Promise so many callers a ring that was due a moment ago; an operator owns them all."""
    owner = db.session.scalar(sa.select(User).where(User.phone_number == OPERATORS_TELEPHONE))
    if owner is None:
        owner = makers.make_user(Role.OPERATOR, phone_number=OPERATORS_TELEPHONE, email="")
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Callback)) or 0
    owner_id = owner.id
    for first in range(0, number, AT_ONCE):
        at = clock.now()
        with unit_of_work():
            owner = db.session.get_one(User, owner_id)
            for place in range(first, min(first + AT_ONCE, number)):
                telephone = normalise(f"+86134{before + place:08d}")
                ticket = tickets.open_ticket(
                    caller=callers.guess(telephone, at=at), number=telephone.normalised, at=at
                )
                promises.promise(ticket, CallbackKind.SAFETY, at=at, owner=owner,
                                 due_at=at - timedelta(seconds=1))  # fmt: skip


def _is_moving(until: int) -> bool:
    """Wait until no more than so many reminders are left; False when nothing moves any more."""
    number, since = -1, time.monotonic()
    while time.monotonic() - since < STANDS_STILL:
        if (left := _left()) != number:
            number, since = left, time.monotonic()
        if left <= until:
            return True
        threading.Event().wait(0.1)
    return False


def _left() -> int:
    """How many reminders nobody has begun to send. What a kill cut off is not among them."""
    untold = sa.select(sa.func.count()).where(Callback.overdue_reminded_at.is_(None))
    waiting = sa.select(sa.func.count()).where(OutboxMessage.status == MessageStatus.PENDING)
    try:
        return sum(db.session.scalar(one) or 0 for one in (untold, waiting))
    finally:
        db.session.rollback()


def _told_once(provider: Provider, house: House, kills: int, **figures: object) -> Outcome:
    """Each reminder is written once and has left once; what a kill cut off is flagged."""
    with house.inside() as app:
        with moved(LEASES_ARE_OVER):
            sweep(app, "remind_of_callbacks")
            sweep(app, "deliver_due_messages")
        for look in range(1, looking.NOTHING_FOUND + 1):
            with moved(LEASES_ARE_OVER + look * looking.APART):
                sweep(app, "look_up_doubtful_messages")
                sweep(app, "deliver_due_messages")
        db.session.rollback()
        told = Counter(db.session.scalars(sa.select(Notification.callback_id)))
        owed = list(db.session.scalars(sa.select(Callback.id)))
        doubted = sa.select(OutboxMessage).join(OutboxMessage.doubts).distinct()
        flagged = db.session.scalars(doubted).all()
        sent = Counter(one.text.partition("】")[2] for one in provider.books.messages())
        never = [one.body for one in flagged if not sent[one.body]]
        too_many = tuple(one.body for one in flagged)[kills * BEGUN_AT_ONCE :]
        doubles = sent.total() - len(sent)
        table = [
            Line(
                "each reminder due is told", len(owed), tuple(str(i) for i in owed if not told[i])
            ),
            Line("and once", len(owed), tuple(str(i) for i in owed if told[i] > 1)),
            Line("no more doubles than kills", doubles, ("doubles",) * max(0, doubles - kills)),
            Line("no more messages flagged than kills", len(flagged), too_many),
            Line(
                "each message that was cut off has reached the company", len(flagged), tuple(never)
            ),
            *conservation._messages(provider),
            *conservation._ledgers(),
        ]
    figures |= {"kills": kills, "messages at the company": sent.total(), "flagged": len(flagged),
                "of them never sent": len(never), "sent twice": doubles}  # fmt: skip
    return Outcome(table, figures)
