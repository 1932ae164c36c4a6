"""Figures to watch: for whoever knows the token, true, and about nobody."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from hotline.operations import lateness
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    Channel,
    Mark,
    MessageStatus,
    OutboxDoubt,
    OutboxMessage,
    Reconciliation,
    TicketStatus,
    Webhook,
    db,
)
from tests.stages import make_house, put
from tests.test_plans import explained

TOKEN = "a token that only the watcher knows"
NUMBER = "13912345678"


@pytest.fixture
def app(make_app):
    app = make_app(METRICS_TOKEN=TOKEN)
    with app.app_context():
        yield app
        db.session.remove()


def ask(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def values(text):
    """{name{labels}: value} of a page of metrics."""
    return {
        sample.name + "".join(f"{{{v}}}" for _, v in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "密"])
def test_who_does_not_know_the_token_finds_nothing(client, token):
    missing = client.get("/no-such-page").status_code
    assert ask(client, token.encode().decode("latin-1")).status_code == missing == 404
    assert client.get("/metrics").status_code == 404


def test_without_a_token_there_is_no_such_page_for_anybody(make_app):
    other = make_app()
    with other.app_context():
        client = other.test_client()
        assert ask(client, "").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_what_is_counted_is_what_is_so(app, client, clock):
    house = make_house()
    put(house, TicketStatus.ANSWERED, clock(), phone=NUMBER)
    put(house, TicketStatus.CLOSED, clock(), phone=NUMBER)
    folder = adapter.spool_folder()
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    (folder / "b.json.bad").write_text("{")
    with unit_of_work():
        db.session.execute(sa.update(OutboxMessage).values(status=MessageStatus.SENT))
        db.session.add(
            OutboxMessage(
                dedupe_key="k", channel=Channel.EMAIL, kind="x", address="a@b.example", body="",
                status=MessageStatus.PENDING, due_at=clock() - timedelta(minutes=7),
                created_at=clock(),
            )
        )  # fmt: skip
        db.session.add(
            Webhook(provider="simulator", event_key="k", kind="voice", call_ref="CA1",
                    received_at=clock(), form={"From": NUMBER})
        )  # fmt: skip
        db.session.add(Mark(name="tick", at=clock() - timedelta(seconds=9)))
        minutes = timedelta(minutes=4)
        db.session.add(
            Reconciliation(provider="simulator", asked_at=clock() - minutes, succeeded=True)
        )
        message = db.session.scalars(sa.select(OutboxMessage)).first()
        for ref in ("", "SM1"):
            message.doubts.append(
                OutboxDoubt(begun_at=clock(), sent_again_at=clock(), provider_ref=ref)
            )
    found = values(ask(client).text)

    assert found["huiyin_database_up"] == 1
    assert found["huiyin_unclosed_tickets{answered}"] == 1
    assert found["huiyin_unclosed_tickets{open}"] == 0
    assert found["huiyin_seconds_since_tick"] == 9
    assert found["huiyin_seconds_since_provider_answered"] == 4 * 60
    assert found["huiyin_doubted_messages{sent_again}"] == 2
    assert found["huiyin_doubted_messages{twice}"] == 1
    assert found["huiyin_call_intents{unknown}"] == 0
    assert found["huiyin_uninterpreted_webhooks"] == 1
    assert found["huiyin_spooled_webhooks{waiting}"] == found["huiyin_spooled_webhooks{bad}"] == 1
    assert found["huiyin_outbox_messages{pending}"] == 1
    assert found["huiyin_oldest_due_reminder_seconds"] == 7 * 60
    assert found["huiyin_calls{ended}"] == 2
    assert found["huiyin_overdue_callbacks"] == 0

    owed = db.session.scalars(sa.select(Callback).where(Callback.ended_at.is_(None))).all()
    clock.set(max(one.due_at for one in owed) + timedelta(seconds=1))
    assert values(ask(client).text)["huiyin_overdue_callbacks"] == len(owed)
    with unit_of_work():
        owed[0].exhausted_at = clock()
    found = values(ask(client).text)
    assert found["huiyin_overdue_callbacks"] == len(owed) - 1, "tried in vain: a signature is owed"


def test_an_alarm_can_be_made_of_what_is_late(client, clock):
    with unit_of_work():
        db.session.add(Mark(name="tick", at=clock()))
    clock.advance(seconds=45)
    assert values(ask(client).text)["huiyin_late{ticker}"] == 0
    clock.advance(seconds=1)
    found = values(ask(client).text)
    assert found["huiyin_late{ticker}"] == 1
    assert found["huiyin_late{reminders}"] == found["huiyin_late{messages}"] == 0


def test_requests_are_measured_by_endpoint(client):
    client.get("/healthz")
    client.get("/healthz")
    client.get(f"/tickets/{NUMBER}")
    client.get(f"/no-such-page/{NUMBER}")
    found = values(ask(client).text)
    assert found["huiyin_request_seconds_count{health.healthz}{2xx}"] == 2
    assert found["huiyin_request_seconds_count{none}{4xx}"] == 1


def test_nothing_is_told_of_anybody(app, client, clock):
    put(make_house(), TicketStatus.ANSWERED, clock(), phone=NUMBER)
    client.get(f"/tickets/{NUMBER}")
    text = ask(client).text
    assert "huiyin_calls" in text
    assert NUMBER not in text
    assert "王建国" not in text
    labels = {name for family in text_string_to_metric_families(text)
              for sample in family.samples for name in sample.labels}  # fmt: skip
    assert labels == {"endpoint", "status", "state", "fate", "what", "le"}
    assert not re.search(r"\{[^}]*\d{7,}", text)


def test_a_database_that_is_away_is_a_figure_too(client, monkeypatch):
    def away(at):
        raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(lateness, "oldest_due", away)
    found = values(ask(client).text)
    assert found["huiyin_database_up"] == 0
    assert "huiyin_overdue_callbacks" not in found
    assert found["huiyin_spooled_webhooks{waiting}"] == 0


LARGE = ("tickets", "calls", "callbacks", "outbox_messages", "webhooks")


def test_no_figure_reads_a_large_table_whole(app, client, clock):
    """However many tickets there are, it is asked every few seconds."""
    put(make_house(), TicketStatus.ANSWERED, clock(), phone=NUMBER)
    asked = []

    def note(connection, cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    assert ask(client).status_code == 200
    assert client.get("/readyz").status_code == 200
    sa.event.remove(db.engine, "before_cursor_execute", note)
    lines = [line for one in asked if one[0].startswith("SELECT") for line in explained(*one)]
    assert lines
    assert [line for line in lines if any(is_whole(line, table) for table in LARGE)] == []


def is_whole(line, table):
    return line.startswith(f"SCAN {table}") or f"Seq Scan on {table}" in line
