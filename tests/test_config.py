"""The configuration: typed, complete, and complaining once about everything."""

import os
import re
import subprocess
import sys
from dataclasses import MISSING, FrozenInstanceError, fields

import pytest

from config import ROOT, Config, ConfigError
from tests.ports import free_port

SECRET = "0123456789abcdef" * 2
ENOUGH = {"SECRET_KEY": SECRET}
TWILIO = {
    **ENOUGH,
    "TELEPHONY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_NUMBER": "+861012345678",
    "PUBLIC_BASE_URL": "https://hotline.example.org",
}
READ_BY = {"SQLALCHEMY_DATABASE_URI": "DATABASE_URL"}
SETTINGS = {READ_BY.get(field.name, field.name): field for field in fields(Config)}


def complaints(environ):
    with pytest.raises(ConfigError) as refused:
        Config.from_env(environ)
    return refused.value.complaints


def test_a_secret_is_enough_to_start():
    config = Config.from_env(ENOUGH)

    assert config.TELEPHONY == "simulator"
    assert config.PUBLIC_BASE_URL == "http://127.0.0.1:8000"
    assert config.SQLALCHEMY_DATABASE_URI == f"sqlite:///{ROOT}/var/huiyin.sqlite"
    assert config.DATA_DIR == ROOT / "var"


def test_it_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Config.from_env(ENOUGH).PORT = 1


def test_the_base_url_follows_the_port_and_loses_its_slash():
    assert Config.from_env({**ENOUGH, "PORT": "9001"}).PUBLIC_BASE_URL == "http://127.0.0.1:9001"
    given = Config.from_env({**ENOUGH, "PUBLIC_BASE_URL": "https://hotline.example.org/"})
    assert given.PUBLIC_BASE_URL == "https://hotline.example.org"


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("postgres://u:p@db/huiyin", "postgresql+psycopg://u:p@db/huiyin"),
        ("postgresql://u:p@db/huiyin", "postgresql+psycopg://u:p@db/huiyin"),
        ("postgresql+psycopg://db/huiyin", "postgresql+psycopg://db/huiyin"),
        (
            "postgresql://u:p%40w@one:5432,two:5433/huiyin?target_session_attrs=read-write",
            "postgresql+psycopg://u:p%40w@/huiyin?host=one,two&port=5432,5433"
            "&target_session_attrs=read-write",
        ),
        ("postgres://[::1],two/x", "postgresql+psycopg:///x?host=::1,two&port=5432,5432"),
        ("sqlite:///other.sqlite", f"sqlite:///{ROOT}/other.sqlite"),
        ("sqlite:////srv/other.sqlite", "sqlite:////srv/other.sqlite"),
    ],
)
def test_the_database_is_spoken_to_by_our_driver(url, uri):
    assert Config.from_env({**ENOUGH, "DATABASE_URL": url}).SQLALCHEMY_DATABASE_URI == uri


def test_cookies_are_secure_where_the_address_is():
    assert Config.from_env(TWILIO).SESSION_COOKIE_SECURE is True
    assert Config.from_env(ENOUGH).SESSION_COOKIE_SECURE is False
    assert Config.SESSION_COOKIE_HTTPONLY
    assert Config.SESSION_COOKIE_SAMESITE == "Lax"


def test_a_complete_twilio_account_starts():
    config = Config.from_env(TWILIO)
    assert (config.TELEPHONY, config.TWILIO_AUTH_TOKEN) == ("twilio", "token")


@pytest.mark.parametrize(
    ("missing", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_ACCOUNT_SID", ""),
        ("TWILIO_AUTH_TOKEN", ""),
        ("TWILIO_AUTH_TOKEN", "   "),
        ("TWILIO_NUMBER", "01012345678"),
        ("PUBLIC_BASE_URL", "http://hotline.example.org"),
        ("TWILIO_API_BASE_URL", "http://api.example.org"),
        ("SECRET_KEY", "qwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqw"),
    ],
)
def test_half_a_twilio_account_does_not_start(missing, value):
    (sentence,) = complaints({**TWILIO, missing: value})
    assert sentence.startswith(missing)


