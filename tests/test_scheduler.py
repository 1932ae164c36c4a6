"""The ticker: one table of sweeps, each isolated, all of them safe to run at any time."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from hotline import leadership, scheduler
from hotline.scheduler import JOBS, Job, Leadership, Ticker, run_job
from hotline.sweeps import each_alone, for_each
from models import Counter, Mark, db
from tests.conftest import SECRET
from tests.workers import wait_until

ROOT = Path(__file__).parent.parent


def test_every_sweep_has_a_name_of_its_own_and_says_what_it_does():
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all((job.sweep.__doc__ or "").strip() for job in JOBS)


def test_a_sweep_that_fails_stops_neither_the_ticker_nor_the_others(app, capsys):
    def stumble() -> int:
        raise ZeroDivisionError

    assert run_job(app, Job("stumble", stumble, timedelta(seconds=1))) is None
    assert "a sweep failed" in "".join(capsys.readouterr())
    assert run_job(app, Job("fine", lambda: 3, timedelta(seconds=1))) == 3


def test_one_bad_row_stops_no_other_and_writes_nothing(app):
    def act(number: int) -> bool:
        db.session.add(Counter(name=f"row {number}", value=number))
        db.session.flush()
        if number == 2:
            raise ZeroDivisionError
        return number != 3

    assert for_each([1, 2, 3, 4], act) == 2
    kept = db.session.scalars(db.select(Counter.value).order_by(Counter.value)).all()
    assert kept == [1, 3, 4]


def test_rows_that_wait_for_the_network_open_their_own_transactions(app):
    assert each_alone([1, 0, 2], lambda number: 1 / number > 0, name="divide") == 2


def test_every_tick_leaves_its_mark(app, clock):
    (tick,) = [job for job in JOBS if job.name == "mark_tick"]
    for _ in range(2):
        run_job(app, tick)
        clock.advance(seconds=15)
    assert db.session.get_one(Mark, "tick").at == clock() - timedelta(seconds=15)


def test_late_sweeps_run_once_and_are_never_dropped(app, monkeypatch):
    added = {}
    monkeypatch.setattr(BackgroundScheduler, "start", lambda self: None)
    monkeypatch.setattr(
        BackgroundScheduler,
        "add_job",
        lambda self, *_args, **what: added.update({what["id"]: what}),
    )
    ticker = Ticker(app)
    ticker.start()
    ticker.stop()

    assert set(added) == {job.name for job in JOBS}
    for what in added.values():
        assert what["misfire_grace_time"] is None
        assert (what["coalesce"], what["max_instances"]) == (True, 1)
    assert ticker._scheduler.timezone is UTC


def test_the_ticker_stays_off_where_it_is_switched_off(make_app):
    assert scheduler.start(make_app(TICKER=False)) is None


def test_only_one_of_several_processes_leads(make_app):
    one, other = Leadership(make_app()), Leadership(make_app())
    app = one._app
    with app.app_context():
        shared = db.engine.dialect.name == "postgresql"
    assert one.is_ours()
    assert other.is_ours() is not shared
    one.give_up()
    assert other.is_ours()
    other.give_up()


def test_who_lost_the_lead_with_its_session_may_lead_again(make_app):
    one = Leadership(make_app())
    assert one.is_ours()
    with one._app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("on SQLite nobody is refused")
        with db.engine.connect() as administrator:
            for pid, _ in administrator.execute(leadership.HOLDER, leadership.HALVES):
                administrator.execute(leadership.END, {"pid": pid, "name": ""})
    wait_until(lambda: not one.is_ours())
    wait_until(one.is_ours)
    one.give_up()


def test_who_takes_over_looks_at_once_after_everything(make_app, monkeypatch):
    """Whoever led may have died in the middle of a sweep; its turn would come half a minute later,
    or a day."""
    leader, next_one = Leadership(make_app()), Ticker(make_app())
    with leader._app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("on SQLite nobody is refused")
    assert leader.is_ours()
    due = {}
    monkeypatch.setattr(
        next_one._scheduler, "modify_job", lambda name, **what: due.update({name: what})
    )
    next_one._run(Job("rare", lambda: 1, timedelta(days=1)))
    assert due == {}
    leader.give_up()
    next_one._run(Job("often", lambda: 1, timedelta(seconds=1)))
    assert set(due) == {"rare"}
    next_one.stop()


def test_what_waits_on_a_machines_disk_is_swept_by_its_own_processes_one_at_a_time(make_app):
    """The lead is elsewhere: the spool of this machine is nobody else's to take in."""
    leader, here, beside = Leadership(make_app()), Ticker(make_app()), Ticker(make_app())
    assert leader.is_ours()
    done: list[str] = []
    of_all = Job("of all", lambda: done.append("of all") or 1, timedelta(seconds=1))
    of_here = Job("of here", lambda: done.append("of here") or 1, timedelta(seconds=1), True)

    def meanwhile() -> int:
        beside._run(of_here)
        return 1

    here._run(Job("long", meanwhile, timedelta(seconds=1), True))
    assert done == []
    here._run(of_here)
    assert done == ["of here"]
    here._run(of_all)
    with here._app.app_context():
        leads_elsewhere = db.engine.dialect.name == "postgresql"
    assert ("of all" in done) is not leads_elsewhere
    leader.give_up()
    here.stop()


def test_who_only_writes_messages_does_not_load_the_library_of_their_jobs(environment):
    """It costs every web process memory, and on SQLite nobody needs it at all."""
    loaded = "import app, sys; app.create_app(); sys.exit('procrastinate' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], env=environment, cwd=ROOT, timeout=60)
    assert done.returncode == 0


@pytest.fixture
def environment(database_uri, tmp_path) -> dict[str, str]:
    uri = database_uri.replace("postgresql+psycopg", "postgresql")
    settings = {"SECRET_KEY": SECRET, "DATABASE_URL": uri, "DATA_DIR": str(tmp_path / "var")}
    return {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}


def flask(*command: str) -> list[str]:
    return [sys.executable, "-m", "flask", *command]


def test_flask_tick_runs_every_sweep_once_and_says_what_it_did(environment):
    done = subprocess.run(
        flask("tick"), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        job.name for job in JOBS
    ]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_flask_worker_ticks_until_it_is_told_to_stop(environment, told):
    command = flask("worker")
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE) as worker:
        patience = threading.Timer(120, worker.kill)  # else a worker without a word is waited for
        patience.start()
        try:
            assert worker.stderr is not None
            assert any(b"the ticker runs" in line for line in worker.stderr)
            worker.send_signal(told)
            assert worker.wait(timeout=20) == 0
        finally:
            patience.cancel()
            worker.kill()
