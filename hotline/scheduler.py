"""All that happens by itself: one table of sweeps, and the ticker that runs them.

What is due stands in the database. The ticker only asks again and again, so it may sleep for hours,
run twice or die: the next tick finds everything that is due.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import click
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext

from hotline import clock
from hotline.accounts import jobs as accounts
from hotline.calendars import jobs as calendars
from hotline.callbacks import jobs as callbacks
from hotline.calls import jobs as calls
from hotline.calls import placing_jobs as placing
from hotline.drafts import jobs as drafts
from hotline.figures import jobs as figures
from hotline.findings import jobs as findings
from hotline.handoffs import extension_jobs as extensions
from hotline.handoffs import jobs as handoffs
from hotline.leadership import Leadership
from hotline.live_updates import jobs as live_updates
from hotline.operations.jobs import mark_tick
from hotline.outbox import jobs as outbox
from hotline.outbox import looking_jobs as looking
from hotline.quality import jobs as quality
from hotline.supervision import jobs as supervision
from hotline.telephony import jobs as telephony
from hotline.tickets import jobs as tickets
from hotline.watchdog import Watchdog

log = structlog.get_logger()
AT_ONCE = 10  # sweeps
PULSE = "pulse"  # the tick itself waits for no sweep
FIRST_TICK = timedelta(seconds=2)
# What runs seldom is often long, and callers wait for a process that has just begun: what runs once
# a day begins five minutes later.
PARTS_TO_WAIT = 300


@dataclass(frozen=True)
class Job:
    """One sweep: what it is called in logs, what it does, how often.

    What `is_local` works on lies on the disk of a machine: there each machine sweeps for itself.
    """

    name: str
    sweep: Callable[[], int]
    every: timedelta
    is_local: bool = False


def _job(sweep: Callable[[], int], *, is_local: bool = False, **every: float) -> Job:
    return Job(sweep.__name__, sweep, timedelta(**every), is_local)


# fmt: off
JOBS = (
    _job(mark_tick,                              seconds=15),
    _job(telephony.read_failed_webhooks,         seconds=15),
    _job(telephony.replay_spooled_webhooks,      seconds=15, is_local=True),
    _job(findings.reconcile_calls,               minutes=5),
    _job(telephony.move_simulated_calls,         seconds=1),
    _job(telephony.forget_simulated_calls,       days=1),
    _job(placing.settle_call_intents,            seconds=5),
    _job(calls.fetch_recordings,                 seconds=10),
    _job(calls.remove_old_recordings,            days=1),
    _job(calls.end_hanging_calls,                minutes=1),
    _job(calls.free_seats_after_writing_up,      seconds=5),
    _job(calls.end_rests,                        seconds=5),
    _job(calls.clear_deserted_seats,             minutes=1),
    _job(callbacks.remind_of_callbacks,          seconds=30),
    _job(callbacks.follow_messages_to_callers,   seconds=30),
    _job(handoffs.remind_departments_to_accept,  minutes=1),
    _job(handoffs.remind_departments_to_answer,  minutes=1),
    _job(handoffs.remind_to_decide_returns,      minutes=1),
    _job(handoffs.promise_words_of_progress,     minutes=15),
    _job(extensions.remind_to_decide_extensions, minutes=1),
    _job(extensions.owe_dates_nobody_tells,      minutes=10),
    _job(handoffs.end_waits_that_are_over,       minutes=1),
    _job(handoffs.remind_of_reviews,             minutes=15),
    _job(supervision.ask_for_other_supervisors,  minutes=5),
    _job(tickets.check_ledgers,                  days=1),
    _job(quality.draw_answers_before_their_callback, minutes=5),
    _job(quality.draw_closed_tickets_of_last_month, minutes=15),
    _job(accounts.release_after_duty,            minutes=1),
    _job(accounts.forget_old_logins,             hours=1),
    _job(figures.send_due_reports,               minutes=10),
    _job(figures.keep_figures,                   minutes=5),
    _job(figures.check_figures,                  days=1),
    _job(outbox.deliver_due_messages,            seconds=5),
    _job(looking.look_up_doubtful_messages,      minutes=1),
    _job(outbox.forget_old_jobs,                 minutes=10),
    _job(live_updates.forget_old_live_updates,   minutes=10),
    _job(drafts.forget_old_drafts,               hours=1),
    _job(calendars.warn_of_missing_lists,        days=1),
)
# fmt: on


def run_job(app: Flask, job: Job) -> int | None:
    """Run one sweep in a context of its own; None, and a line in the log, when it failed."""
    with app.app_context():
        try:
            done = job.sweep()
        except Exception:
            log.exception("a sweep failed", job=job.name)
            return None
    if done and job.sweep is not mark_tick:
        log.info("swept", job=job.name, done=done)
    return done


class Ticker:
    """Runs the sweeps in the background of one process, from `start` until `stop`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._leadership = Leadership(app)
        self._watchdog = Watchdog(lambda: self._ticks)
        self._ticks = 0
        self._refused: set[str] = set()  # what fell to others because they led
        executors = {"default": ThreadPoolExecutor(AT_ONCE), PULSE: ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone=UTC, executors=executors)

    def start(self) -> None:
        """Begin ticking; jobs live in memory only, and one that is late runs once."""
        for job in JOBS:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[job],
                id=job.name,
                executor=PULSE if job.sweep is mark_tick else "default",
                seconds=job.every.total_seconds(),
                next_run_time=clock.now() + max(FIRST_TICK, job.every / PARTS_TO_WAIT),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()
        self._watchdog.start()
        log.info("the ticker runs")

    def stop(self) -> None:
        """End after the sweeps that run now."""
        self._watchdog.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._leadership.give_up()

    def _run(self, job: Job) -> None:
        if job.is_local:
            with _turn_on_this_machine(self._app) as is_ours:
                if is_ours:
                    run_job(self._app, job)
        elif self._leadership.is_ours():
            self._refused.discard(job.name)
            self._catch_up()
            run_job(self._app, job)
        else:
            self._refused.add(job.name)
        if job.sweep is mark_tick:
            self._ticks += 1

    def _catch_up(self) -> None:
        """We lead now: who led before may have died in the middle of any sweep."""
        for name in list(self._refused):
            self._refused.discard(name)
            self._scheduler.modify_job(name, next_run_time=clock.now())


@contextmanager
def _turn_on_this_machine(app: Flask) -> Iterator[bool]:
    """Whether no other process of this machine sweeps its disk now; none does until the end."""
    folder: Path = app.config["HUIYIN"].DATA_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "sweeping.lock", "w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def start(app: Flask) -> Ticker | None:
    """Start the ticker of `app` in this process, unless TICKER is off."""
    if not app.config["HUIYIN"].TICKER:
        return None
    ticker = Ticker(app)
    ticker.start()
    return ticker


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Do every due sweep once, now."""
    app = _app()
    failed = False
    for job in JOBS:
        done = run_job(app, job)
        failed = failed or done is None
        click.echo(f"{job.name}: {'failed' if done is None else done}")
    if failed:
        raise click.exceptions.Exit(1)


def _app() -> Flask:
    app: Any = current_app
    real: Flask = app._get_current_object()
    return real
