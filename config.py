"""Every setting of a deployment: addresses, secrets, adapters.

Business policy (targets, opening hours, number of attempts) is not here: it is data in the
database that an administrator edits. docs/configuration.md explains each setting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from click import ClickException

ROOT = Path(__file__).resolve().parent
SHORTEST_SECRET = 32
SHORTEST_TOKEN = 24
FEWEST_CHARACTERS = 10  # different ones; by chance 64 hexadecimal digits have 16
PORTS = range(1, 65536)
TELEPHONIES = ("simulator", "twilio")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOOPBACKS = frozenset({"127.0.0.1", "localhost", "::1"})
TO_REPLACE = "PUT-"  # so begins in deploy/ what everybody can read there
SWITCH = {"on": True, "off": False}
ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
# A server that has gone silent is given up while the caller still waits: seconds, milliseconds. One
# that was cut off after it took the question leaves nothing unanswered; only asking on shows that.
NO_ANSWER = {
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}
POSTGRESQL_PORT = "5432"
SERVER = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]+))?")
SEVERAL_SERVERS = re.compile(
    r"(?P<before>[^:]+://(?:[^@/]*@)?)(?P<servers>[^/?]*,[^/?]*)(?P<after>.*)"
)
COUNTRY = re.compile(r"\+[1-9]\d{0,5}")
E164 = re.compile(r"\+[1-9]\d{6,14}")


class ConfigError(ClickException):
    """The environment is not fit to start with: one sentence for each thing that is wrong.

    Every command of `flask` ends with these sentences, `flask doctor` too.
    """

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("\n".join(["The configuration has to be put right:", *complaints]))


@dataclass(frozen=True, kw_only=True)
class Config:
    """Read once at start-up and never changed. Upper case, so Flask extensions read it too.

    The fields are what a deployment sets, by environment variables of the same names
    (SQLALCHEMY_DATABASE_URI by DATABASE_URL); the rest follows from them.
    """

    SECRET_KEY: str
    SQLALCHEMY_DATABASE_URI: str
    PUBLIC_BASE_URL: str  # no slash at the end
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    PROXIES: int = 0  # how many stand before us; only what they say of an address is believed
    DATA_DIR: Path = ROOT / "var"
    UNION_NAME: str = "青澜区总工会"
    TIME_ZONE: str = "Asia/Shanghai"

    TELEPHONY: str = "simulator"  # or "twilio"
    TWILIO_ACCOUNT_SID: str = ""
    TWILIO_AUTH_TOKEN: str = ""
    TWILIO_AUTH_TOKEN_PREVIOUS: str = ""  # accepted too, while the token is being changed
    TWILIO_API_BASE_URL: str = "https://api.twilio.com"
    TWILIO_NUMBER: str = ""
    RING_COUNTRIES: str = "+86 +852 +853"  # where calls may be placed to; off: none is placed
    SMS: bool = True  # off: short messages are written to the log, no caller gets one

    MAIL_HOST: str = ""  # empty: mail is written to the log
    MAIL_PORT: int = 587
    MAIL_USER: str = ""
    MAIL_PASSWORD: str = ""
    MAIL_FROM: str = ""
    MAIL_STARTTLS: bool = True

    LOG_LEVEL: str = "INFO"
    METRICS_TOKEN: str = ""  # empty: there is no /metrics
    TICKER: bool = True  # run the sweeps in the web process
    THREADS: int = 64
    MAX_STREAMS: int = 40  # live pages at once; a stream holds a thread

    BABEL_DEFAULT_LOCALE: ClassVar = "zh"
    MAX_CONTENT_LENGTH: ClassVar = 2 * 1024 * 1024
    PERMANENT_SESSION_LIFETIME: ClassVar = timedelta(hours=12)
    SESSION_COOKIE_HTTPONLY: ClassVar = True
    SESSION_COOKIE_NAME: ClassVar = "huiyin_session"
    SESSION_COOKIE_SAMESITE: ClassVar = "Lax"
    WTF_CSRF_TIME_LIMIT: ClassVar = None  # a form may stay open as long as its session

    @property
    def BABEL_DEFAULT_TIMEZONE(self) -> str:
        return self.TIME_ZONE

    @property
    def countries_to_ring(self) -> tuple[str, ...]:
        """How the numbers begin that the telephone company may ring for us."""
        return tuple(one for one in self.RING_COUNTRIES.split() if one != "off")

    @property
    def SESSION_COOKIE_SECURE(self) -> bool:
        return self.PUBLIC_BASE_URL.startswith("https://")

    @property
    def SQLALCHEMY_ENGINE_OPTIONS(self) -> dict[str, Any]:
        # Errors are logged, and the values of a statement are names and numbers of callers.
        options: dict[str, Any] = {
            "pool_size": self.THREADS,
            "pool_pre_ping": True,
            # Few connections that know their statements, not all of them by turns.
            "pool_use_lifo": True,
            "hide_parameters": True,
        }
        if self.SQLALCHEMY_DATABASE_URI.startswith("postgresql"):
            options["connect_args"] = NO_ANSWER
        return options

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """The configuration that `environ` describes.

        Raises ConfigError, with every complaint at once.
        """
        env = _Reader(environ)
        port = env.number("PORT", cls.PORT, PORTS)
        data_dir = ROOT / env.text("DATA_DIR", "var")
        config = cls(
            SECRET_KEY=env.text("SECRET_KEY"),
            SQLALCHEMY_DATABASE_URI=_database_uri(env.text("DATABASE_URL"), data_dir),
            PUBLIC_BASE_URL=env.url("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}"),
            HOST=env.text("HOST", cls.HOST),
            PORT=port,
            PROXIES=env.number("PROXIES", cls.PROXIES, range(6)),
            DATA_DIR=data_dir,
            UNION_NAME=env.text("UNION_NAME", cls.UNION_NAME),
            TIME_ZONE=env.text("TIME_ZONE", cls.TIME_ZONE),
            TELEPHONY=env.one_of("TELEPHONY", cls.TELEPHONY, TELEPHONIES),
            TWILIO_ACCOUNT_SID=env.text("TWILIO_ACCOUNT_SID"),
            TWILIO_AUTH_TOKEN=env.text("TWILIO_AUTH_TOKEN"),
            TWILIO_AUTH_TOKEN_PREVIOUS=env.text("TWILIO_AUTH_TOKEN_PREVIOUS"),
            TWILIO_API_BASE_URL=env.url("TWILIO_API_BASE_URL", cls.TWILIO_API_BASE_URL),
            TWILIO_NUMBER=env.text("TWILIO_NUMBER"),
            RING_COUNTRIES=env.countries("RING_COUNTRIES", cls.RING_COUNTRIES),
            SMS=env.switch("SMS", cls.SMS),
            MAIL_HOST=env.text("MAIL_HOST"),
            MAIL_PORT=env.number("MAIL_PORT", cls.MAIL_PORT, PORTS),
            MAIL_USER=env.text("MAIL_USER"),
            MAIL_PASSWORD=env.text("MAIL_PASSWORD"),
            MAIL_FROM=env.text("MAIL_FROM"),
            MAIL_STARTTLS=env.switch("MAIL_STARTTLS", cls.MAIL_STARTTLS),
            LOG_LEVEL=env.one_of("LOG_LEVEL", cls.LOG_LEVEL, LOG_LEVELS),
            METRICS_TOKEN=env.text("METRICS_TOKEN"),
            TICKER=env.switch("TICKER", cls.TICKER),
            THREADS=env.number("THREADS", cls.THREADS, range(8, 1025)),
            MAX_STREAMS=env.number("MAX_STREAMS", cls.MAX_STREAMS, range(1, 1025)),
        )
        complaints = env.complaints + _contradictions(config)
        if complaints:
            raise ConfigError(complaints)
        return config


class _Reader:
    """Typed reading of an environment; what cannot be read becomes a complaint."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.complaints: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        text = self.environ.get(name, "").strip()
        if text.startswith(TO_REPLACE):
            self._complain(name, "still is what the example says: put a value of your own there")
        return text or default

    def number(self, name: str, default: int, allowed: range) -> int:
        text = self.text(name, str(default))
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) in allowed:
            return int(text)
        self._complain(name, f"must be a whole number from {allowed[0]} to {allowed[-1]}")
        return default

    def one_of(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(name, default)
        if text in choices:
            return text
        self._complain(name, f"must be one of: {', '.join(choices)}")
        return default

    def switch(self, name: str, default: bool) -> bool:
        return SWITCH[self.one_of(name, "on" if default else "off", tuple(SWITCH))]

    def countries(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if text == "off" or all(COUNTRY.fullmatch(one) for one in text.split()):
            return text
        self._complain(name, "must be codes of countries such as +86 +852, or off")
        return default

    def url(self, name: str, default: str) -> str:
        text = self.text(name, default).rstrip("/")
        if _is_origin(text):
            return text
        self._complain(name, "must look like https://hotline.example.org, without a path")
        return default

    def _complain(self, name: str, rule: str) -> None:
        self.complaints.append(f"{name} {rule}.")


def _is_origin(text: str) -> bool:
    """Whether `text` is scheme, host and perhaps port, and nothing else."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.lower() == origin


def _database_uri(url: str, data_dir: Path) -> str:
    """`url` with our driver named and a relative file name made absolute."""
    if not url:
        return f"sqlite:///{data_dir / 'huiyin.sqlite'}"
    if url.startswith("sqlite:///"):
        return f"sqlite:///{ROOT / url.removeprefix('sqlite:///')}"
    return _several_servers(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))


def _several_servers(url: str) -> str:
    """`url` as SQLAlchemy wants it where libpq's form names several servers: one:5432,two:5432."""
    found = SEVERAL_SERVERS.fullmatch(url)
    if found is None:
        return url
    path, _, query = found["after"].partition("?")
    servers = [SERVER.fullmatch(server) for server in found["servers"].split(",")]
    if None in servers:
        return url
    hosts = ",".join(server["host"].strip("[]") for server in servers if server)
    ports = ",".join(server["port"] or POSTGRESQL_PORT for server in servers if server)
    where = f"{found['before']}{path or '/'}?host={hosts}&port={ports}"
    return f"{where}&{query}" if query else where


def is_guessable(secret: str) -> bool:
    """Whether somebody typed a secret that repeats itself, instead of drawing one."""
    return len(set(secret)) < FEWEST_CHARACTERS


def _contradictions(config: Config) -> list[str]:
    """One sentence for every rule that `config` breaks; none when it is fit to start."""
    database, threads = config.SQLALCHEMY_DATABASE_URI, config.THREADS
    rules = [
        (
            len(config.SECRET_KEY) >= SHORTEST_SECRET,
            f"SECRET_KEY needs {SHORTEST_SECRET} characters or more; scripts/run makes one.",
        ),
        (
            database.startswith(("sqlite:///", "postgresql+psycopg://"))
            and not database.endswith(":memory:"),
            "DATABASE_URL must be postgresql://… or sqlite:///… with the name of a file.",
        ),
        (
            f":{TO_REPLACE}" not in database,
            "DATABASE_URL still has the password of the example, which everybody can read.",
        ),
        (
            config.TIME_ZONE in available_timezones(),
            "TIME_ZONE must be a name such as Asia/Shanghai.",
        ),
        (
            bool(config.MAIL_FROM) or not config.MAIL_HOST,
            "MAIL_FROM is missing: with MAIL_HOST set, mail needs a sender.",
        ),
        (
            not config.METRICS_TOKEN or len(config.METRICS_TOKEN) >= SHORTEST_TOKEN,
            f"METRICS_TOKEN needs {SHORTEST_TOKEN} characters or more, or must be empty.",
        ),
        (
            threads > config.MAX_STREAMS,
            f"MAX_STREAMS must be smaller than THREADS ({threads}): every stream holds a thread.",
        ),
    ]
    rules += _twilio_rules(config) if config.TELEPHONY == "twilio" else _simulator_rules(config)
    return [sentence for kept, sentence in rules if not kept]


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent to `url`."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACKS


def _twilio_rules(config: Config) -> list[tuple[bool, str]]:
    return [
        (
            ACCOUNT_SID.fullmatch(config.TWILIO_ACCOUNT_SID) is not None,
            "TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.",
        ),
        (bool(config.TWILIO_AUTH_TOKEN), "TWILIO_AUTH_TOKEN is missing."),
        (
            E164.fullmatch(config.TWILIO_NUMBER) is not None,
            "TWILIO_NUMBER must be written with + and the country code, such as +861012345678.",
        ),
        (
            config.PUBLIC_BASE_URL.startswith("https://"),
            "PUBLIC_BASE_URL must be the https:// address under which Twilio reaches us.",
        ),
        (
            _is_private(config.TWILIO_API_BASE_URL),
            "TWILIO_API_BASE_URL must begin with https://: the token would travel in clear.",
        ),
        (
            not is_guessable(config.SECRET_KEY),
            "SECRET_KEY is too regular to be a secret; scripts/secret makes one.",
        ),
    ]


def _simulator_rules(config: Config) -> list[tuple[bool, str]]:
    secrets = (
        config.TWILIO_ACCOUNT_SID,
        config.TWILIO_AUTH_TOKEN,
        config.TWILIO_AUTH_TOKEN_PREVIOUS,
    )
    return [
        (
            not any(secrets),
            "The simulator does not start beside Twilio credentials: "
            "set TELEPHONY=twilio, or remove TWILIO_ACCOUNT_SID and the tokens.",
        )
    ]
