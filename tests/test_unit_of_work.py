"""What is written is written whole, by one writer at a time, and never outside a unit of work."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from hotline import database
from hotline.unit_of_work import unit_of_work
from models import Counter, db


def add_one(app: Flask, times: int, errors: list[BaseException]) -> None:
    try:
        with app.app_context():
            for _ in range(times):
                with unit_of_work():
                    query = sa.select(Counter).where(Counter.name == "n").with_for_update()
                    counter = db.session.scalars(query).one()
                    counter.value += 1
    except BaseException as error:  # the thread's error is the test's
        errors.append(error)


def test_eight_threads_lose_no_update(app):
    with unit_of_work():
        db.session.add(Counter(name="n", value=0))
    errors: list[BaseException] = []
    threads = [threading.Thread(target=add_one, args=(app, 25, errors)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    db.session.rollback()
    assert db.session.get_one(Counter, "n").value == 200


def test_an_error_rolls_everything_back(app):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        db.session.add(Counter(name="n", value=1))
        db.session.flush()
        raise ZeroDivisionError
    assert db.session.get(Counter, "n") is None


def test_nothing_is_written_outside(app):
    db.session.add(Counter(name="n", value=1))
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        db.session.flush()
    db.session.rollback()


def test_a_unit_of_work_holds_no_other(app):
    with pytest.raises(RuntimeError, match="inside"), unit_of_work(), unit_of_work():
        pass
    with unit_of_work():  # and the lock is free again
        db.session.add(Counter(name="n", value=1))


def test_sqlite_is_durable_and_strict(app, engine_name):
    if engine_name != "sqlite":
        assert db.session.scalar(sa.text("SHOW synchronous_commit")) == "on"
        return
    pragmas = {
        name: db.session.scalar(sa.text(f"PRAGMA {name}"))
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_a_network_file_system_is_refused(tmp_path):
    mounts = "disk / ext4 rw 0 0\nserver:/data /srv/data nfs4 rw 0 0\n"
    assert database.file_system_of(tmp_path, mounts) == "ext4"
    assert database.file_system_of(Path("/srv/data/huiyin"), mounts) == "nfs4"
