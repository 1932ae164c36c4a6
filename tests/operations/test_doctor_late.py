"""The check-up tells from when on something is late, and what was never done."""

from collections import namedtuple
from datetime import timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.operations import checkup, probes
from hotline.operations.checkup import State
from hotline.operations.jobs import mark_tick
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Mark, Role, db
from tests.makers import make_ticket, make_user

OK, WARNING, BAD = State.OK, State.WARNING, State.BAD
GIGABYTE = 1024**3
Usage = namedtuple("Usage", "total used free")


def state_of(what: str, at) -> State:
    db.session.rollback()
    (found,) = [one for one in checkup.running(at) if one.what == what]
    assert bool(found.todo) is (found.state is not OK), "every trouble says what to do"
    return found.state


def test_what_was_never_done_is_told_and_stops_nobody(app, clock):
    """A new installation starts: it has not ticked, and there was nothing to copy."""
    assert state_of("Ticker", clock()) is WARNING
    assert state_of("Backup", clock()) is WARNING


@pytest.mark.parametrize(("seconds", "state"), [(44, OK), (45, BAD), (3600, BAD)])
def test_a_ticker_that_sleeps(app, clock, seconds, state):
    mark_tick()
    clock.advance(seconds=seconds)
    assert state_of("Ticker", clock()) is state


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (timedelta(minutes=1), OK),
        (timedelta(minutes=1, seconds=1), WARNING),
        (timedelta(minutes=10), WARNING),
        (timedelta(minutes=10, seconds=1), BAD),
    ],
)
def test_a_caller_of_whom_nobody_was_told(app, clock, late, state):
    ticket, owner = make_ticket(), make_user(Role.OPERATOR)
    due_at = clock() + timedelta(hours=1)
    with unit_of_work():
        callbacks.promise(ticket, CallbackKind.TELL, at=clock(), owner=owner, due_at=due_at)
    clock.set(due_at + late)
    assert state_of("Reminders", clock()) is state


@pytest.mark.parametrize(
    ("age", "state"), [(timedelta(days=2), OK), (timedelta(days=2, seconds=1), WARNING)]
)
def test_a_copy_that_is_too_old(app, clock, age, state):
    with unit_of_work():
        db.session.add(Mark(name="backup", at=clock() - age))
    assert state_of("Backup", clock()) is state


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (probes.FEW_BYTES, OK),
        (probes.FEW_BYTES - 1, WARNING),
        (probes.NO_BYTES, WARNING),
        (probes.NO_BYTES - 1, BAD),
    ],
)
def test_a_disk_that_runs_full(app, monkeypatch, free, state):
    usage = Usage(100 * GIGABYTE, 0, free)
    monkeypatch.setattr(probes.shutil, "disk_usage", lambda folder: usage)
    states = {one.state for one in probes.disk(app.config["HUIYIN"]) if "GB free" in one.said}
    assert states == {state}
