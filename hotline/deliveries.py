"""Sending messages as soon as they are committed: procrastinate runs the jobs of the outbox.

It wakes by NOTIFY and asks every few seconds besides. Where the database goes away it is started
anew until it comes back; meanwhile nothing is lost, because jobs and messages are rows.
"""

import asyncio
import contextlib

import procrastinate
import psycopg_pool
import structlog
from flask import Flask
from procrastinate.exceptions import ConnectorException

from hotline.database import connection_arguments
from hotline.outbox import jobs
from hotline.outbox.queue import DELIVER, QUEUE
from models import db

log = structlog.get_logger()
AT_ONCE = 4  # messages one process sends beside each other
HEARTBEAT_SECONDS = 5.0
GONE_AFTER_SECONDS = 20.0  # who has not been heard of for so long is dead: others do its jobs
EVERY_MINUTE = "* * * * *"
CONNECT_SECONDS = 10.0
PAUSE_SECONDS = 2.0


async def serve(app: Flask, told_to_stop: asyncio.Event) -> None:
    """Deliver until `told_to_stop`, then finish what has been begun."""
    queue = queue_of(app)
    while not told_to_stop.is_set():
        try:
            async with queue.open_async():
                await _until(told_to_stop, queue)
        except (ConnectorException, psycopg_pool.PoolTimeout) as error:
            log.warning("no deliveries for now", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told_to_stop.wait(), PAUSE_SECONDS)


async def _until(told_to_stop: asyncio.Event, queue: procrastinate.App) -> None:
    """One run of the worker: until we are told to stop, or it has lost its connection."""
    run = asyncio.create_task(
        queue.run_worker_async(
            queues=[QUEUE],
            concurrency=AT_ONCE,
            install_signal_handlers=False,
            delete_jobs="always",  # what became of a message stands in the outbox
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=GONE_AFTER_SECONDS,
        )
    )
    log.info("this process delivers")
    stop = asyncio.create_task(told_to_stop.wait())
    await asyncio.wait((run, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    run.cancel()  # to procrastinate: end after the jobs that run now
    with contextlib.suppress(asyncio.CancelledError):
        await run


def queue_of(app: Flask) -> procrastinate.App:
    """The jobs that workers of `app` know, and where they find them."""
    with app.app_context():
        arguments = connection_arguments(db.engine)
    connector = procrastinate.PsycopgConnector(
        kwargs=arguments, min_size=1, max_size=AT_ONCE, timeout=CONNECT_SECONDS
    )
    queue = procrastinate.App(connector=connector)

    @queue.task(name=DELIVER, queue=QUEUE)
    def deliver_messages(message_ids: list[int]) -> None:
        with app.app_context():
            jobs.deliver_messages(message_ids)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="retry_stalled_jobs", queue=QUEUE, pass_context=True)
    async def retry_stalled_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
        """Let somebody else do what a worker began that was killed."""
        for job in await queue.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=GONE_AFTER_SECONDS
        ):
            await queue.job_manager.retry_job(job)
            log.warning("a stalled job begins again", job=job.id)

    return queue
