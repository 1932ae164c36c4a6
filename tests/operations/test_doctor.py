"""The check-up finds what is wrong, says what to do, and never tells a secret."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from config import ConfigError
from hotline.demo import service as demo
from hotline.operations import checkup, probes
from hotline.operations.checkup import State
from hotline.operations.doctor_cli import examine
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work
from models import Mark, Webhook, db
from tests.conftest import SECRET
from tests.telephony.server import serving

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def installation(app, clock):
    """An installation in which all is well: it ticks, and was copied yesterday."""
    adapter.spool_folder().mkdir(parents=True, mode=0o700)
    app.config["HUIYIN"].DATA_DIR.chmod(0o700)
    with unit_of_work():
        db.session.add(Mark(name="tick", at=clock() - timedelta(seconds=15)))
        db.session.add(Mark(name="backup", at=clock() - timedelta(days=1)))
    return app


def readings(app):
    """{what: readings} of a check-up."""
    found = {}
    for one in examine(app.config["HUIYIN"]):
        found.setdefault(one.what, []).append(one)
    return found


def test_where_all_is_well_nothing_is_bad(installation, clock):
    found = readings(installation)
    assert {"Settings", "Disk", "Signature", "Durability", "Schema", "Ticker", "Reminders"} <= {
        *found
    }
    troubled = {what for what in found if any(f.state is not State.OK for f in found[what])}
    if db.engine.dialect.name == "postgresql":  # the server of the tests need not outlive a power
        troubled -= {"Durability", "Clock of the database"}  # cut, and our clock stands still
    troubled -= {"Official calendar"}  # November: next year's list may or may not be built in
    assert troubled == {"Public address", "Telephone company"}  # nothing serves in this test


def test_every_trouble_says_what_to_do(installation):
    for all_of_it in readings(installation).values():
        assert all(one.todo for one in all_of_it if one.state is not State.OK)


def test_it_speaks_the_language_of_the_shell_and_fails_when_something_is_bad(
    installation, clock, monkeypatch
):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    runner = installation.test_cli_runner()
    clock.advance(hours=1)
    said = runner.invoke(args=["doctor"])
    assert said.exit_code == 1
    assert "[有问题] 定时任务" in said.output
    assert SECRET not in said.output
    said = runner.invoke(args=["doctor", "--lang", "en"])
    assert "[bad] Ticker: Last tick 3615 seconds ago: no reminder leaves the house." in said.output
    assert "→ Start the hotline" in said.output


def test_what_must_not_start_is_said_in_the_same_sentences(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "doctor"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "FLASK_SKIP_DOTENV": "1", "SECRET_KEY": "short",
             "TELEPHONY": "pigeons", "DATA_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SECRET_KEY needs 32 characters or more; scripts/run makes one." in done.stderr
    assert "TELEPHONY must be one of: simulator, twilio." in done.stderr


def test_a_write_that_a_power_cut_undoes_is_bad(app, engine_name):
    off = "PRAGMA synchronous=OFF" if engine_name == "sqlite" else "SET synchronous_commit TO off"
    db.session.connection().exec_driver_sql("ROLLBACK" if engine_name == "sqlite" else "SELECT 1")
    db.session.connection().exec_driver_sql(off)
    reading = checkup.durability()
    assert reading.state is State.BAD
    assert ("synchronous=0" in str(reading.params)) or ("_commit=off" in str(reading.params))
    db.session.connection().invalidate()


def test_durable_is_what_the_hotline_asks_for(app, engine_name):
    if engine_name != "sqlite":
        pytest.skip("the server of the tests runs without fsync")
    assert checkup.durability().state is State.OK


def test_tables_of_another_release_are_bad_and_nothing_else_is_asked(installation, monkeypatch):
    monkeypatch.setattr(checkup.vital_signs, "heads", lambda: {"0000"})
    found = readings(installation)
    assert found["Schema"][0].state is State.BAD
    assert "Ticker" not in found


def test_a_database_without_tables_is_called_empty(installation, monkeypatch):
    monkeypatch.setattr(checkup.vital_signs, "heads", frozenset)
    (schema,) = readings(installation)["Schema"]
    assert (schema.state, schema.said) == (State.BAD, "The database is empty.")


def test_a_database_that_is_away_is_bad_and_the_rest_is_still_said(installation, monkeypatch):
    def away():
        raise sa.exc.OperationalError("SELECT", {}, Exception("13912345678"))

    monkeypatch.setattr(checkup, "durability", away)
    found = readings(installation)
    assert found["Database"][0].state is State.BAD
    assert "13912345678" not in str(found["Database"])
    assert found["Signature"][0].state is State.OK


def test_what_waits_is_told(installation, clock):
    folder = adapter.spool_folder()
    (folder / "a.json").write_text("{}")
    (folder / "b.json.bad").write_text("{")
    with unit_of_work():
        db.session.add(
            Webhook(provider="simulator", event_key="k", kind="voice", call_ref="CA1",
                    received_at=clock(), form={})
        )  # fmt: skip
        db.session.get_one(Mark, "backup").at = clock() - timedelta(days=3)
    found = readings(installation)
    assert [f.params["count"] for f in found["Kept on the disk"]] == [1, 1]
    assert found["Webhooks"][0].params["count"] == 1
    assert found["Backup"][0].state is State.WARNING


def test_a_folder_that_takes_nothing_or_is_open_to_others_is_told(installation, tmp_path):
    installation.config["HUIYIN"].DATA_DIR.chmod(0o755)
    assert "chmod 700 DATA_DIR" in [f.todo for f in readings(installation)["Disk"]]
    (tmp_path / "file").write_text("")
    config = replace(installation.config["HUIYIN"], DATA_DIR=tmp_path / "file")
    assert next(probes.disk(config)).state is State.BAD


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(make_app, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="DATA_DIR cannot be made"):
        make_app(DATA_DIR=tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"SECRET_KEY": "k" * 40}, "SECRET_KEY"),
        ({"HOST": "0.0.0.0"}, "https"),
        ({"PUBLIC_BASE_URL": "http://hotline.example.org"}, "https"),
        ({"MAIL_PASSWORD": "x", "MAIL_STARTTLS": False}, "MAIL_STARTTLS"),
    ],
)
def test_settings_that_start_but_should_not_stay(make_app, settings, word):
    config = make_app(**settings).config["HUIYIN"]
    doubts = [f for f in probes.settings(config) if f.state is State.WARNING]
    assert any(word in doubt.todo or word in doubt.said for doubt in doubts)


def test_a_running_hotline_is_found_at_its_address(make_app, clock):
    with serving(make_app) as app, app.app_context():
        config = app.config["HUIYIN"]
        assert probes.address(config).state is State.OK
        assert [f.state for f in probes.telephone(config)] == [State.OK]
        db.session.remove()


class Company(BaseHTTPRequestHandler):
    """A telephone company whose clock and manners a test chooses."""

    status, at = 200, datetime(2026, 11, 16, 1, 30, tzinfo=UTC)

    def do_GET(self) -> None:
        self.send_response_only(self.status)
        self.send_header("Date", format_datetime(self.at, usegmt=True))
        self.end_headers()

    def do_POST(self) -> None:  # a proxy that rewrites the target, so that no signature fits
        self.send_response(403)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def twilio(make_app, clock):
    """`twilio(status, at)`: an application whose company answers so."""
    server = HTTPServer(("127.0.0.1", 0), Company)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def make(status=200, ahead=timedelta(0)):
        Company.status, Company.at = status, clock() + ahead
        base = f"http://127.0.0.1:{server.server_port}"
        return make_app(
            TELEPHONY="twilio",
            TWILIO_ACCOUNT_SID="AC" + "0" * 32,
            TWILIO_AUTH_TOKEN="t0ken",
            TWILIO_NUMBER="+861012345678",
            TWILIO_API_BASE_URL=base,
            PUBLIC_BASE_URL=base,
        )

    yield make
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "ahead", "expected"),
    [
        (200, timedelta(0), [State.OK, State.OK]),
        (200, timedelta(seconds=20), [State.OK, State.WARNING]),
        (200, timedelta(minutes=-5), [State.OK, State.BAD]),
        (401, timedelta(0), [State.BAD]),
        (500, timedelta(0), [State.BAD]),
    ],
)
def test_the_company_is_asked_whether_it_knows_us_and_what_time_it_is(
    twilio, status, ahead, expected
):
    app = twilio(status, ahead)
    with app.app_context():
        assert [f.state for f in probes.telephone(app.config["HUIYIN"])] == expected
        db.session.remove()


def test_trying_a_signature_leaves_nothing_behind(installation, capsys):
    assert probes.signature(installation.config["HUIYIN"]).state is State.OK
    assert list(adapter.spool_folder().iterdir()) == []
    assert db.session.scalars(sa.select(Webhook)).all() == []
    assert capsys.readouterr().err == ""


def test_a_proxy_that_changes_what_was_signed_is_found(twilio):
    app = twilio()
    with app.app_context():
        assert probes.signature(app.config["HUIYIN"]).state is State.OK
        assert probes.address(app.config["HUIYIN"]).state is State.BAD


def test_a_signature_that_anybody_can_make_is_bad(app, monkeypatch):
    monkeypatch.setattr(type(adapter.provider()), "verify", lambda self, request: True)
    assert probes.signature(app.config["HUIYIN"]).state is State.BAD


def test_demo_passwords_beside_a_real_company_are_bad(twilio, clock):
    app = twilio()
    with app.app_context():
        with unit_of_work():
            db.session.add(Mark(name=demo.MARK, at=clock()))
        assert next(probes.demo_passwords(app.config["HUIYIN"])).state is State.BAD
        db.session.remove()


@pytest.mark.parametrize(("host", "states"), [("127.0.0.1", []), ("0.0.0.0", [State.WARNING])])
def test_demo_passwords_are_for_this_machine_alone(make_app, clock, host, states):
    app = make_app(HOST=host)
    with app.app_context():
        config = app.config["HUIYIN"]
        assert list(probes.demo_passwords(config)) == []
        with unit_of_work():
            db.session.add(Mark(name=demo.MARK, at=clock()))
        assert [found.state for found in probes.demo_passwords(config)] == states
        db.session.remove()


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), State.OK),
        (datetime(2040, 3, 1, tzinfo=UTC), State.BAD),
    ],
)
def test_a_year_without_its_official_list_is_told(app, on, state):
    assert checkup.calendar(on).state is state
