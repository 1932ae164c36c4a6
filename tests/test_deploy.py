"""What deploy/ says is so: settings that exist, commands we have, files that can be read.

Nothing of it is started here; docs/operations.md says what has been run and what has not.
"""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from app import create_app
from config import Config, ConfigError
from hotline.cli import COMMANDS
from hotline.database import connection_arguments
from models import db

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
READ_BY = {"SQLALCHEMY_DATABASE_URI": "DATABASE_URL"}
SETTINGS = {READ_BY.get(field.name, field.name) for field in fields(Config)}
OF_OTHERS = {"WEB_CONCURRENCY", "POSTGRES_PASSWORD"}  # gunicorn's, PostgreSQL's
COPIES = "/var/backups/huiyin"
PYTHONS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
OURS = [path for path in sorted(DEPLOY.rglob("*.env")) if path.name != "etcd.env"]
COMPOSE = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (DEPLOY / "compose/Dockerfile").read_text(encoding="utf-8")
NGINX = (DEPLOY / "nginx/huiyin.conf").read_text(encoding="utf-8")


def settings_of(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def name_of(path: Path) -> str:
    return path.relative_to(DEPLOY).as_posix()


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_every_setting_exists_and_the_whole_starts(path):
    settings = settings_of(path)
    if path.parent.name == "compose":  # the password stands in one place, the address beside it
        settings |= {"POSTGRES_PASSWORD": "secret"} | COMPOSE["services"]["web"]["environment"]
    assert set(settings) <= SETTINGS | OF_OTHERS
    filled = {
        "SECRET_KEY": "0123456789abcdef" * 4,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_NUMBER": "+861012345678",
    }
    given = {name: filled[name] for name in filled if name in settings}
    url = settings["DATABASE_URL"].replace("PUT-A-PASSWORD", "secret")
    config = Config.from_env({**settings, **given, "DATABASE_URL": url})
    assert config.SQLALCHEMY_DATABASE_URI.startswith("postgresql+psycopg://")


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_no_example_holds_a_secret(path):
    for name, value in settings_of(path).items():
        if re.search(r"KEY|TOKEN|PASSWORD", name):
            assert not value or value.startswith("PUT-"), name
    passwords = re.findall(r"://[^:/]+:([^@]+)@", path.read_text(encoding="utf-8"))
    assert set(passwords) <= {"PUT-A-PASSWORD"}


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_what_everybody_can_read_there_does_not_start(path):
    left = {name: value for name, value in settings_of(path).items() if "PUT-" in value}
    for name, value in left.items():
        with pytest.raises(ConfigError, match=rf"(?m)^{name} still .* the example"):
            Config.from_env({"SECRET_KEY": "0123456789abcdef" * 4, name: value})
    assert left or path.parent.name == "compose", "there the examples are empty"


def test_the_containers_do_not_start_with_what_the_example_says():
    """An empty password is refused by compose (`:?`), an empty key by us."""
    example = settings_of(DEPLOY / "compose/example.env")
    assert (example["POSTGRES_PASSWORD"], example["SECRET_KEY"]) == ("", "")
    services = COMPOSE["services"]
    ours = [one["environment"]["DATABASE_URL"] for one in services.values() if "env_file" in one]
    assert len(ours) == len(("prepare", "web", "worker"))
    for value in (*ours, services["database"]["environment"]["POSTGRES_PASSWORD"]):
        assert "${POSTGRES_PASSWORD:?" in value
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        Config.from_env(example)


def test_the_containers_name_settings_that_exist():
    named: set[str] = set()
    for service in COMPOSE["services"].values():
        if service["image"] == "huiyin":
            named |= set(service.get("environment", {}))
    named |= set(re.findall(r"([A-Z_]+)=", DOCKERFILE.partition("ENV ")[2].partition("USER")[0]))
    assert {"TICKER", "PROXIES", "HOST", "DATA_DIR"} <= named
    assert named <= SETTINGS | PYTHONS


def test_the_containers_run_what_we_have():
    services = COMPOSE["services"]
    commands = {command.name for command in COMMANDS}
    assert services["worker"]["command"][-1] in commands
    assert services["prepare"]["command"] == ["flask", "--app", "app", "db", "upgrade"]
    for service in ("database", "web", "proxy"):
        assert services[service]["healthcheck"]["test"]
    assert "USER huiyin" in DOCKERFILE


def test_the_image_holds_every_folder_that_the_program_needs():
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    named = {word for line in copied for word in line.split()}
    assert named >= {"app.py", "config.py", "gunicorn.conf.py", "hotline", "models", "templates"}
    assert named >= {"static", "translations", "migrations"}
    assert [word for word in named if not (ROOT / word).exists()] == []
    allowed = (DEPLOY / "compose/Dockerfile.dockerignore").read_text(encoding="utf-8")
    assert {f"!{word}" for word in named} <= set(allowed.splitlines())


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*.service")), ids=name_of)
def test_the_units_start_what_we_have(path):
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"([A-Z_]+)=", "".join(re.findall(r"^Environment=(.*)$", text, re.M))))
    assert named <= SETTINGS | PYTHONS
    (start,) = re.findall(r"^ExecStart=\S+/python -m (.+)$", text, re.MULTILINE)
    if start != "gunicorn --config gunicorn.conf.py app:create_app()":
        name, *words = re.fullmatch(r"flask --app app (.+)", start)[1].split()
        command = {one.name: one for one in COMMANDS}[name]
        context = command.make_context(name, [word.replace(COPIES, str(ROOT)) for word in words])
        assert context.info_name == name
    for wall in ("NoNewPrivileges=true", "ProtectSystem=strict", "User=huiyin", "PrivateTmp=true"):
        assert f"\n{wall}\n" in text


