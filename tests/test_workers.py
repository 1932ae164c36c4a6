"""Any number of workers on one PostgreSQL: each thing once, and one that dies is replaced."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import clock
from hotline.callbacks import service as callbacks
from hotline.leadership import HALVES
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, MessageStatus, OutboxMessage, Role, db
from tests.conftest import SECRET
from tests.makers import make_ticket, make_user
from tests.outbox.post_office import PostOffice
from tests.outbox.test_queue import jobs
from tests.workers import Worker, wait_until

DUE = 20


@pytest.fixture
def office(engine_name):
    if engine_name != "postgresql":
        pytest.skip("on SQLite there is one process")
    office = PostOffice()
    yield office
    office.shutdown()
    office.server_close()


@pytest.fixture
def start(app, office, database_uri, tmp_path):
    """`start()`: a worker beside the others, ended with the test."""
    workers: list[Worker] = []
    environ = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_uri.replace("postgresql+psycopg", "postgresql"),
        "DATA_DIR": str(tmp_path / "var"),
        "MAIL_HOST": "127.0.0.1",
        "MAIL_PORT": str(office.port),
        "MAIL_FROM": "huiyin@union.example",
        "MAIL_STARTTLS": "off",
        "THREADS": "8",
        "MAX_STREAMS": "4",
    }

    def start(*, hasty: bool = False) -> Worker:
        worker = Worker(environ, tmp_path / f"worker-{len(workers)}.log", hasty=hasty)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()


def owe(count: int) -> set[str]:
    """Callers whom nobody rang, each owed by a colleague of their own; who is to be reminded."""
    owners = [make_user(Role.OPERATOR) for _ in range(count)]
    now = clock.now()
    for owner in owners:
        ticket = make_ticket(operator=owner)
        with unit_of_work():
            callbacks.promise(
                db.session.merge(ticket),
                CallbackKind.SAFETY,  # of these people are told at any hour
                at=now - timedelta(minutes=20),
                owner=db.session.merge(owner),
                due_at=now - timedelta(minutes=1),  # so that it is the owner who is told
            )
    return {owner.email for owner in owners}


def told(office: PostOffice) -> set[str]:
    """Who has got a letter."""
    return {letter["To"] for letter in office.letters}


def how_often(office: PostOffice) -> Counter[str]:
    """How often each message has arrived, by its reference."""
    return Counter(letter["Message-ID"] for letter in office.letters)


def sent() -> set[str]:
    """The references of the messages that are written down as sent."""
    db.session.rollback()
    is_sent = OutboxMessage.status == MessageStatus.SENT
    return set(db.session.scalars(sa.select(OutboxMessage.provider_ref).where(is_sent)))


def unsent() -> int:
    db.session.rollback()
    waits = OutboxMessage.status.in_((MessageStatus.PENDING, MessageStatus.SENDING))
    return db.session.scalar(sa.select(sa.func.count()).where(waits)) or 0


@pytest.mark.parametrize("how_many", [2, 3])
def test_several_workers_remind_of_each_due_callback_once(start, office, how_many):
    owners = owe(DUE)
    workers = [start() for _ in range(how_many)]
    wait_until(lambda: all(worker.delivers for worker in workers))
    wait_until(lambda: owners <= told(office) and not unsent())
    assert sum(worker.leads for worker in workers) == 1
    assert [worker.stop() for worker in workers] == [0] * how_many
    assert how_often(office) == Counter(sent())


def test_when_the_leader_is_killed_another_leads_within_seconds(start, office):
    workers = [start(), start()]
    wait_until(lambda: any(worker.leads for worker in workers))
    wait_until(lambda: all(worker.delivers for worker in workers))
    (leader,) = [worker for worker in workers if worker.leads]
    (other,) = [worker for worker in workers if worker is not leader]
    owners = owe(DUE)
    wait_until(lambda: len(told(office)) > DUE // 4)  # in the middle of it
    leader.kill()
    assert wait_until(lambda: other.leads) < 5
    wait_until(lambda: owners <= told(office) | in_dead_hands())
    assert set(how_often(office).values()) == {1}
    assert other.stop() == 0


def test_a_leader_that_hangs_is_overtaken_and_finds_out_when_it_goes_on(start, office):
    workers = [start(hasty=True), start(hasty=True)]
    wait_until(lambda: all(worker.delivers for worker in workers))
    wait_until(lambda: any(worker.leads for worker in workers))
    (frozen,) = [worker for worker in workers if worker.leads]
    (other,) = [worker for worker in workers if worker is not frozen]
    frozen.freeze()
    owners = owe(DUE)
    wait_until(lambda: other.said("its sessions are ended") and other.leads)
    wait_until(lambda: owners <= told(office) | in_dead_hands())
    frozen.thaw()
    wait_until(lambda: frozen.said("this process leads no more"))
    assert sessions_that_lead() == 1
    assert [worker.stop() for worker in workers] == [0, 0]
    assert set(how_often(office).values()) == {1}


def sessions_that_lead() -> int:
    db.session.rollback()
    held = sa.text(
        "SELECT count(*) FROM pg_locks WHERE granted AND locktype = 'advisory' AND objsubid = 1"
        " AND classid = :upper AND objid = :lower"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return db.session.scalars(held, HALVES).one()


def in_dead_hands() -> set[str]:
    """To whom a message was about to be sent: a person will judge it, nobody sends it again."""
    db.session.rollback()
    is_taken = OutboxMessage.status == MessageStatus.SENDING
    return set(db.session.scalars(sa.select(OutboxMessage.address).where(is_taken)))


def test_a_message_leaves_at_once_and_not_with_the_next_sweep(start, office):
    worker = start()
    wait_until(lambda: worker.delivers)
    user = make_user(Role.OPERATOR)
    waited = []
    for number in range(5):
        with unit_of_work():
            outbox.notify(user, "Ring now.", at=clock.now(), dedupe_key=f"callback_due:{number}")
        waited.append(wait_until(lambda n=number: len(office.letters) > n))
    assert sorted(waited)[2] < 1  # the sweep comes round every five seconds
    assert worker.stop() == 0
    assert jobs() == [], "what became of a message stands in the outbox"