@pytest.mark.parametrize(
    "name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_PREVIOUS"]
)
def test_the_simulator_does_not_start_beside_real_credentials(name):
    (sentence,) = complaints({**ENOUGH, name: "something"})
    assert "simulator" in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", ""),
        ("DATABASE_URL", "mysql://db/huiyin"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite://"),
        ("PUBLIC_BASE_URL", "hotline.example.org"),
        ("PUBLIC_BASE_URL", "https://hotline.example.org/app"),
        ("PUBLIC_BASE_URL", "https://hotline.example.org:99999"),
        ("PUBLIC_BASE_URL", "https://user:pass@hotline.example.org"),
        ("TWILIO_API_BASE_URL", "ftp://api.twilio.com"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PROXIES", "-1"),
        ("PROXIES", "many"),
        ("TELEPHONY", "carrier pigeon"),
        ("TIME_ZONE", "China/Qinglan"),
        ("LOG_LEVEL", "loud"),
        ("METRICS_TOKEN", "short"),
        ("TICKER", "yes"),
        ("MAIL_STARTTLS", "1"),
        ("MAIL_PORT", "smtp"),
        ("THREADS", "4"),
        ("MAX_STREAMS", "0"),
        ("MAX_STREAMS", "64"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name, value):
    (sentence,) = complaints({**ENOUGH, name: value})
    assert sentence.startswith(name)


def test_mail_needs_a_sender():
    assert complaints({**ENOUGH, "MAIL_HOST": "mail.example.org"})[0].startswith("MAIL_FROM")


def test_everything_that_is_wrong_is_said_at_once():
    wrong = {"PORT": "x", "TELEPHONY": "twilio", "TICKER": "maybe"}
    named = {sentence.split()[0] for sentence in complaints(wrong)}
    assert named == {
        "PORT",
        "TICKER",
        "SECRET_KEY",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_NUMBER",
        "PUBLIC_BASE_URL",
    }


def test_a_complaint_never_repeats_a_secret():
    secret = "s3cret-but-short"
    said = complaints({"SECRET_KEY": secret, "TWILIO_AUTH_TOKEN": "t0ken-of-twilio"})
    assert secret not in "".join(said)
    assert "t0ken-of-twilio" not in "".join(said)


def documented():
    """{setting: default as the page prints it} of the table in docs/configuration.md."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", page, re.MULTILINE))


def exemplified():
    """{setting: default} of .env.example."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_page_and_the_example_name_every_setting_and_no_other():
    assert list(documented()) == list(SETTINGS)
    assert list(exemplified()) == list(SETTINGS)


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"SECRET_KEY"}))
def test_the_page_and_the_example_tell_the_real_default(name):
    example = exemplified()[name]
    field = SETTINGS[name]
    assert documented()[name].strip("`") == (example or "empty")

    by_default = getattr(Config.from_env(ENOUGH), field.name)
    assert getattr(Config.from_env({**ENOUGH, name: example}), field.name) == by_default
    if field.default is not MISSING:
        assert by_default == field.default


def test_every_setting_is_read():
    read = {**TWILIO, "PORT": "81", "HOST": "::1", "DATA_DIR": "elsewhere", "UNION_NAME": "某工会"}
    read |= {"TIME_ZONE": "UTC", "DATABASE_URL": "postgresql://db/x", "LOG_LEVEL": "ERROR"}
    read |= {"TWILIO_AUTH_TOKEN_PREVIOUS": "old", "TWILIO_API_BASE_URL": "http://127.0.0.1:1"}
    read |= {"MAIL_HOST": "mail", "MAIL_PORT": "25", "MAIL_USER": "me", "MAIL_PASSWORD": "pw"}
    read |= {"MAIL_FROM": "a@b.example", "MAIL_STARTTLS": "off", "TICKER": "off", "SMS": "off"}
    read |= {"RING_COUNTRIES": "+852"}
    read |= {"THREADS": "16", "MAX_STREAMS": "9", "PROXIES": "1"}
    read |= {"METRICS_TOKEN": "m" * 24}
    assert set(read) == set(SETTINGS)

    config, plain = Config.from_env(read), Config.from_env(ENOUGH)
    same = {f.name for f in fields(Config) if getattr(config, f.name) == getattr(plain, f.name)}
    assert same == {"SECRET_KEY"}


@pytest.mark.parametrize(
    ("said", "may"), [("off", ()), ("+86 +852", ("+86", "+852")), ("", ("+86", "+852", "+853"))]
)
def test_where_calls_may_be_placed_to(said, may):
    assert Config.from_env({**ENOUGH, "RING_COUNTRIES": said}).countries_to_ring == may


def test_a_word_is_no_country():
    assert complaints({**ENOUGH, "RING_COUNTRIES": "China"})[0].startswith("RING_COUNTRIES")


def test_the_server_refuses_with_the_sentences_alone():
    told = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"],
        cwd=ROOT, env={**os.environ, "SECRET_KEY": "short", "PORT": "99999"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 1
    first, *sentences = told.stderr.splitlines()
    assert first == "The configuration has to be put right:"
    assert [one.split()[0] for one in sentences] == ["PORT", "SECRET_KEY"]


def test_the_server_refuses_two_processes_on_one_file(tmp_path):
    settings = {"SECRET_KEY": "x" * 40, "DATABASE_URL": f"sqlite:///{tmp_path}/one.sqlite"}
    settings |= {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "WEB_CONCURRENCY": "2"}
    told = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.returncode == 1
    assert "SQLite serves one process only." in told.stderr
