"""/readyz: what it says of the database, the schema, the ticker. See test_lateness.py as well."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import health
from hotline.errors import OutOfTime
from hotline.operations import vital_signs
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    Channel,
    Mark,
    MessageStatus,
    OutboxMessage,
    Reconciliation,
    Role,
    TicketStatus,
    db,
)
from tests.makers import make_user
from tests.stages import make_house, put


def test_a_fresh_installation_is_ready_and_has_not_ticked(client, clock):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    assert answer.json["seconds_since_tick"] is None
    assert answer.json["ticking"] is False


def test_the_age_of_the_last_tick_is_told(client, clock):
    with unit_of_work():
        db.session.add(Mark(name="tick", at=clock()))
    clock.advance(seconds=45)
    assert client.get("/readyz").json["ticking"] is True
    clock.advance(seconds=2)
    assert client.get("/readyz").json["ticking"] is False
    assert client.get("/readyz").json["seconds_since_tick"] == 47


def test_the_oldest_reminder_that_is_due_is_told(client, clock):
    put(make_house(), TicketStatus.ANSWERED, clock())
    with unit_of_work():
        db.session.execute(sa.delete(OutboxMessage))
    due = db.session.scalars(sa.select(Callback.due_at).where(Callback.ended_at.is_(None))).one()
    assert client.get("/readyz").json["seconds_oldest_due_reminder"] == 0
    clock.set(due + timedelta(minutes=3))
    assert client.get("/readyz").json["seconds_oldest_due_reminder"] == 180
    with unit_of_work():
        db.session.add(
            OutboxMessage(
                dedupe_key="k", channel=Channel.EMAIL, kind="x", address="a@b.example", body="",
                status=MessageStatus.PENDING, due_at=clock() - timedelta(minutes=7),
                created_at=clock(),
            )
        )  # fmt: skip
    assert client.get("/readyz").json["seconds_oldest_due_reminder"] == 7 * 60


def test_tables_of_another_release_are_not_ready(client, monkeypatch):
    monkeypatch.setattr(vital_signs, "heads", lambda: {"0000"})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": True, "migrated": False}


@pytest.mark.parametrize("why", [sa.exc.OperationalError("x", {}, Exception("y")), OutOfTime()])
def test_a_database_that_does_not_answer_in_time_is_not_ready(client, monkeypatch, why):
    def asked():
        raise why

    monkeypatch.setattr(vital_signs, "heads", asked)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, False)


def test_a_slow_database_is_given_up(client, engine_name, monkeypatch):
    if engine_name != "postgresql":
        pytest.skip("SQLite lets readers read whatever happens")
    monkeypatch.setattr(health, "PATIENCE", timedelta(milliseconds=200))
    slow = sa.text("SELECT pg_sleep(30)")
    monkeypatch.setattr(vital_signs, "heads", lambda: db.session.execute(slow))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, False)


def test_a_silent_provider_is_told_and_sends_no_caller_elsewhere(client, clock):
    said = client.get("/readyz").json
    assert (said["seconds_since_provider_answered"], said["provider_silent"]) == (None, False)
    for succeeded in (True, False):
        with unit_of_work():
            db.session.add(
                Reconciliation(provider="simulator", asked_at=clock(), succeeded=succeeded)
            )
        clock.advance(minutes=10)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["seconds_since_provider_answered"] == 20 * 60
    assert answer.json["provider_silent"] is True


def test_who_is_signed_in_may_ask_as_well(sign_in, clock):
    assert sign_in(make_user(Role.OPERATOR)).get("/readyz").status_code == 200
