"""On PostgreSQL a message and the job that lets it leave at once are committed together."""

import asyncio
from datetime import timedelta
from importlib import resources

import procrastinate
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import clock, deliveries
from hotline.database import connection_arguments
from hotline.outbox import delivery, queue
from hotline.outbox import service as outbox
from hotline.outbox.jobs import deliver_due_messages, forget_old_jobs
from hotline.unit_of_work import unit_of_work
from models import Channel, MessageStatus, OutboxMessage, Role, db
from tests.makers import make_user

LAST_CHANGE_OF_ITS_TABLES = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


@pytest.fixture(autouse=True)
def on_postgresql(engine_name):
    if engine_name != "postgresql":
        pytest.skip("there are no jobs on SQLite: the sweep of the one process is enough")


class Counting:
    """A sender that writes down what it was given."""

    reaches_callers = proves_delivery = True

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send(self, envelope) -> str:
        self.sent.append(envelope.id)
        return f"SM{envelope.id:032d}"


@pytest.fixture
def sender(app) -> Counting:
    sender = Counting()
    app.extensions["senders"] = {Channel.EMAIL: sender, Channel.SMS: sender}
    return sender


def tell(key: str = "callback_due:1", at=None) -> int:
    user = make_user(Role.OPERATOR)
    with unit_of_work():
        outbox.notify(user, "Ring the caller.", at=at or clock.now(), dedupe_key=key)
    return db.session.scalars(sa.select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()


def jobs(what: str = "status") -> list[object]:
    db.session.rollback()
    ours = f"FROM procrastinate_jobs WHERE task_name = '{queue.DELIVER}' ORDER BY id"
    return list(db.session.scalars(sa.text(f"SELECT {what} {ours}")))


def work(app) -> None:
    """One worker does all that waits, then goes."""

    async def until_nothing_waits() -> None:
        worker = deliveries.queue_of(app)
        async with worker.open_async():
            await worker.run_worker_async(
                wait=False, install_signal_handlers=False, delete_jobs="always"
            )

    db.session.rollback()
    asyncio.run(until_nothing_waits())


def test_a_message_leaves_by_its_job_and_the_sweep_finds_nothing_to_do(app, sender):
    message_id = tell()
    work(app)
    assert deliver_due_messages() == 0
    assert sender.sent == [message_id]
    assert db.session.get_one(OutboxMessage, message_id).status is MessageStatus.SENT
    assert jobs() == []


def test_the_sweep_may_be_faster_and_the_job_sends_nothing_again(app, sender):
    message_id = tell()
    assert deliver_due_messages() == 1
    work(app)
    assert sender.sent == [message_id]


def test_what_is_rolled_back_leaves_no_job(app, sender):
    user = make_user(Role.OPERATOR)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        outbox.notify(user, "Ring the caller.", at=clock.now(), dedupe_key="callback_due:1")
        raise ZeroDivisionError
    assert jobs() == []


def test_nobody_sees_the_job_before_the_message(app, sender):
    user = make_user(Role.OPERATOR)
    with unit_of_work():
        outbox.notify(user, "Ring the caller.", at=clock.now(), dedupe_key="callback_due:1")
        with Session(db.engine) as other:
            assert other.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 0
    assert jobs() == ["todo"]


def test_a_message_for_later_has_a_job_for_later(app, sender):
    later = clock.now() + timedelta(hours=1)
    with unit_of_work():
        message = OutboxMessage(
            dedupe_key="x",
            channel=Channel.EMAIL,
            kind="x",
            address="a@b.example",
            body="x",
            status=MessageStatus.PENDING,
            due_at=later,
            created_at=clock.now(),
        )
        db.session.add(message)
        queue.put(message)
    work(app)
    assert sender.sent == []
    assert jobs("scheduled_at") == [later]


def test_a_job_of_ours_is_a_job_as_procrastinate_writes_it(app, sender):
    message_id = tell()
    theirs = procrastinate.App(
        connector=procrastinate.SyncPsycopgConnector(kwargs=connection_arguments(db.engine))
    )
    with theirs.open():
        theirs.configure_task(queue.DELIVER, queue=queue.QUEUE).defer(message_ids=[message_id])
    ours, written_by_it = jobs("to_jsonb(procrastinate_jobs) - 'id'")
    assert ours == written_by_it


def test_what_a_killed_worker_began_is_begun_again_by_another(app, sender):
    message_id = tell()
    with unit_of_work():
        db.session.execute(
            sa.text(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 minute') RETURNING id)"
                " UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead"
            )
        )
    for _ in range(20):  # the check of every minute is a job itself, and due at once
        work(app)
        if sender.sent:
            break
    assert sender.sent == [message_id]


def test_what_is_sent_again_after_a_doubt_leaves_by_a_job_of_its_own(app, sender):
    message_id = tell()
    with unit_of_work():
        delivery.claim(at=clock.now())  # and then the power fails
        delivery.end_leases(at=clock.now() + delivery.LEASE)
    work(app)
    assert sender.sent == []
    with unit_of_work():
        (doubt,) = db.session.get_one(OutboxMessage, message_id).doubts
        delivery.send_again(doubt, at=clock.now())
    work(app)
    assert sender.sent == [message_id]


def test_jobs_that_nobody_takes_are_forgotten_when_the_sweep_has_done_their_work(app, sender):
    tell()
    assert forget_old_jobs() == 0
    with unit_of_work():
        long_ago = "UPDATE procrastinate_events SET at = at - interval '11 minutes'"
        db.session.execute(sa.text(long_ago))
    assert deliver_due_messages() == 1
    assert forget_old_jobs() == 1
    assert jobs() == []


def test_a_new_release_of_procrastinate_wants_no_other_tables(app):
    """When it does, its new files go into a migration of ours before the release is allowed."""
    files = resources.files("procrastinate.sql.migrations").iterdir()
    assert max(file.name for file in files if file.name.endswith(".sql")) == (
        LAST_CHANGE_OF_ITS_TABLES
    )