def test_systemd_understands_the_units(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine")
    for unit in (DEPLOY / "systemd").glob("huiyin-*"):
        text = unit.read_text(encoding="utf-8")  # what it starts is not installed here
        text = text.replace("/srv/huiyin/.venv/bin/python", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = sorted(str(unit) for unit in tmp_path.glob("huiyin-*"))
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "huiyin" in line]
    assert (ours, done.returncode) == ([], 0)


@pytest.mark.parametrize("timer", sorted((DEPLOY / "systemd").glob("*.timer")), ids=name_of)
def test_each_timer_starts_a_unit_that_may_write_its_copies(timer):
    """Every night a copy, every week a look at the newest, also after the machine was off."""
    told = timer.read_text(encoding="utf-8")
    assert "\nPersistent=true\n" in told
    (when,) = re.findall(r"^OnCalendar=(.+)$", told, re.MULTILINE)
    assert when.startswith("Sun " if "verify" in timer.name else "*-*-* ")
    unit = timer.with_suffix(".service").read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    (folder,) = re.findall(r"^ReadWritePaths=(.+)$", unit, re.MULTILINE)
    assert folder == COPIES in start
    assert "\nType=oneshot\n" in unit
    assert "[Install]" not in unit, "only its timer starts it"


def blocks() -> dict[str, str]:
    """{address: what nginx does with it} of the file for nginx."""
    found = re.findall(r"^    location (.+?) \{\n(.*?)^    \}", NGINX, re.MULTILINE | re.DOTALL)
    return dict(found)


def test_the_proxy_passes_targets_on_as_they_came_and_streams_at_once(app):
    assert set(re.findall(r"proxy_pass (.+);", NGINX)) == {"http://huiyin"}  # no path: unchanged
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    streams = {"/live", "/wall/live"}
    assert streams <= rules
    for stream in streams:
        assert "proxy_buffering off;" in blocks()[f"= {stream}"]
    assert "proxy_request_buffering on;" in NGINX
    assert any(rule.startswith("/hooks/") for rule in rules)
    assert "non_idempotent" in blocks()["/hooks/"]
    assert NGINX.count("{") == NGINX.count("}")


def test_patroni_keeps_what_was_acknowledged():
    patroni = yaml.safe_load((DEPLOY / "ha/patroni.yaml").read_text(encoding="utf-8"))
    rules = patroni["bootstrap"]["dcs"]
    assert rules["synchronous_mode"] is True
    assert rules["maximum_lag_on_failover"] == 0
    assert rules["postgresql"]["parameters"]["synchronous_commit"] == "on"


def test_the_database_has_room_for_every_connection():
    """web processes x (threads + 11), two machines, and the workers (docs/configuration.md)."""
    env = settings_of(DEPLOY / "ha/huiyin.env")
    of_a_machine = int(env["WEB_CONCURRENCY"]) * (int(env["THREADS"]) + 11) + 40
    patroni = yaml.safe_load((DEPLOY / "ha/patroni.yaml").read_text(encoding="utf-8"))
    room = patroni["bootstrap"]["dcs"]["postgresql"]["parameters"]["max_connections"]
    assert 2 * of_a_machine < room


def test_the_example_of_many_machines_reaches_whoever_leads(tmp_path):
    url = settings_of(DEPLOY / "ha/huiyin.env")["DATABASE_URL"].replace("PUT-A-PASSWORD", "secret")
    config = Config.from_env({"SECRET_KEY": "0123456789abcdef" * 4, "DATABASE_URL": url})
    app = create_app(config)
    with app.app_context():
        told = connection_arguments(db.engine)
    assert told["host"] == "10.0.0.21,10.0.0.22"
    assert told["target_session_attrs"] == "read-write"
